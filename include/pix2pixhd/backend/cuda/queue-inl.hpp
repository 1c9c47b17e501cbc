#pragma once
/// Compiling and launching.

#include <pix2pixhd/backend/cuda/disk_cache.hpp>
#include <pix2pixhd/backend/cuda/kernels/source.hpp>
#include <pix2pixhd/backend/cuda/nvrtc.hpp>
#include <pix2pixhd/backend/cuda/plan_timing.hpp>
#include <pix2pixhd/backend/cuda/queue.hpp>
#include <pix2pixhd/backend/cuda/value_type.hpp>
#include <pix2pixhd/core/fnv1a.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0::backend_cuda {

/// Code of the kernels for a device, from the disk cache where it is there.
inline std::vector<char> kernel_code(const DeviceFacts& device, DataType type) {
  const std::string text = kernels::source(type), option = "--std=c++17";
  const std::string target = nvrtc::target(device.capability, device.architecture());
  const nvrtc::Functions& f = nvrtc::functions();
  const DiskCache cache;
  const std::string key = detail::sentence("kernels, NVRTC ", f.major, ".", f.minor, ", ", target, " ", option, ", ",
                                           type_name(type), ", ", detail::fnv1a(text));
  if (auto code = cache.read(key)) return std::move(*code);
  std::vector<char> code = nvrtc::compile(text, target, {option});
  cache.write(key, code);
  return code;
}

PIX2PIXHD_INLINE CudaQueue::CudaQueue(std::shared_ptr<CudaStream> stream, std::shared_ptr<DeviceMemory> memory,
                                      DataType type, const ConvolutionRules& rules)
    : stream_(std::move(stream)), memory_(std::move(memory)) {
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
  const std::vector<char> code = kernel_code(context().facts(), type);
  const auto lock = stream_->hold();  // another thread may be recording
  const CudaContext::Use use(context());
  check(f.load_module(&module_, code.data()), "loading the kernels");
  for (int i = 0; i < kernels::count; ++i)
    check(f.find_function(&functions_[static_cast<std::size_t>(i)], module_,
                          (std::string("run_") + kernels::names[i]).c_str()),
          "finding a kernel");
  const cudnn::Functions& dnn = cudnn::functions();
  detail::require(dnn.problem.empty(), dnn.problem);
  cudnn::Status status = dnn.create(&cudnn_);
  if (status == cudnn::success) status = dnn.set_stream(cudnn_, stream_->get());
  if (status != cudnn::success)
    throw Error(detail::sentence(context().name(), ": cuDNN could not be started: ", cudnn::describe(status)));
  const DeviceFacts& facts = context().facts();
  plans_ = std::make_unique<ConvolutionPlans>(
      cudnn_,
      detail::sentence(facts.model, ", ", facts.multiprocessors, " multiprocessors, capability ", facts.capability,
                       ", driver ", f.version),
      rules, DiskCache(),
      [this](const PlanCandidates& candidates) { return time_plans(*stream_, *memory_, cudnn_, candidates); });
}

PIX2PIXHD_INLINE void CudaQueue::close() noexcept {
  const driver::Functions& f = driver::functions();
  try {
    const auto lock = stream_->hold();
    const CudaContext::Use use(context());
    f.synchronise(stream_->get());
    plans_.reset();
    if (cudnn_) cudnn::functions().destroy(cudnn_);
    if (module_) f.unload_module(module_);
  } catch (const Error&) {  // a device that was lost has nothing left to destroy
  }
}

PIX2PIXHD_INLINE const ConvolutionPlan& CudaQueue::plan(const ConvolutionProblem& problem) {
  const auto lock = stream_->hold();
  const CudaContext::Use use(context());
  return plans_->plan(problem);
}

PIX2PIXHD_INLINE void CudaQueue::convolve(const ConvolutionPlan& plan, const ConvolutionOperands& operands) {
  const auto lock = stream_->hold();
  const CudaContext::Use use(context());
  execute(cudnn_, plan, operands);
}

PIX2PIXHD_INLINE void CudaQueue::launch_raw(kernels::Name kernel, const Grid& grid, void* arguments) {
  const auto lock = stream_->hold();
  const CudaContext::Use use(context());
  const auto i = static_cast<std::size_t>(kernel);
  const driver::Result result = driver::functions().launch(
      functions_[i], grid.x, grid.y, grid.z, kernels::threads_per_block, 1, 1, 0, stream_->get(), &arguments, nullptr);
  if (result != driver::success) check(result, detail::sentence("the kernel ", kernels::names[i]).c_str());
}

}  // namespace pix2pixhd::inline v0::backend_cuda
