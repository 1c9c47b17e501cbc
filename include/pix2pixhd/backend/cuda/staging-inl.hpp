#pragma once
/// The turns of the two pieces.

#include <pix2pixhd/backend/cuda/staging.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

namespace pix2pixhd::inline v0::backend_cuda {

/// Bytes of a piece: a few for a picture, so that the host fills one while another is under way, and each long enough
/// that what a copy costs by itself does not count.
inline constexpr std::size_t staging_bytes = std::size_t{2} << 20;

PIX2PIXHD_INLINE Staging::Staging(std::shared_ptr<CudaContext> context, driver::Stream stream)
    : context_(std::move(context)), stream_(stream) {
  const driver::Functions& f = driver::functions();
  for (Piece& piece : pieces_) {
    check_driver(f.allocate_host(&piece.memory, staging_bytes), context_->name(), "allocating pinned host memory");
    check_driver(f.create_event(&piece.done, 0), context_->name(), "making an event");
  }
}

PIX2PIXHD_INLINE Staging::~Staging() {
  const driver::Functions& f = driver::functions();
  for (const Piece& piece : pieces_) {
    if (piece.done) f.destroy_event(piece.done);
    if (piece.memory) f.free_host(piece.memory);
  }
}

PIX2PIXHD_INLINE void Staging::wait(const Piece& piece) const {
  check_driver(driver::functions().wait_event(piece.done), context_->name(), "waiting for a copy");
}

PIX2PIXHD_INLINE void Staging::copy_to_device(void* to, const void* from, std::size_t bytes) {
  const driver::Functions& f = driver::functions();
  for (std::size_t at = 0; at < bytes; at += staging_bytes) {
    const Piece& piece = pieces_[next_];
    next_ ^= 1;
    wait(piece);
    const std::size_t count = std::min(staging_bytes, bytes - at);
    std::memcpy(piece.memory, static_cast<const std::byte*>(from) + at, count);
    const auto address = static_cast<driver::Address>(reinterpret_cast<std::uintptr_t>(to)) + at;
    check_driver(f.copy_to_device(address, piece.memory, count, stream_), context_->name(), "copying to the device");
    check_driver(f.record_event(piece.done, stream_), context_->name(), "copying to the device");
  }
}

PIX2PIXHD_INLINE void Staging::copy_to_host(void* to, const void* from, std::size_t bytes) {
  const driver::Functions& f = driver::functions();
  const std::size_t pieces = (bytes + staging_bytes - 1) / staging_bytes;
  const auto count = [&](std::size_t i) { return std::min(staging_bytes, bytes - i * staging_bytes); };
  for (std::size_t i = 0; i <= pieces; ++i) {  // piece i is under way while piece i - 1 is emptied
    if (i < pieces) {
      const Piece& piece = pieces_[i % 2];
      wait(piece);
      const auto address = static_cast<driver::Address>(reinterpret_cast<std::uintptr_t>(from)) + i * staging_bytes;
      check_driver(f.copy_to_host(piece.memory, address, count(i), stream_), context_->name(), "copying to the host");
      check_driver(f.record_event(piece.done, stream_), context_->name(), "copying to the host");
    }
    if (i == 0) continue;
    const Piece& piece = pieces_[(i - 1) % 2];
    wait(piece);
    std::memcpy(static_cast<std::byte*>(to) + (i - 1) * staging_bytes, piece.memory, count(i - 1));
  }
}

}  // namespace pix2pixhd::inline v0::backend_cuda
