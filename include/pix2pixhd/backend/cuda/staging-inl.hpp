#pragma once
/// Which piece is taken, and the copies.

#include <pix2pixhd/backend/cuda/staging.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

namespace pix2pixhd::inline v0::backend_cuda {

PIX2PIXHD_INLINE Staging::Staging(std::shared_ptr<CudaContext> context, driver::Stream stream, std::size_t pieces,
                                  std::size_t bytes)
    : context_(std::move(context)), stream_(stream), bytes_(bytes), pieces_(pieces) {
  const driver::Functions& f = driver::functions();
  check_driver(f.allocate_host(&memory_, pieces * bytes), context_->name(), "allocating pinned host memory");
  try {
    for (std::size_t i = 0; i < pieces; ++i) {
      Piece& piece = pieces_[i];
      piece.memory = static_cast<std::byte*>(memory_) + i * bytes;
      check_driver(f.create_event(&piece.done, 0), context_->name(), "making an event");
      free_.push_back(pieces - 1 - i);
    }
  } catch (...) {
    release();
    throw;
  }
}

PIX2PIXHD_INLINE Staging::~Staging() { release(); }

PIX2PIXHD_INLINE void Staging::release() noexcept {
  const driver::Functions& f = driver::functions();
  for (const Piece& piece : pieces_)
    if (piece.done) f.destroy_event(piece.done);
  if (memory_) f.free_host(memory_);
}

PIX2PIXHD_INLINE void Staging::wait(const Piece& piece) const {
  check_driver(driver::functions().wait_event(piece.done), context_->name(), "waiting for a copy");
}

PIX2PIXHD_INLINE bool Staging::done(const Piece& piece) const {
  const driver::Result result = driver::functions().query_event(piece.done);
  if (result == driver::not_ready) return false;
  check_driver(result, context_->name(), "asking after a copy");
  return true;
}

PIX2PIXHD_INLINE const Staging::Piece& Staging::take() {
  if (free_.empty()) wait(pieces_[under_way_.front()]);
  while (!under_way_.empty() && done(pieces_[under_way_.front()])) {
    free_.push_back(under_way_.front());
    under_way_.pop_front();
  }
  const std::size_t taken = free_.back();
  free_.pop_back();
  under_way_.push_back(taken);
  return pieces_[taken];
}

PIX2PIXHD_INLINE void Staging::copy_to_device(void* to, const void* from, std::size_t bytes) {
  const driver::Functions& f = driver::functions();
  for (std::size_t at = 0; at < bytes; at += bytes_) {
    const Piece& piece = take();
    const std::size_t count = std::min(bytes_, bytes - at);
    std::memcpy(piece.memory, static_cast<const std::byte*>(from) + at, count);
    const auto address = static_cast<driver::Address>(reinterpret_cast<std::uintptr_t>(to)) + at;
    check_driver(f.copy_to_device(address, piece.memory, count, stream_), context_->name(), "copying to the device");
    check_driver(f.record_event(piece.done, stream_), context_->name(), "copying to the device");
  }
}

PIX2PIXHD_INLINE void Staging::copy_to_host(void* to, const void* from, std::size_t bytes) try {
  const driver::Functions& f = driver::functions();
  const std::size_t pieces = (bytes + bytes_ - 1) / bytes_;
  const auto count = [&](std::size_t i) { return std::min(bytes_, bytes - i * bytes_); };
  for (std::size_t i = 0; i <= pieces; ++i) {  // piece i is under way while piece i - 1 is emptied
    if (i < pieces) {
      const Piece& piece = pieces_[i % pieces_.size()];
      wait(piece);
      const auto address = static_cast<driver::Address>(reinterpret_cast<std::uintptr_t>(from)) + i * bytes_;
      check_driver(f.copy_to_host(piece.memory, address, count(i), stream_), context_->name(), "copying to the host");
      check_driver(f.record_event(piece.done, stream_), context_->name(), "copying to the host");
    }
    if (i == 0) continue;
    const Piece& piece = pieces_[(i - 1) % pieces_.size()];
    wait(piece);
    std::memcpy(static_cast<std::byte*>(to) + (i - 1) * bytes_, piece.memory, count(i - 1));
  }
} catch (...) {  // copies may be under way into pieces that count as free
  driver::functions().synchronise(stream_);
  throw;
}

}  // namespace pix2pixhd::inline v0::backend_cuda
