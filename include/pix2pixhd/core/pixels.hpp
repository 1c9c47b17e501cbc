#pragma once
/// Pictures as bytes.

#include <pix2pixhd/core/tensor.hpp>

#include <cstdint>

namespace pix2pixhd::inline v0 {

/// What a backend is besides, if it makes bytes of pictures before they are copied to the host.
class PixelReader {
 public:
  virtual ~PixelReader() = default;
  /// The values of `x` as byte_of says, in N, H, W, C order.
  virtual void read_pixels(const Tensor& x, std::uint8_t* bytes) = 0;
};

namespace detail {

/// A sample of 8 bits for a value in [-1, 1], as to_raster in images/ makes it: (value + 1) / 2 * 255 in single
/// precision, to the nearest, ties to even. Values beyond are clamped, NaN is 0.
inline std::uint8_t byte_of(float value) {
  const float clamped = value > 1.0f ? 1.0f : value > -1.0f ? value : -1.0f;
  const float scaled = (clamped + 1.0f) / 2.0f * 255.0f;
  // As std::nearbyint rounds, but compilers make it vector instructions of any machine.
  const auto below = static_cast<int>(scaled);
  const float rest = scaled - static_cast<float>(below);
  return static_cast<std::uint8_t>(below + (rest > 0.5f || (rest == 0.5f && below % 2 != 0)));
}

}  // namespace detail
}  // namespace pix2pixhd::inline v0
