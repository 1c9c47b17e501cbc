#pragma once
/// The turns that a recorded pass's memory takes.

#include <pix2pixhd/backend/cuda/recording.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <cstddef>
#include <cstring>
#include <optional>
#include <utility>

namespace pix2pixhd::inline v0::backend_cuda {

PIX2PIXHD_INLINE Recording::Recording(std::shared_ptr<CudaContext> context, std::shared_ptr<DeviceMemory> memory)
    : context_(std::move(context)), memory_(std::move(memory)) {
  const driver::Functions& f = driver::functions();
  const CudaContext::Use use(*context_);
  void* tables = nullptr;
  check_driver(f.allocate_host(&tables, table_bytes), context_->name(), "allocating pinned host memory");
  tables_ = std::shared_ptr<void>(tables, [kept = context_](void* pinned) {
    try {
      const CudaContext::Use in_use(*kept);
      driver::functions().free_host(pinned);
    } catch (const Error&) {  // a device that was lost has nothing left to free
    }
  });
}

PIX2PIXHD_INLINE std::shared_ptr<void> Recording::allocate(std::size_t bytes) {
  std::unique_lock lock(mutex_);
  auto block = memory_->caches() ? free_.take(memory_->rounded(bytes)) : std::nullopt;
  if (!block) {
    DeviceMemory::Block taken = memory_->allocate_block(bytes);
    block = {taken.bytes, taken.memory.get()};
    blocks_.push_back(std::move(taken.memory));
    bytes_ += block->bytes;
  }
  lock.unlock();  // without memory for its counts a shared_ptr gives the block back
  return {block->handle, [self = shared_from_this(), given = *block](void*) { self->give_back(given); }};
}

PIX2PIXHD_INLINE std::size_t Recording::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

PIX2PIXHD_INLINE void* Recording::keep_table(const void* values, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  constexpr std::size_t unit = 16;
  const std::size_t room = (bytes + unit - 1) / unit * unit;
  detail::require(room <= table_bytes - tables_used_, context_->name(), ": a recorded pass may have ", table_bytes,
                  " bytes of tables and asks for more.");
  void* const table = static_cast<std::byte*>(tables_.get()) + std::exchange(tables_used_, tables_used_ + room);
  std::memcpy(table, values, bytes);
  return table;
}

PIX2PIXHD_INLINE void Recording::give_back(FreeBlocks<void*>::Block block) noexcept {
  const std::lock_guard lock(mutex_);
  try {
    free_.put(block);
  } catch (...) {  // no memory for the list: the block serves nobody any more
  }
}

}  // namespace pix2pixhd::inline v0::backend_cuda
