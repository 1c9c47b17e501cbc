#pragma once
/// The hash FNV-1a, where a number has to stand for a text or for bytes.

#include <pix2pixhd/version.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace pix2pixhd::inline v0::detail {

/// FNV-1a of 64 bits (Fowler, Noll and Vo), of all that is added one after the other. It finds damage, not intent.
/// Values stand in files and begin streams of random numbers, so they must stay what they are.
class Fnv1a {
 public:
  /// A step of the hash: FNV-1a takes bytes, this also whole numbers at once.
  constexpr void add_number(std::uint64_t number) { value_ = (value_ ^ number) * 0x100000001b3u; }
  constexpr void add(std::string_view text) {
    for (const char c : text) add_number(static_cast<unsigned char>(c));
  }
  constexpr void add(std::span<const std::byte> bytes) {
    for (const std::byte byte : bytes) add_number(static_cast<std::uint64_t>(byte));
  }

  constexpr std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325u;
};

/// FNV-1a of a text.
constexpr std::uint64_t fnv1a(std::string_view text) {
  Fnv1a hash;
  hash.add(text);
  return hash.value();
}

}  // namespace pix2pixhd::inline v0::detail
