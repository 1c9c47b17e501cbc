#pragma once
/// Copies between pageable host memory and a device, by way of pinned memory.

#include <pix2pixhd/backend/cuda/context.hpp>

#include <array>
#include <cstddef>
#include <memory>

namespace pix2pixhd::inline v0::backend_cuda {

/// Two pinned pieces take turns: one is filled or emptied by the host while the other is under way. One thread at a
/// time, with the context in use.
class Staging {
 public:
  Staging(std::shared_ptr<CudaContext> context, driver::Stream stream);
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;
  ~Staging();

  /// `from` may be reused at once; the copy takes its place in the stream.
  void copy_to_device(void* to, const void* from, std::size_t bytes);
  /// Returns when `to` is filled.
  void copy_to_host(void* to, const void* from, std::size_t bytes);

 private:
  struct Piece {
    void* memory = nullptr;
    driver::Event done = nullptr;
  };
  void wait(const Piece& piece) const;

  std::shared_ptr<CudaContext> context_;
  driver::Stream stream_;
  std::array<Piece, 2> pieces_;
  std::size_t next_ = 0;
};

}  // namespace pix2pixhd::inline v0::backend_cuda

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cuda/staging-inl.hpp>
#endif
