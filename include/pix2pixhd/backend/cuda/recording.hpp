#pragma once
/// What a recorded pass holds between its repetitions.

#include <pix2pixhd/backend/cuda/device_memory.hpp>

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

namespace pix2pixhd::inline v0::backend_cuda {

/// Memory of one recorded pass. What comes back while it is recorded serves the rest of it, because everything in a
/// stream happens in order; and nobody else as long as this object lives, because the pass will use it again.
class Recording : public std::enable_shared_from_this<Recording> {
 public:
  /// Bytes that the tables of a pass may have together: those of a training step's updates need a tenth.
  static constexpr std::size_t table_bytes = std::size_t{256} << 10;

  Recording(std::shared_ptr<CudaContext> context, std::shared_ptr<DeviceMemory> memory);
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  /// At least `bytes` of the device. Throws OutOfMemory.
  std::shared_ptr<void> allocate(std::size_t bytes);
  /// Of all that was ever allocated.
  std::size_t bytes() const;

  /// A copy of a table in pinned host memory, which is read at each repetition and may be changed between them.
  /// Throws Error if there are too many.
  void* keep_table(const void* values, std::size_t bytes);

 private:
  void give_back(FreeBlocks<void*>::Block block) noexcept;

  std::shared_ptr<CudaContext> context_;
  std::shared_ptr<DeviceMemory> memory_;
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<void>> blocks_;  ///< all
  FreeBlocks<void*> free_;                     ///< those of them that are in no use
  std::size_t bytes_ = 0;
  std::shared_ptr<void> tables_;
  std::size_t tables_used_ = 0;
};

}  // namespace pix2pixhd::inline v0::backend_cuda

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cuda/recording-inl.hpp>
#endif
