#pragma once
/// The reproducible pseudo-random weights of the full-width cases.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tests {

/// Value i: x = i + salt in 32 bits, mixed by two multiplications, mapped to [-scale, scale), rounded to float.
inline std::vector<float> hashed(std::size_t count, std::uint64_t salt, double scale) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    auto x = static_cast<std::uint32_t>(i + salt);
    x ^= x >> 16;
    x *= 0x7feb352du;
    x ^= x >> 15;
    x *= 0x846ca68bu;
    x ^= x >> 16;
    values[i] = static_cast<float>((2 * (x / 4294967296.0) - 1) * scale);
  }
  return values;
}

}  // namespace tests
