#pragma once
/// Putting the text together.

#include <pix2pixhd/backend/cuda/kernels/arguments.hpp>
#include <pix2pixhd/backend/cuda/kernels/source.hpp>
#include <pix2pixhd/backend/cuda/value_type.hpp>
#include <pix2pixhd/core/error.hpp>

namespace pix2pixhd::inline v0::backend_cuda::kernels {

/// What the device offers and the host's shim (tests/stand_in/shim.hpp) imitates.
inline constexpr const char* device_text = R"cuda(
#define PIX2PIXHD_DEVICE static __device__ __forceinline__
#define PIX2PIXHD_UNROLL _Pragma("unroll")
#define PIX2PIXHD_NO_UNROLL _Pragma("unroll 1")
PIX2PIXHD_DEVICE float float_of_bits(unsigned x) { return __uint_as_float(x); }
PIX2PIXHD_DEVICE unsigned bits_of_float(float x) { return __float_as_uint(x); }
PIX2PIXHD_DEVICE int lowest_bit(unsigned x) { return __ffs((int)x) - 1; }
PIX2PIXHD_DEVICE float float_of_half(unsigned short x) {
  float r;
  asm("cvt.f32.f16 %0, %1;" : "=f"(r) : "h"(x));
  return r;
}
PIX2PIXHD_DEVICE unsigned short half_of_float(float x) {
  unsigned short r;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(r) : "f"(x));
  return r;
}
PIX2PIXHD_DEVICE unsigned short bf16_of_float(float x) {
  unsigned short r;
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(r) : "f"(x));
  return r;
}
)cuda";

/// The function that the driver launches for a kernel.
inline constexpr const char* entry_text = R"cuda(
template <class...>
using Void = void;
// Blocks of a kernel that a multiprocessor must have registers for: what the kernel asks for, if it does.
template <class Kernel, class Asked = void>
struct ResidentBlocks {
  enum { number = 0 };
};
template <class Kernel>
struct ResidentBlocks<Kernel, Void<decltype(Kernel::resident_blocks)>> {
  enum { number = Kernel::resident_blocks };
};
template <class Kernel>
static __device__ __forceinline__ void run(const typename Kernel::Arguments& a) {
  __shared__ typename Kernel::Shared shared;
  const Thread t = {(int)threadIdx.x, (int)blockIdx.x, (int)blockIdx.y, (int)blockIdx.z, (int)gridDim.x};
  Kernel::phase(Phase<0>(), t, shared, a);
  if constexpr (Kernel::phases > 1) {
    __syncthreads();
    Kernel::phase(Phase<1>(), t, shared, a);
  }
  if constexpr (Kernel::phases > 2) {
    __syncthreads();
    Kernel::phase(Phase<2>(), t, shared, a);
  }
  if constexpr (Kernel::phases > 3) {
    __syncthreads();
    Kernel::phase(Phase<3>(), t, shared, a);
  }
  if constexpr (Kernel::phases > 4) {
    __syncthreads();
    Kernel::phase(Phase<4>(), t, shared, a);
  }
}
)cuda";

/// A text that the preprocessor left in one line, with lines again, so that messages of the compiler can name them.
inline std::string with_lines(const char* text) {
  std::string result;
  for (const char* c = text; *c; ++c) {
    result += *c;
    if (*c == ';' || *c == '{' || *c == '}') result += '\n';
  }
  return result + '\n';
}

PIX2PIXHD_INLINE std::string source(DataType type) {
  const char* value = "";
#define PIX2PIXHD_VALUE_TEXT(name, ...) \
  if (type == DataType::name) value = #__VA_ARGS__;
#include <pix2pixhd/backend/cuda/kernels/values.inc.hpp>
#undef PIX2PIXHD_VALUE_TEXT
  std::string result = detail::sentence("// Activations are stored as ", type_name(type), ".\n", device_text);
  result += with_lines(value);
#define PIX2PIXHD_KERNEL_TEXT(...) result += with_lines(#__VA_ARGS__);
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
#undef PIX2PIXHD_KERNEL_TEXT
  result += entry_text;
  for (const std::string name : names)
    result += detail::sentence("extern \"C\" __global__ void __launch_bounds__(threads_per_block, ResidentBlocks<",
                               name, ">::number) run_", name, "(", name, "::Arguments a) { run<", name, ">(a); }\n");
  return result;
}

}  // namespace pix2pixhd::inline v0::backend_cuda::kernels
