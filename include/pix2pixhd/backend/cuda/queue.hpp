#pragma once
/// Kernels and convolutions of a backend, put into a stream of a device.

#include <pix2pixhd/backend/cuda/convolution_plan.hpp>
#include <pix2pixhd/backend/cuda/counted.hpp>
#include <pix2pixhd/backend/cuda/device_memory.hpp>
#include <pix2pixhd/backend/cuda/kernels/arguments.hpp>
#include <pix2pixhd/backend/cuda/stream.hpp>
#include <pix2pixhd/core/tensor.hpp>

#include <array>
#include <cstddef>
#include <memory>

namespace pix2pixhd::inline v0::backend_cuda {

/// Blocks of a launch.
struct Grid {
  unsigned x = 1, y = 1, z = 1;
};

/// As many blocks as `threads` need. Throws Error where the kernels, which number their threads by int, could not.
inline Grid grid_of(std::size_t threads) {
  const int number = counted(threads, "threads");
  return {static_cast<unsigned>((number + kernels::threads_per_block - 1) / kernels::threads_per_block), 1, 1};
}

class CudaQueue {
 public:
  /// Compiles the kernels for values of `type`, or finds them in the disk cache. `memory` is the device's.
  CudaQueue(std::shared_ptr<CudaStream> stream, std::shared_ptr<DeviceMemory> memory, DataType type,
            const ConvolutionRules& rules);
  CudaQueue(const CudaQueue&) = delete;
  CudaQueue& operator=(const CudaQueue&) = delete;
  ~CudaQueue();

  CudaStream& stream() const { return *stream_; }
  const std::shared_ptr<CudaStream>& shared_stream() const { return stream_; }

  template <class Arguments>
  void launch(kernels::Name kernel, const Grid& grid, const Arguments& arguments) {
    Arguments copy = arguments;  // the driver takes its own copy, from memory that is not const
    launch_raw(kernel, grid, &copy);
  }
  /// The plan for a convolution, made at the first call. Throws Error if cuDNN has none.
  const ConvolutionPlan& plan(const ConvolutionProblem& problem);
  void convolve(const ConvolutionPlan& plan, const ConvolutionOperands& operands);

 private:
  void open(DataType type, const ConvolutionRules& rules);
  void close() noexcept;
  void launch_raw(kernels::Name kernel, const Grid& grid, void* arguments);
  const CudaContext& context() const { return stream_->context(); }
  void check(driver::Result result, const char* what) const { check_driver(result, context().name(), what); }

  std::shared_ptr<CudaStream> stream_;
  std::shared_ptr<DeviceMemory> memory_;
  driver::Module module_ = nullptr;
  std::array<driver::Function, kernels::count> functions_{};
  cudnn::Handle cudnn_ = nullptr;
  std::unique_ptr<ConvolutionPlans> plans_;
};

}  // namespace pix2pixhd::inline v0::backend_cuda

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cuda/queue-inl.hpp>
#endif
