#pragma once
/// Memory that lies elsewhere and is read there: a mapped file.

#include <pix2pixhd/version.hpp>

#include <cstddef>
#include <span>

namespace pix2pixhd::inline v0 {

/// Bytes that storages read without holding a copy. They are never written.
class LentMemory {
 public:
  LentMemory() = default;
  LentMemory(const LentMemory&) = delete;
  LentMemory& operator=(const LentMemory&) = delete;
  virtual ~LentMemory() = default;

  /// Whether the bytes can be read for as long as nobody changes them.
  virtual bool steady() const = 0;
  /// Throws Error if the bytes may be other ones than those that were lent.
  virtual void check() const = 0;
  /// `bytes`, a part of the memory, will be read soon.
  virtual void expect(std::span<const std::byte> bytes) const = 0;
  /// Takes `bytes`, a part of the memory, out of what the process holds until they are looked at again.
  virtual void release(std::span<const std::byte> bytes) const = 0;
};

}  // namespace pix2pixhd::inline v0
