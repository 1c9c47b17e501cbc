#pragma once
/// Passes recorded as CUDA graphs.

#include <pix2pixhd/backend/cuda/cuda_backend.hpp>
#include <pix2pixhd/backend/cuda/recording.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <memory>
#include <mutex>
#include <utility>

namespace pix2pixhd::inline v0 {
namespace backend_cuda {

/// A graph with the memory that was taken while it was recorded.
class RecordedGraph final : public RecordedWork {
 public:
  RecordedGraph(std::shared_ptr<Backend> backend, CudaQueue& queue, std::shared_ptr<Recording> recording)
      : backend_(std::move(backend)), queue_(&queue), recording_(std::move(recording)) {}
  RecordedGraph(const RecordedGraph&) = delete;
  RecordedGraph& operator=(const RecordedGraph&) = delete;
  ~RecordedGraph() override {
    const auto stream = queue_->stream().hold();  // another thread may be recording
    if (work_) queue_->stream().forget(work_);
    recording_.reset();
  }

  /// Records `pass` into the stream.
  void record(const std::function<void()>& pass) { work_ = queue_->stream().record(pass); }
  void repeat() override { queue_->stream().repeat(work_); }

 private:
  std::shared_ptr<Backend> backend_;  ///< keeps the queue alive
  CudaQueue* queue_;
  driver::GraphExec work_ = nullptr;
  std::shared_ptr<Recording> recording_;
};

}  // namespace backend_cuda

PIX2PIXHD_INLINE std::shared_ptr<backend_cuda::Recording> CudaBackend::recording() const {
  const std::lock_guard lock(recording_mutex_);
  return recording_thread_ == std::this_thread::get_id() ? recording_ : nullptr;
}

PIX2PIXHD_INLINE std::shared_ptr<void> CudaBackend::allocate_bytes(std::size_t bytes) {
  const auto recording = this->recording();
  return recording ? recording->allocate(bytes) : memory_->allocate(bytes);
}

PIX2PIXHD_INLINE std::shared_ptr<void> CudaBackend::hold() {
  return std::make_shared<std::unique_lock<std::recursive_mutex>>(queue_->stream().hold());
}

PIX2PIXHD_INLINE backend_cuda::DeviceTable CudaBackend::put_table(const void* values, std::size_t bytes) {
  backend_cuda::DeviceTable table{.memory = allocate_bytes(bytes)};
  if (const auto recording = this->recording()) {
    table.source = recording->keep_table(values, bytes);
    queue_->stream().copy_pinned(table.memory.get(), table.source, bytes);
  } else {
    queue_->stream().copy_to_device(table.memory.get(), values, bytes);
  }
  return table;
}

PIX2PIXHD_INLINE void CudaBackend::write_constants(Tensor& y, const float* values) {
  const auto recording = this->recording();
  if (!recording || y.format().layout != Layout::plain) return write(y, values, DataType::f32);
  const std::size_t bytes = y.shape().count() * sizeof(float);
  queue_->stream().copy_pinned(y.storage()->mutable_data(), recording->keep_table(values, bytes), bytes);
}

PIX2PIXHD_INLINE std::unique_ptr<RecordedWork> CudaBackend::record(const std::function<void()>& pass) {
  const auto stream = queue_->stream().hold();  // first: see Hold. No other thread records meanwhile
  const backend_cuda::DeviceMemory::Hold hold(*memory_);
  const auto recording = std::make_shared<backend_cuda::Recording>(context_, memory_);
  auto result = std::make_unique<backend_cuda::RecordedGraph>(shared_from_this(), *queue_, recording);
  const auto watch = [&](std::shared_ptr<backend_cuda::Recording> into) {
    const std::lock_guard lock(recording_mutex_);
    recording_ = std::move(into);
    recording_thread_ = std::this_thread::get_id();
  };
  result->record([&] {
    watch(recording);
    try {
      pass();
    } catch (...) {
      watch(nullptr);
      throw;
    }
    watch(nullptr);
  });
  const std::size_t held = recording->bytes(), free = memory_->available();
  if (held > free)
    throw OutOfMemory(detail::sentence(name(), ": a recorded pass would hold ", held,
                                       " bytes of the device between its repetitions, and only ", free,
                                       " would be left for everything else."));
  return result;
}

PIX2PIXHD_INLINE void CudaBackend::copy(const Storage& from, Storage& to) {
  if (!accepts(*from.backend()) || from.bytes() != to.bytes())
    throw Error(detail::sentence(name(), ": a recorded pass reads ", to.bytes(), " bytes of this device and was given ",
                                 from.bytes(), " of ", from.backend()->name(),
                                 "; make tensors and maps on the device that is to read them, in memory of their own "
                                 "size."));
  queue_->stream().copy(to.mutable_data(), from.data(), from.bytes());
}

}  // namespace pix2pixhd::inline v0
