#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/images/resize.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

namespace pix2pixhd::inline v0 {
namespace detail {

/// Fixed-point bits of a weight: 8 bits of the sample, and 2 for sums outside its range, leave 22 of 32.
inline constexpr int weight_bits = 32 - 8 - 2;

/// The cubic kernel of Keys with a = -1/2. It ends at 2.
PIX2PIXHD_INLINE double cubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
  if (x < 2.0) return (((x - 5.0) * x + 8.0) * x - 4.0) * a;
  return 0.0;
}

/// What one side of a picture becomes: new position i is the sum of weights[i * taps + t] times old position
/// first[i] + t, for t below count[i].
struct ResizeWeights {
  std::size_t taps = 0;
  std::vector<std::size_t> first;
  std::vector<std::size_t> count;
  std::vector<std::int32_t> weights;
};

PIX2PIXHD_INLINE ResizeWeights bicubic_weights(int from, int to) {
  const double scale = static_cast<double>(from) / to;
  const double stretch = std::max(scale, 1.0);
  const double reach = 2.0 * stretch;
  ResizeWeights result;
  result.taps = static_cast<std::size_t>(std::ceil(reach)) * 2 + 1;
  result.weights.resize(static_cast<std::size_t>(to) * result.taps);
  std::vector<double> exact(result.taps);
  for (int i = 0; i < to; ++i) {
    const double centre = (i + 0.5) * scale;
    const int begin = std::max(static_cast<int>(centre - reach + 0.5), 0);
    const int end = std::min(static_cast<int>(centre + reach + 0.5), from);
    const auto count = static_cast<std::size_t>(end - begin);
    double sum = 0.0;
    for (std::size_t t = 0; t < count; ++t) {
      // Pillow multiplies by the reciprocal; a division would round differently.
      exact[t] = cubic((static_cast<double>(t) + begin - centre + 0.5) * (1.0 / stretch));
      sum += exact[t];
    }
    for (std::size_t t = 0; t < count; ++t) {
      const double weight = exact[t] / sum * (1 << weight_bits);
      result.weights[static_cast<std::size_t>(i) * result.taps + t] =
          static_cast<std::int32_t>(weight < 0.0 ? weight - 0.5 : weight + 0.5);
    }
    result.first.push_back(static_cast<std::size_t>(begin));
    result.count.push_back(count);
  }
  return result;
}

PIX2PIXHD_INLINE std::uint8_t rounded_sample(std::int32_t sum) {
  return static_cast<std::uint8_t>(std::clamp((sum + (1 << (weight_bits - 1))) >> weight_bits, 0, 255));
}

PIX2PIXHD_INLINE Raster resize_rows(const Raster& raster, int width, std::string_view name) {
  const ResizeWeights side = bicubic_weights(raster.width, width);
  Raster result =
      make_raster({.width = width, .height = raster.height, .channels = raster.channels, .bits = raster.bits}, name);
  const auto channels = static_cast<std::size_t>(raster.channels);
  for (std::size_t y = 0; y < static_cast<std::size_t>(raster.height); ++y) {
    const std::uint8_t* from = raster.bytes.data() + y * raster.row_bytes();
    std::uint8_t* to = result.bytes.data() + y * result.row_bytes();
    for (std::size_t x = 0; x < static_cast<std::size_t>(width); ++x) {
      const std::int32_t* weights = side.weights.data() + x * side.taps;
      for (std::size_t c = 0; c < channels; ++c) {
        std::int32_t sum = 0;
        for (std::size_t t = 0; t < side.count[x]; ++t) sum += weights[t] * from[(side.first[x] + t) * channels + c];
        to[x * channels + c] = rounded_sample(sum);
      }
    }
  }
  return result;
}

PIX2PIXHD_INLINE Raster resize_columns(const Raster& raster, int height, std::string_view name) {
  const ResizeWeights side = bicubic_weights(raster.height, height);
  Raster result =
      make_raster({.width = raster.width, .height = height, .channels = raster.channels, .bits = raster.bits}, name);
  std::vector<std::int32_t> sums(raster.row_bytes());
  for (std::size_t y = 0; y < static_cast<std::size_t>(height); ++y) {
    std::fill(sums.begin(), sums.end(), 0);
    for (std::size_t t = 0; t < side.count[y]; ++t) {
      const std::int32_t weight = side.weights[y * side.taps + t];
      const std::uint8_t* from = raster.bytes.data() + (side.first[y] + t) * raster.row_bytes();
      for (std::size_t x = 0; x < sums.size(); ++x) sums[x] += weight * from[x];
    }
    std::transform(sums.begin(), sums.end(), result.bytes.data() + y * result.row_bytes(), rounded_sample);
  }
  return result;
}

/// The old position of each new one.
PIX2PIXHD_INLINE std::vector<std::size_t> nearest_positions(int from, int to) {
  const double step = static_cast<double>(from) / to;
  std::vector<std::size_t> positions;
  // Pillow adds step by step. A product would fall on another side of a whole number in rare cases.
  double position = 0.5 * step;
  for (int i = 0; i < to; ++i, position += step) {
    positions.push_back(std::min(static_cast<std::size_t>(position), static_cast<std::size_t>(from) - 1));
  }
  return positions;
}

/// Pixels of `pixel_bytes` bytes from a picture of size `old` into one of size `size`.
PIX2PIXHD_INLINE void copy_nearest(const void* from, const PictureSize& old, void* to, const PictureSize& size,
                                   std::size_t pixel_bytes) {
  const std::vector<std::size_t> columns = nearest_positions(old.width, size.width);
  const std::vector<std::size_t> rows = nearest_positions(old.height, size.height);
  const auto* source = static_cast<const std::byte*>(from);
  auto* target = static_cast<std::byte*>(to);
  for (const std::size_t row : rows) {
    const std::byte* line = source + row * static_cast<std::size_t>(old.width) * pixel_bytes;
    for (const std::size_t column : columns) {
      std::memcpy(target, line + column * pixel_bytes, pixel_bytes);
      target += pixel_bytes;
    }
  }
}

template <class Map>
Map resize_map(const Map& map, const PictureSize& size, std::string_view name) {
  const RasterShape old = map_raster_shape({map.shape()[0], map.shape()[1]}, 8, name);
  check_raster_shape({.width = size.width, .height = size.height}, name);
  Map result = Map::from_shape({static_cast<std::size_t>(size.height), static_cast<std::size_t>(size.width)});
  copy_nearest(map.data(), {.width = old.width, .height = old.height}, result.data(), size,
               sizeof(typename Map::value_type));
  return result;
}

}  // namespace detail

PIX2PIXHD_INLINE Raster resize_bicubic(const Raster& raster, const PictureSize& size, std::string_view name) {
  check_raster(raster, name);
  detail::require((raster.channels == 1 || raster.channels == 3) && raster.bits == 8 && raster.palette.empty(), name,
                  " has ", raster.channels, " channels of ", raster.bits, " bits",
                  raster.palette.empty() ? "" : " and a palette",
                  "; 8-bit grey and RGB can be resized by cubic convolution. Make it one of them with expand() and "
                  "in_eight_bits().");
  detail::check_raster_shape({.width = size.width, .height = size.height}, name);
  const Raster wide = size.width == raster.width ? raster : detail::resize_rows(raster, size.width, name);
  return size.height == raster.height ? wide : detail::resize_columns(wide, size.height, name);
}

PIX2PIXHD_INLINE Raster resize_nearest(const Raster& raster, const PictureSize& size, std::string_view name) {
  check_raster(raster, name);
  Raster result =
      make_raster({.width = size.width, .height = size.height, .channels = raster.channels, .bits = raster.bits}, name);
  result.palette = raster.palette;
  detail::copy_nearest(raster.bytes.data(), {.width = raster.width, .height = raster.height}, result.bytes.data(), size,
                       static_cast<std::size_t>(raster.channels) * raster.sample_bytes());
  return result;
}

PIX2PIXHD_INLINE LabelArray resize_nearest(const LabelArray& labels, const PictureSize& size, std::string_view name) {
  return detail::resize_map(labels, size, name);
}

PIX2PIXHD_INLINE InstanceArray resize_nearest(const InstanceArray& instances, const PictureSize& size,
                                              std::string_view name) {
  return detail::resize_map(instances, size, name);
}

}  // namespace pix2pixhd::inline v0
