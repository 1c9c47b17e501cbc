#pragma once
/// Temporary memory of passes.

#include <pix2pixhd/core/backend.hpp>

#include <cstddef>
#include <memory>

namespace pix2pixhd::inline v0::detail {

/// `bytes` rounded up so that what follows is aligned to 64 bytes.
constexpr std::size_t aligned_bytes(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

/// Memory that is handed out piece by piece, each aligned to 64 bytes: a workspace that the caller has, or, where that
/// is null, memory of the backend.
class Scratch {
 public:
  Scratch(Backend& backend, std::size_t bytes, std::byte* workspace = nullptr) : next_(workspace) {
    if (workspace || bytes == 0) return;
    owned_ = backend.allocate(bytes);
    next_ = static_cast<std::byte*>(owned_->mutable_data());
  }
  template <class T>
  T* take(std::size_t count) {
    T* const result = reinterpret_cast<T*>(next_);
    next_ += aligned_bytes(count * sizeof(T));
    return result;
  }

 private:
  std::shared_ptr<Storage> owned_;
  std::byte* next_;
};

}  // namespace pix2pixhd::inline v0::detail
