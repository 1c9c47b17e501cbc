#pragma once
/// Which piece is taken, and the copies.

#include <pix2pixhd/backend/cuda/staging.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <utility>

namespace pix2pixhd::inline v0::backend_cuda {

PIX2PIXHD_INLINE Staging::Staging(std::shared_ptr<CudaContext> context, driver::Stream stream,
                                  std::recursive_mutex& stream_mutex, std::size_t pieces, std::size_t bytes)
    : context_(std::move(context)), stream_(stream), stream_mutex_(stream_mutex), bytes_(bytes), pieces_(pieces) {
  const driver::Functions& f = driver::functions();
  check_driver(f.allocate_host(&memory_, pieces * bytes), context_->name(), "allocating pinned host memory");
  try {
    free_.reserve(pieces);  // so that give_back() needs no memory
    for (std::size_t i = 0; i < pieces; ++i) {
      Piece& piece = pieces_[i];
      piece.memory = static_cast<std::byte*>(memory_) + i * bytes;
      check_driver(f.create_event(&piece.done, 0), context_->name(), "making an event");
      free_.push_back(&pieces_[pieces - 1 - i]);
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

PIX2PIXHD_INLINE Staging::Taken Staging::take(bool may_wait) {
  std::unique_lock lock(mutex_);
  while (true) {
    while (!under_way_.empty() && done(*under_way_.front())) {
      free_.push_back(under_way_.front());
      under_way_.pop_front();
    }
    if (!free_.empty()) {
      Piece* const taken = free_.back();
      free_.pop_back();
      return Taken(taken, {this});
    }
    if (under_way_.empty() || !may_wait) return Taken(nullptr, {this});
    const Piece& oldest = *under_way_.front();
    lock.unlock();  // who has the stream's mutex may ask for a piece meanwhile, and must not wait
    wait(oldest);   // or longer, if another thread takes the piece first and uses it again
    lock.lock();
  }
}

PIX2PIXHD_INLINE void Staging::give_back(Piece* piece) noexcept {
  const std::lock_guard lock(mutex_);
  free_.push_back(piece);
}

PIX2PIXHD_INLINE void Staging::finish() noexcept {
  const std::lock_guard stream(stream_mutex_);  // another thread may be recording: to wait then would spoil that
  driver::functions().synchronise(stream_);
}

PIX2PIXHD_INLINE void Staging::put_to_device(driver::Address to, const void* host, std::size_t bytes,
                                             driver::Event done) {
  const driver::Functions& f = driver::functions();
  check_driver(f.copy_to_device(to, host, bytes, stream_), context_->name(), "copying to the device");
  check_driver(done ? f.record_event(done, stream_) : f.synchronise(stream_), context_->name(),
               "copying to the device");
}

PIX2PIXHD_INLINE void Staging::put_to_host(void* host, driver::Address from, std::size_t bytes, driver::Event done) {
  const driver::Functions& f = driver::functions();
  check_driver(f.copy_to_host(host, from, bytes, stream_), context_->name(), "copying to the host");
  check_driver(done ? f.record_event(done, stream_) : f.synchronise(stream_), context_->name(), "copying to the host");
}

PIX2PIXHD_INLINE void Staging::copy_to_device(void* to, const void* from, std::size_t bytes) {
  for (std::size_t at = 0; at < bytes; at += bytes_) {
    const std::size_t count = std::min(bytes_, bytes - at);
    const driver::Address address = address_of(to) + at;
    const std::byte* const part = static_cast<const std::byte*>(from) + at;
    Taken taken = take(true);
    if (taken) host_copy_(taken->memory, part, count);
    const std::lock_guard stream(stream_mutex_);
    if (!taken) {  // other threads have all pieces, and may not get into the stream before this one leaves it
      put_to_device(address, part, count, nullptr);
      continue;
    }
    try {
      put_to_device(address, taken->memory, count, taken->done);
      const std::lock_guard lock(mutex_);
      under_way_.push_back(taken.get());
    } catch (...) {
      finish();
      throw;
    }
    static_cast<void>(taken.release());  // it is under way
  }
}

PIX2PIXHD_INLINE void Staging::put_parts(std::deque<Part>& parts, driver::Address from, std::size_t bytes,
                                         std::size_t& put) {
  if (put == bytes) return;
  Taken first(nullptr, {this});
  if (parts.empty()) first = take(true);
  const std::lock_guard stream(stream_mutex_);
  while (put < bytes && parts.size() < pieces_.size() / 2) {
    Taken taken = first ? std::move(first) : take(false);
    if (!taken) return;
    parts.push_back({.piece = std::move(taken), .at = put, .bytes = std::min(bytes_, bytes - put)});
    const Part& part = parts.back();
    put_to_host(part.piece->memory, from + put, part.bytes, part.piece->done);
    put += part.bytes;
  }
}

PIX2PIXHD_INLINE void Staging::copy_to_host(void* to, const void* from, std::size_t bytes) {
  std::byte* const host = static_cast<std::byte*>(to);
  std::deque<Part> parts;
  std::size_t put = 0;
  try {
    for (put_parts(parts, address_of(from), bytes, put); !parts.empty();
         put_parts(parts, address_of(from), bytes, put)) {
      const Part& part = parts.front();
      wait(*part.piece);
      host_copy_(host + part.at, part.piece->memory, part.bytes);
      parts.pop_front();
    }
    if (put == bytes) return;
    const std::lock_guard stream(stream_mutex_);  // other threads have all pieces
    put_to_host(host + put, address_of(from) + put, bytes - put, nullptr);
  } catch (...) {
    finish();  // copies may be under way; their pieces are given back after it
    throw;
  }
}

}  // namespace pix2pixhd::inline v0::backend_cuda
