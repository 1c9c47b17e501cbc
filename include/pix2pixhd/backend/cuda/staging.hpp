#pragma once
/// Copies between pageable host memory and a device, by way of pinned memory.

#include <pix2pixhd/backend/cuda/context.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

namespace pix2pixhd::inline v0::backend_cuda {

/// One pinned piece is filled or emptied by the host while others are under way. Of those that are free the one used
/// last is taken, which the host's caches still hold: going round all of them takes more than twice as long. One thread
/// at a time, with the context in use.
class Staging {
 public:
  /// At least two pieces of so many bytes each.
  Staging(std::shared_ptr<CudaContext> context, driver::Stream stream, std::size_t pieces, std::size_t bytes);
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;
  ~Staging();

  std::size_t piece_bytes() const { return bytes_; }

  /// `from` may be reused at once; the copy takes its place in the stream. Waits only where all pieces are under way,
  /// for the one that has been longest.
  void copy_to_device(void* to, const void* from, std::size_t bytes);
  /// Returns when `to` is filled.
  void copy_to_host(void* to, const void* from, std::size_t bytes);

 private:
  struct Piece {
    void* memory = nullptr;
    driver::Event done = nullptr;
  };
  void wait(const Piece& piece) const;
  bool done(const Piece& piece) const;
  /// A piece that is free, from now on under way.
  const Piece& take();
  void release() noexcept;

  std::shared_ptr<CudaContext> context_;
  driver::Stream stream_;
  std::size_t bytes_;       ///< of a piece
  void* memory_ = nullptr;  ///< of all pieces
  std::vector<Piece> pieces_;
  std::deque<std::size_t> under_way_;  ///< on their way to the device, in the order of the stream
  std::vector<std::size_t> free_;      ///< the others, the one used last at the end
};

}  // namespace pix2pixhd::inline v0::backend_cuda

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cuda/staging-inl.hpp>
#endif
