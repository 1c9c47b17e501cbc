#pragma once
/// Passes recorded as CUDA graphs.

#include <pix2pixhd/backend/cuda/cuda_backend.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <utility>

namespace pix2pixhd::inline v0 {
namespace backend_cuda {

/// A graph with the memory that the backend took for itself while it was recorded.
class RecordedGraph final : public RecordedWork {
 public:
  RecordedGraph(std::shared_ptr<Backend> backend, CudaQueue& queue, driver::GraphExec work,
                std::vector<std::shared_ptr<void>> blocks)
      : backend_(std::move(backend)), queue_(&queue), work_(work), blocks_(std::move(blocks)) {}
  RecordedGraph(const RecordedGraph&) = delete;
  RecordedGraph& operator=(const RecordedGraph&) = delete;
  ~RecordedGraph() override { queue_->stream().forget(work_); }

  void repeat() override { queue_->stream().repeat(work_); }

 private:
  std::shared_ptr<Backend> backend_;  ///< keeps the queue alive
  CudaQueue* queue_;
  driver::GraphExec work_;
  std::vector<std::shared_ptr<void>> blocks_;
};

}  // namespace backend_cuda

PIX2PIXHD_INLINE std::shared_ptr<void> CudaBackend::allocate_bytes(std::size_t bytes) {
  std::shared_ptr<void> block = memory_->allocate(bytes);
  const std::lock_guard lock(recording_mutex_);
  // What a recorded pass uses and gives back must not serve others, for the pass will use it again.
  if (recorded_blocks_ && recording_thread_ == std::this_thread::get_id()) recorded_blocks_->push_back(block);
  return block;
}

PIX2PIXHD_INLINE std::unique_ptr<RecordedWork> CudaBackend::record(const std::function<void()>& pass) {
  Blocks blocks;
  const auto watch = [&](Blocks* into) {
    const std::lock_guard lock(recording_mutex_);
    recorded_blocks_ = into;
    recording_thread_ = std::this_thread::get_id();
  };
  const auto work = queue_->stream().record([&] {  // while it holds the queue no other thread records
    watch(&blocks);
    try {
      pass();
    } catch (...) {
      watch(nullptr);
      throw;
    }
    watch(nullptr);
  });
  return std::make_unique<backend_cuda::RecordedGraph>(shared_from_this(), *queue_, work, std::move(blocks));
}

PIX2PIXHD_INLINE void CudaBackend::copy(const Storage& from, Storage& to) {
  queue_->stream().copy(to.mutable_data(), from.data(), from.bytes());
}

}  // namespace pix2pixhd::inline v0
