#pragma once
/// Random numbers that depend on a key and an index only, not on the order in which they are drawn.

#include <pix2pixhd/core/fnv1a.hpp>

#include <cmath>
#include <cstdint>
#include <numbers>
#include <string_view>
#include <utility>

namespace pix2pixhd::inline v0 {

/// A stream of random numbers addressed by index. Streams of different (seed, name) are independent for all practical
/// purposes, so growing a network changes no weight that it already had.
///
/// Mixing: the finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014), applied to key + index * golden ratio.
class RandomStream {
 public:
  RandomStream(std::uint64_t seed, std::string_view name) : key_(mix(seed ^ detail::fnv1a(name))) {}

  std::uint64_t bits(std::uint64_t index) const { return mix(key_ + (index + 1) * 0x9e3779b97f4a7c15u); }

  /// Uniform in [0, 1), 53 bits.
  double uniform(std::uint64_t index) const { return static_cast<double>(bits(index) >> 11) * 0x1p-53; }

  /// Two standard normals, by Box and Muller: those of index 2 * pair and 2 * pair + 1.
  std::pair<double, double> normals(std::uint64_t pair) const {
    const double radius = std::sqrt(-2 * std::log1p(-uniform(2 * pair)));
    const double angle = 2 * std::numbers::pi * uniform(2 * pair + 1);
    return {radius * std::cos(angle), radius * std::sin(angle)};
  }
  /// Standard normal.
  double normal(std::uint64_t index) const {
    const auto [even, odd] = normals(index / 2);
    return index % 2 == 0 ? even : odd;
  }

 private:
  static constexpr std::uint64_t mix(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
  }

  std::uint64_t key_;
};

}  // namespace pix2pixhd::inline v0
