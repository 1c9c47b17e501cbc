#pragma once
/// The work of a backend, in order: copies, kernels and convolutions in one stream of a device.

#include <pix2pixhd/backend/cuda/context.hpp>
#include <pix2pixhd/backend/cuda/convolution_plan.hpp>
#include <pix2pixhd/backend/cuda/kernels/arguments.hpp>
#include <pix2pixhd/backend/cuda/staging.hpp>
#include <pix2pixhd/core/tensor.hpp>

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <type_traits>

namespace pix2pixhd::inline v0::backend_cuda {

/// Blocks of a launch.
struct Grid {
  unsigned x = 1, y = 1, z = 1;
};

/// As many blocks as `threads` need. Throws Error where the kernels, which number their threads by int, could not.
inline Grid grid_of(std::size_t threads) {
  constexpr std::size_t most = (std::size_t{1} << 31) - kernels::threads_per_block;
  detail::require(threads <= most, "an operation on cuda needs ", threads, " threads, at most ", most,
                  " are possible; use a smaller picture or a smaller batch");
  return {static_cast<unsigned>((threads + kernels::threads_per_block - 1) / kernels::threads_per_block), 1, 1};
}

class CudaQueue {
 public:
  /// Compiles the kernels for values of `type`, or finds them in the disk cache.
  CudaQueue(std::shared_ptr<CudaContext> context, DataType type, const ConvolutionRules& rules);
  CudaQueue(const CudaQueue&) = delete;
  CudaQueue& operator=(const CudaQueue&) = delete;
  ~CudaQueue();

  const CudaContext& context() const { return *context_; }

  /// Keeps other threads' work out of the queue while it is held. Who locks something else and then puts work into the
  /// queue takes this first, as record() does.
  std::unique_lock<std::recursive_mutex> hold() { return std::unique_lock(mutex_); }

  /// Host memory may be reused when copy_to_device returns, and is filled when copy_to_host returns.
  void copy_to_device(void* to, const void* from, std::size_t bytes);
  void copy_to_host(void* to, const void* from, std::size_t bytes);
  void copy(void* to, const void* from, std::size_t bytes);
  void clear(void* to, std::size_t bytes);

  template <class Arguments>
  void launch(kernels::Name kernel, const Grid& grid, const Arguments& arguments) {
    Arguments copy = arguments;  // the driver takes its own copy, from memory that is not const
    launch_raw(kernel, grid, &copy);
  }
  /// The plan for a convolution, made at the first call. Throws Error if cuDNN has none.
  const ConvolutionPlan& plan(const ConvolutionProblem& problem);
  void convolve(const ConvolutionPlan& plan, const ConvolutionOperands& operands);

  /// Waits until everything so far is done. Throws Error if any of it failed.
  void synchronise();

  /// A moment in the queue: when everything before it is done.
  using Moment = std::shared_ptr<std::remove_pointer_t<driver::Event>>;
  Moment mark();
  /// Seconds from one moment to a later one, as the device counts them; waits for it.
  double seconds_between(const Moment& earlier, const Moment& later);

  /// The work that `pass` puts into this queue, recorded and not done; other threads' work waits meanwhile.
  driver::GraphExec record(const std::function<void()>& pass);
  void repeat(driver::GraphExec work);
  void forget(driver::GraphExec work) noexcept;

 private:
  void open(DataType type, const ConvolutionRules& rules);
  void close() noexcept;
  void launch_raw(kernels::Name kernel, const Grid& grid, void* arguments);
  void check(driver::Result result, const char* what) const { check_driver(result, context_->name(), what); }

  std::shared_ptr<CudaContext> context_;
  driver::Stream stream_ = nullptr;
  driver::Module module_ = nullptr;
  std::array<driver::Function, kernels::count> functions_{};
  cudnn::Handle cudnn_ = nullptr;
  std::unique_ptr<ConvolutionPlans> plans_;
  std::unique_ptr<Staging> staging_;
  /// Of the staging memory and of cuDNN's handle; held by one thread while it records.
  std::recursive_mutex mutex_;
};

}  // namespace pix2pixhd::inline v0::backend_cuda

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cuda/queue-inl.hpp>
#endif
