#pragma once
/// Running plans against the clock.

#include <pix2pixhd/backend/cuda/plan_choice.hpp>
#include <pix2pixhd/backend/cuda/plan_timing.hpp>
#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>

namespace pix2pixhd::inline v0::backend_cuda {

/// Memory straight from the driver: what is used once, before a pass has taken its own, does not belong in a cache.
/// What that keeps goes back to the driver where the driver has too little.
class TrialMemory {
 public:
  TrialMemory(DeviceMemory& cache, std::size_t bytes) {
    if (allocate(bytes)) return;
    cache.release();
    if (!allocate(bytes)) address_ = 0;
  }
  TrialMemory(const TrialMemory&) = delete;
  TrialMemory& operator=(const TrialMemory&) = delete;
  ~TrialMemory() {
    if (address_ != 0) driver::functions().free(address_);
  }
  driver::Address address() const { return address_; }

 private:
  bool allocate(std::size_t bytes) { return driver::functions().allocate(&address_, bytes) == driver::success; }

  driver::Address address_ = 0;
};

/// Seconds of one run of a plan.
inline double run_seconds(CudaStream& stream, cudnn::Handle handle, const ConvolutionPlan& plan,
                          const ConvolutionOperands& operands) {
  const CudaStream::Moment start = stream.mark();
  execute(handle, plan, operands);
  return stream.seconds_between(start, stream.mark());
}

PIX2PIXHD_INLINE std::vector<double> time_plans(CudaStream& stream, DeviceMemory& cache, cudnn::Handle handle,
                                                const PlanCandidates& plans) {
  constexpr int runs = 3;                  // that count
  constexpr double hopeless = 2;           // times the least so far: not run again
  constexpr std::size_t align = 256;       // what cuDNN asks of a workspace
  constexpr unsigned char filling = 0x3c;  // 0.01 in bf16 and f32, 1 in f16: zeros take less power and so less time
  if (plans.empty() || stream.recording()) return {};
  const ConvolutionProblem& problem = plans.front()->problem;
  const auto room = [&](const Shape& shape) {
    return (shape.count() * size_of(problem.type) + align - 1) / align * align;
  };
  const std::size_t x = room(problem.x()), filter = room(problem.filter()), y = room(problem.y());
  const std::size_t most = largest_workspace(problem);  // what needs more is not taken, however fast it is
  std::size_t workspace = 0;
  for (const auto& plan : plans)
    if (plan->workspace <= most) workspace = std::max(workspace, plan->workspace);
  const TrialMemory memory(cache, x + filter + y + workspace + 1);
  if (memory.address() == 0) return {};
  if (driver::functions().fill_bytes(memory.address(), filling, x + filter + y, stream.get()) != driver::success)
    return {};
  const auto at = [&](std::size_t offset) {
    return std::bit_cast<void*>(static_cast<std::uintptr_t>(memory.address() + offset));
  };
  const ConvolutionOperands operands{.x = at(0), .filter = at(x), .y = at(x + filter), .workspace = at(x + filter + y)};

  std::vector<double> result;
  double least = std::numeric_limits<double>::infinity();
  for (const auto& plan : plans) {
    double seconds = std::numeric_limits<double>::infinity();
    if (plan->workspace <= most) try {
        run_seconds(stream, handle, *plan, operands);  // may load the kernel, for longer than many runs of it take
        for (int run = 0; run < runs && (run == 0 || seconds < hopeless * least); ++run)
          seconds = std::min(seconds, run_seconds(stream, handle, *plan, operands));
      } catch (const Error&) {  // it is not taken; if the device is lost the next call says so
      }
    least = std::min(least, seconds);
    result.push_back(seconds);
  }
  return result;
}

}  // namespace pix2pixhd::inline v0::backend_cuda
