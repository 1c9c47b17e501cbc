#pragma once
/// Copies between pageable host memory and a device, by way of pinned memory.

#include <pix2pixhd/backend/cuda/context.hpp>
#include <pix2pixhd/backend/cuda/host_copy.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

namespace pix2pixhd::inline v0::backend_cuda {

/// One pinned piece is filled or emptied by the host while others are under way. Of those that are free the one used
/// last is taken, which the host's caches still hold: going round all of them takes more than twice as long.
///
/// Any number of threads at once, each with the context in use. They keep each other out of the stream only while they
/// put a copy into it, and not while they fill or empty a piece or wait for one.
class Staging {
 public:
  /// At least two pieces of so many bytes each. `stream_mutex` is held by whoever puts work into the stream.
  Staging(std::shared_ptr<CudaContext> context, driver::Stream stream, std::recursive_mutex& stream_mutex,
          std::size_t pieces, std::size_t bytes);
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;
  ~Staging();

  std::size_t piece_bytes() const { return bytes_; }

  /// `from` may be reused at once; the copy takes its place in the stream. Waits only where all pieces are under way,
  /// for the one that has been longest.
  void copy_to_device(void* to, const void* from, std::size_t bytes);
  /// Returns when `to` is filled. At most half of the pieces are under way for one such copy.
  void copy_to_host(void* to, const void* from, std::size_t bytes);

 private:
  struct Piece {
    void* memory = nullptr;
    driver::Event done = nullptr;
  };
  struct GiveBack {
    Staging* staging;
    void operator()(Piece* piece) const noexcept { staging->give_back(piece); }
  };
  /// A piece for the caller alone, given back when it goes.
  using Taken = std::unique_ptr<Piece, GiveBack>;
  /// A part of a copy to the host that is under way.
  struct Part {
    Taken piece;
    std::size_t at, bytes;
  };
  void wait(const Piece& piece) const;
  bool done(const Piece& piece) const;
  /// Null if other threads have them all. Waits for one that is on its way to the device if no other is left and
  /// `may_wait`; the stream's mutex is not to be held then.
  Taken take(bool may_wait);
  void give_back(Piece* piece) noexcept;
  /// Puts a copy between the device and `host` into the stream and `done` after it; waits for the copy if that is null.
  void put_to_device(driver::Address to, const void* host, std::size_t bytes, driver::Event done);
  void put_to_host(void* host, driver::Address from, std::size_t bytes, driver::Event done);
  /// Puts copies to the host of what is at `from + put` and behind it into the stream, as many as there are pieces for,
  /// adds them to `parts` and counts them in `put`. Waits for a piece if there are no parts.
  void put_parts(std::deque<Part>& parts, driver::Address from, std::size_t bytes, std::size_t& put);
  /// Waits for the stream.
  void finish() noexcept;
  void release() noexcept;

  std::shared_ptr<CudaContext> context_;
  driver::Stream stream_;
  std::recursive_mutex& stream_mutex_;
  HostCopy host_copy_;
  std::size_t bytes_;       ///< of a piece
  void* memory_ = nullptr;  ///< of all pieces
  std::vector<Piece> pieces_;
  std::mutex mutex_;              ///< guards what follows; is taken after the stream's, never before
  std::deque<Piece*> under_way_;  ///< on their way to the device, in the order of the stream
  std::vector<Piece*> free_;      ///< that nobody has, the one used last at the end
};

}  // namespace pix2pixhd::inline v0::backend_cuda

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cuda/staging-inl.hpp>
#endif
