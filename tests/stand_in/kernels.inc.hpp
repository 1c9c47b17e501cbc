// The kernels for one type of values, which PIX2PIXHD_CHOSEN(name, text) chooses, in a namespace of their own.
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wunused-parameter"

#define PIX2PIXHD_VALUE_TEXT(name, ...) PIX2PIXHD_CHOSEN_##name(__VA_ARGS__)
#define PIX2PIXHD_KERNEL_TEXT(...) __VA_ARGS__
#include <pix2pixhd/backend/cuda/kernels/values.inc.hpp>
#include <pix2pixhd/backend/cuda/kernels/arguments.inc.hpp>
#include <pix2pixhd/backend/cuda/kernels/channels.inc.hpp>
#include <pix2pixhd/backend/cuda/kernels/chunks.inc.hpp>
#include <pix2pixhd/backend/cuda/kernels/common.inc.hpp>
#include <pix2pixhd/backend/cuda/kernels/columns.inc.hpp>
#include <pix2pixhd/backend/cuda/kernels/expand_map.inc.hpp>
#include <pix2pixhd/backend/cuda/kernels/filters.inc.hpp>
#include <pix2pixhd/backend/cuda/kernels/gradient_sums.inc.hpp>
#include <pix2pixhd/backend/cuda/kernels/layout.inc.hpp>
#include <pix2pixhd/backend/cuda/kernels/map.inc.hpp>
#include <pix2pixhd/backend/cuda/kernels/map_sums_tile.inc.hpp>
#include <pix2pixhd/backend/cuda/kernels/map_sums.inc.hpp>
#include <pix2pixhd/backend/cuda/kernels/map_sums_pooled.inc.hpp>
#include <pix2pixhd/backend/cuda/kernels/normalise.inc.hpp>
#include <pix2pixhd/backend/cuda/kernels/pooling.inc.hpp>
#include <pix2pixhd/backend/cuda/kernels/statistics.inc.hpp>
#include <pix2pixhd/backend/cuda/kernels/training.inc.hpp>

template <class Kernel, int Number>
void run_phase(Thread t, typename Kernel::Shared& shared, const typename Kernel::Arguments& a, bool backwards) {
  for (int i = 0; i < threads_per_block; ++i) {
    t.x = backwards ? threads_per_block - 1 - i : i;
    Kernel::phase(Phase<Number>(), t, shared, a);
  }
}

template <class Kernel>
void run_kernel(unsigned grid_x, unsigned grid_y, unsigned grid_z, const void* arguments) {
  const auto& a = *static_cast<const typename Kernel::Arguments*>(arguments);
  static typename Kernel::Shared shared;
  const bool backwards = threads_run_backwards();
  for (unsigned z = 0; z < grid_z; ++z)
    for (unsigned y = 0; y < grid_y; ++y)
      for (unsigned x = 0; x < grid_x; ++x) {
        const Thread t = {0, static_cast<int>(x), static_cast<int>(y), static_cast<int>(z), static_cast<int>(grid_x)};
        std::memset(static_cast<void*>(&shared), 0xff, sizeof shared);  // NaN
        run_phase<Kernel, 0>(t, shared, a, backwards);
        if constexpr (Kernel::phases > 1) run_phase<Kernel, 1>(t, shared, a, backwards);
        if constexpr (Kernel::phases > 2) run_phase<Kernel, 2>(t, shared, a, backwards);
        if constexpr (Kernel::phases > 3) run_phase<Kernel, 3>(t, shared, a, backwards);
        if constexpr (Kernel::phases > 4) run_phase<Kernel, 4>(t, shared, a, backwards);
      }
}

const HostKernel all_kernels[] = {
#define PIX2PIXHD_KERNEL(name) {"run_" #name, sizeof(name::Arguments), run_kernel<name>},
#include <pix2pixhd/backend/cuda/kernels/list.inc.hpp>
#undef PIX2PIXHD_KERNEL
};

const HostKernel* find_kernel(const char* name) {
  for (const HostKernel& kernel : all_kernels)
    if (std::strcmp(kernel.name, name) == 0) return &kernel;
  return nullptr;
}
