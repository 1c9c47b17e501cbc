#pragma once
/// Opening the CPU backend, its formats and its memory.

#include <pix2pixhd/backend/cpu/cpu_backend.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <fstream>
#include <string>
#include <thread>

namespace pix2pixhd::inline v0 {
namespace detail {

inline int thread_count(const DeviceOptions& options) {
  require(options.threads >= 0, "the cpu backend was asked for ", options.threads,
          " threads; give a positive number, or 0 for all cores.");
  if (options.threads > 0) return options.threads;
  const unsigned cores = std::thread::hardware_concurrency();
  return cores > 0 ? static_cast<int>(cores) : 1;
}

inline void check_cpu_precision(Precision precision) {
  require(precision == Precision::f32 || precision == Precision::bf16, "the cpu backend does not compute in ",
          to_string(precision), "; open it with precision f32 or bf16.");
}

/// "model name" of the first processor, where the system tells it.
inline std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (line.rfind("model name", 0) == 0 && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown processor";
}

}  // namespace detail

PIX2PIXHD_INLINE CpuBackend::CpuBackend(const DeviceOptions& options, Isa isa) : Backend(options), isa_(isa) {
  detail::check_cpu_precision(options.precision);
  if (isa > best_isa()) {
    const bool tiles_alone = isa == Isa::amx_bf16 && best_isa() == Isa::avx512_bf16;
    const char* const reason = tiles_alone ? detail::no_tile_registers() : nullptr;
    throw Error(detail::sentence("this machine has no ", to_string(isa), reason ? ": " : "", reason ? reason : "",
                                 "; the best instruction set it has is ", to_string(best_isa()), "."));
  }
  pool_ = std::make_shared<ThreadPool>(detail::thread_count(options));
}

PIX2PIXHD_INLINE CpuBackend::CpuBackend(const CpuBackend& device, Precision precision)
    : Backend(device, precision), isa_(device.isa_), pool_(device.pool_), blocks_(device.blocks_) {}

PIX2PIXHD_INLINE std::shared_ptr<Backend> CpuBackend::in_precision(Precision precision) {
  if (precision == options().precision) return shared_from_this();
  detail::check_cpu_precision(precision);
  return std::shared_ptr<Backend>(new CpuBackend(*this, precision));
}

PIX2PIXHD_INLINE bool CpuBackend::accepts(const Backend& other) const {
  const auto* const cpu = dynamic_cast<const CpuBackend*>(&other);
  return cpu && cpu->pool_ == pool_;  // the same device, perhaps in another precision
}

PIX2PIXHD_INLINE std::string CpuBackend::description() const {
  return detail::sentence(detail::processor_name(), ", ", to_string(isa_), ", ", threads(),
                          threads() == 1 ? " thread" : " threads");
}

PIX2PIXHD_INLINE Format CpuBackend::format(const Shape& shape, Role role) const {
  if ((role == Role::activation || role == Role::float_activation) && shape.c >= detail::cpu_blocked_from)
    return {.type = role == Role::activation && options().precision == Precision::bf16 ? DataType::bf16 : DataType::f32,
            .layout = Layout::blocked,
            .block = detail::cpu_block};
  return {.type = DataType::f32, .layout = Layout::plain, .block = 1};
}

PIX2PIXHD_INLINE std::shared_ptr<void> CpuBackend::allocate_bytes(std::size_t bytes) {
  std::shared_ptr<void> memory = blocks_->allocate(bytes);
  if (!memory)
    throw OutOfMemory(detail::sentence("cpu: the system has no memory for ", bytes,
                                       " bytes; use a smaller picture, or close other programs."));
  return memory;
}

PIX2PIXHD_INLINE Device cpu(DeviceOptions options) { return cpu(options, best_isa()); }

PIX2PIXHD_INLINE Device cpu(DeviceOptions options, Isa isa) {
  return Device(std::make_shared<CpuBackend>(options, isa));
}

}  // namespace pix2pixhd::inline v0
