#pragma once
/// Copies between pageable host memory and a device, by way of pinned memory.

#include <pix2pixhd/backend/cuda/context.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace pix2pixhd::inline v0::backend_cuda {

/// Pinned pieces take turns: one is filled or emptied by the host while others are under way. One thread at a time,
/// with the context in use.
class Staging {
 public:
  /// At least two pieces of so many bytes each.
  Staging(std::shared_ptr<CudaContext> context, driver::Stream stream, std::size_t pieces, std::size_t bytes);
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;
  ~Staging();

  std::size_t piece_bytes() const { return bytes_; }

  /// `from` may be reused at once; the copy takes its place in the stream. Waits only for the copy that had the piece
  /// before, as many copies ago as there are pieces.
  void copy_to_device(void* to, const void* from, std::size_t bytes);
  /// Returns when `to` is filled.
  void copy_to_host(void* to, const void* from, std::size_t bytes);

 private:
  struct Piece {
    void* memory = nullptr;
    driver::Event done = nullptr;
  };
  void wait(const Piece& piece) const;
  void release() noexcept;

  std::shared_ptr<CudaContext> context_;
  driver::Stream stream_;
  std::size_t bytes_;       ///< of a piece
  void* memory_ = nullptr;  ///< of all pieces
  std::vector<Piece> pieces_;
  std::size_t next_ = 0;
};

}  // namespace pix2pixhd::inline v0::backend_cuda

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cuda/staging-inl.hpp>
#endif
