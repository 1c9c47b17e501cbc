#pragma once
/// Compiling, copying and launching.

#include <pix2pixhd/backend/cuda/disk_cache.hpp>
#include <pix2pixhd/backend/cuda/kernels/source.hpp>
#include <pix2pixhd/backend/cuda/nvrtc.hpp>
#include <pix2pixhd/backend/cuda/queue.hpp>
#include <pix2pixhd/backend/cuda/value_type.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0::backend_cuda {

inline driver::Address address_of(const void* memory) {
  return static_cast<driver::Address>(reinterpret_cast<std::uintptr_t>(memory));
}

/// Machine code of the kernels, from the disk cache where it is there.
inline std::vector<char> kernel_code(const std::string& architecture, DataType type) {
  const std::string text = kernels::source(type);
  const nvrtc::Functions& f = nvrtc::functions();
  detail::require(f.problem.empty(), f.problem);
  const DiskCache cache;
  const std::string key = detail::sentence("kernels, NVRTC ", f.major, ".", f.minor, ", ", architecture, ", ",
                                           type_name(type), ", ", hash_of(text));
  if (auto code = cache.read(key)) return std::move(*code);
  std::vector<char> code = nvrtc::compile(text, architecture, {"--std=c++17"});
  cache.write(key, code);
  return code;
}

PIX2PIXHD_INLINE CudaQueue::CudaQueue(std::shared_ptr<CudaContext> context, DataType type,
                                      const ConvolutionRules& rules)
    : context_(std::move(context)) {
  try {
    open(type, rules);
  } catch (...) {
    close();
    throw;
  }
}

PIX2PIXHD_INLINE CudaQueue::~CudaQueue() { close(); }

PIX2PIXHD_INLINE void CudaQueue::open(DataType type, const ConvolutionRules& rules) {
  const driver::Functions& f = driver::functions();
  const std::vector<char> code = kernel_code(context_->facts().architecture(), type);
  const CudaContext::Use use(*context_);
  check(f.create_stream(&stream_, driver::stream_non_blocking), "making a stream");
  staging_ = std::make_unique<Staging>(context_, stream_);
  check(f.load_module(&module_, code.data()), "loading the kernels");
  for (int i = 0; i < kernels::count; ++i)
    check(f.find_function(&functions_[static_cast<std::size_t>(i)], module_,
                          (std::string("run_") + kernels::names[i]).c_str()),
          "finding a kernel");
  const cudnn::Functions& dnn = cudnn::functions();
  detail::require(dnn.problem.empty(), dnn.problem);
  cudnn::Status status = dnn.create(&cudnn_);
  if (status == cudnn::success) status = dnn.set_stream(cudnn_, stream_);
  if (status != cudnn::success)
    throw Error(detail::sentence(context_->name(), ": cuDNN could not be started: ", cudnn::describe(status)));
  const DeviceFacts& facts = context_->facts();
  plans_ = std::make_unique<ConvolutionPlans>(
      cudnn_,
      detail::sentence(facts.model, ", ", facts.multiprocessors, " multiprocessors, capability ", facts.capability,
                       ", driver ", f.version),
      rules, DiskCache());
}

PIX2PIXHD_INLINE void CudaQueue::close() noexcept {
  const driver::Functions& f = driver::functions();
  try {
    const CudaContext::Use use(*context_);
    if (stream_) f.synchronise(stream_);
    plans_.reset();
    if (cudnn_) cudnn::functions().destroy(cudnn_);
    if (module_) f.unload_module(module_);
    staging_.reset();
    if (stream_) f.destroy_stream(stream_);
  } catch (const Error&) {  // a device that was lost has nothing left to destroy
  }
}

PIX2PIXHD_INLINE void CudaQueue::copy_to_device(void* to, const void* from, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  const CudaContext::Use use(*context_);
  staging_->copy_to_device(to, from, bytes);
}

PIX2PIXHD_INLINE void CudaQueue::copy_to_host(void* to, const void* from, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  const CudaContext::Use use(*context_);
  staging_->copy_to_host(to, from, bytes);
}

PIX2PIXHD_INLINE void CudaQueue::copy(void* to, const void* from, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  const CudaContext::Use use(*context_);
  check(driver::functions().copy_on_device(address_of(to), address_of(from), bytes, stream_), "copying on the device");
}

PIX2PIXHD_INLINE void CudaQueue::clear(void* to, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  const CudaContext::Use use(*context_);
  check(driver::functions().fill_bytes(address_of(to), 0, bytes, stream_), "clearing memory");
}

PIX2PIXHD_INLINE const ConvolutionPlan& CudaQueue::plan(const ConvolutionProblem& problem) {
  const std::lock_guard lock(mutex_);
  const CudaContext::Use use(*context_);
  return plans_->plan(problem);
}

PIX2PIXHD_INLINE void CudaQueue::convolve(const ConvolutionPlan& plan, const ConvolutionOperands& operands) {
  const std::lock_guard lock(mutex_);
  const CudaContext::Use use(*context_);
  execute(cudnn_, plan, operands);
}

PIX2PIXHD_INLINE void CudaQueue::synchronise() {
  const std::lock_guard lock(mutex_);
  const CudaContext::Use use(*context_);
  check(driver::functions().synchronise(stream_), "waiting for the device");
}

PIX2PIXHD_INLINE CudaQueue::Moment CudaQueue::mark() {
  const driver::Functions& f = driver::functions();
  const std::lock_guard lock(mutex_);
  const CudaContext::Use use(*context_);
  driver::Event event = nullptr;
  check(f.create_event(&event, 0), "making an event");
  Moment moment(event, [](driver::Event made) { driver::functions().destroy_event(made); });
  check(f.record_event(event, stream_), "noting a moment");
  return moment;
}

PIX2PIXHD_INLINE double CudaQueue::seconds_between(const Moment& earlier, const Moment& later) {
  const driver::Functions& f = driver::functions();
  const std::lock_guard lock(mutex_);
  const CudaContext::Use use(*context_);
  check(f.wait_event(later.get()), "waiting for a moment");
  float milliseconds = 0;
  check(f.elapsed(&milliseconds, earlier.get(), later.get()), "measuring time");
  return static_cast<double>(milliseconds) / 1e3;
}

PIX2PIXHD_INLINE driver::GraphExec CudaQueue::record(const std::function<void()>& pass) {
  const driver::Functions& f = driver::functions();
  const std::lock_guard lock(mutex_);
  const CudaContext::Use use(*context_);
  check(f.begin_capture(stream_, driver::capture_mode_relaxed), "recording a pass");
  driver::Graph graph = nullptr;
  try {
    pass();
  } catch (...) {
    if (f.end_capture(stream_, &graph) == driver::success && graph) f.destroy_graph(graph);
    throw;
  }
  check(f.end_capture(stream_, &graph), "recording a pass");
  driver::GraphExec result = nullptr;
  const driver::Result made = f.instantiate(&result, graph, 0);
  f.destroy_graph(graph);
  check(made, "preparing a recorded pass");
  return result;
}

PIX2PIXHD_INLINE void CudaQueue::repeat(driver::GraphExec work) {
  const std::lock_guard lock(mutex_);
  const CudaContext::Use use(*context_);
  check(driver::functions().launch_graph(work, stream_), "repeating a recorded pass");
}

PIX2PIXHD_INLINE void CudaQueue::forget(driver::GraphExec work) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    const CudaContext::Use use(*context_);
    driver::functions().synchronise(stream_);
    driver::functions().destroy_exec(work);
  } catch (const Error&) {  // a device that was lost has forgotten it
  }
}

PIX2PIXHD_INLINE void CudaQueue::launch_raw(kernels::Name kernel, const Grid& grid, void* arguments) {
  const std::lock_guard lock(mutex_);
  const CudaContext::Use use(*context_);
  const auto i = static_cast<std::size_t>(kernel);
  const driver::Result result = driver::functions().launch(
      functions_[i], grid.x, grid.y, grid.z, kernels::threads_per_block, 1, 1, 0, stream_, &arguments, nullptr);
  if (result != driver::success) check(result, detail::sentence("the kernel ", kernels::names[i]).c_str());
}

}  // namespace pix2pixhd::inline v0::backend_cuda
