#pragma once

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/core/random.hpp>
#include <pix2pixhd/training/metrics_wasserstein.hpp>

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace pix2pixhd::inline v0 {
namespace detail {

inline constexpr std::size_t patch_side = 7;
inline constexpr std::array<float, 5> binomial = {1.0F / 16, 4.0F / 16, 6.0F / 16, 4.0F / 16, 1.0F / 16};

/// A position beyond a border mirrored back: -1 is 1, `side` is side - 2.
PIX2PIXHD_INLINE std::size_t mirrored(std::ptrdiff_t position, std::size_t side) {
  if (side == 1) return 0;
  const auto period = 2 * (static_cast<std::ptrdiff_t>(side) - 1);
  position = (position % period + period) % period;
  return static_cast<std::size_t>(std::min(position, period - position));
}

/// Every plane of `from` smoothed by the binomial kernel, times `gain`.
PIX2PIXHD_INLINE PictureArray smooth(const PictureArray& from, float gain) {
  const std::size_t height = from.shape()[2], width = from.shape()[3], planes = from.shape()[0] * from.shape()[1];
  PictureArray rows = PictureArray::from_shape(from.shape()), result = PictureArray::from_shape(from.shape());
  const auto tap = [](std::size_t at, std::size_t t, std::size_t side) {
    return mirrored(static_cast<std::ptrdiff_t>(at) + static_cast<std::ptrdiff_t>(t) - 2, side);
  };
  std::vector<std::array<std::size_t, 5>> columns(width);
  for (std::size_t x = 0; x < width; ++x)
    for (std::size_t t = 0; t < 5; ++t) columns[x][t] = tap(x, t, width);
  for (std::size_t line = 0; line < planes * height; ++line) {
    const float* source = from.data() + line * width;
    for (std::size_t x = 0; x < width; ++x) {
      float sum = 0;
      for (std::size_t t = 0; t < 5; ++t) sum += binomial[t] * source[columns[x][t]];
      rows.data()[line * width + x] = sum;
    }
  }
  for (std::size_t line = 0; line < planes * height; ++line) {
    const std::size_t first = line / height * height;
    for (std::size_t x = 0; x < width; ++x) {
      float sum = 0;
      for (std::size_t t = 0; t < 5; ++t)
        sum += binomial[t] * rows.data()[(first + tap(line % height, t, height)) * width + x];
      result.data()[line * width + x] = sum * gain;
    }
  }
  return result;
}

PIX2PIXHD_INLINE PictureArray halve(const PictureArray& from) {
  const PictureArray smoothed = smooth(from, 1.0F);
  const auto& shape = from.shape();
  PictureArray result = PictureArray::from_shape({shape[0], shape[1], (shape[2] + 1) / 2, (shape[3] + 1) / 2});
  float* to = result.data();
  for (std::size_t plane = 0; plane < shape[0] * shape[1]; ++plane)
    for (std::size_t y = 0; y < shape[2]; y += 2)
      for (std::size_t x = 0; x < shape[3]; x += 2) *to++ = smoothed.data()[(plane * shape[2] + y) * shape[3] + x];
  return result;
}

/// Subtracts from `fine` the doubled `coarse`.
PIX2PIXHD_INLINE void subtract_doubled(PictureArray& fine, const PictureArray& coarse) {
  const auto& shape = fine.shape();
  PictureArray sparse = PictureArray::from_shape(shape);
  std::fill(sparse.begin(), sparse.end(), 0.0F);
  const float* from = coarse.data();
  for (std::size_t plane = 0; plane < shape[0] * shape[1]; ++plane)
    for (std::size_t y = 0; y < shape[2]; y += 2)
      for (std::size_t x = 0; x < shape[3]; x += 2) sparse.data()[(plane * shape[2] + y) * shape[3] + x] = *from++;
  const PictureArray doubled = smooth(sparse, 4.0F);
  for (std::size_t i = 0; i < fine.size(); ++i) fine.data()[i] -= doubled.data()[i];
}

/// Appends patches of picture `n` to `descriptors`: channel by channel, 49 values each.
PIX2PIXHD_INLINE void append_patches(const PictureArray& level, std::size_t n, const RandomStream& places,
                                     std::size_t patches, std::vector<float>& descriptors) {
  const std::size_t channels = level.shape()[1], height = level.shape()[2], width = level.shape()[3];
  const auto place = [&](std::size_t draw, std::size_t side) {
    return static_cast<std::size_t>(places.uniform(draw) * static_cast<double>(side - patch_side + 1));
  };
  for (std::size_t patch = 0; patch < patches; ++patch) {
    const std::size_t left = place(2 * patch, width), top = place(2 * patch + 1, height);
    for (std::size_t c = 0; c < channels; ++c)
      for (std::size_t y = 0; y < patch_side; ++y) {
        const float* line = level.data() + ((n * channels + c) * height + top + y) * width + left;
        descriptors.insert(descriptors.end(), line, line + patch_side);
      }
  }
}

using Descriptors = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Descriptors as rows, less the mean and divided by the deviation of each channel of `reference`.
PIX2PIXHD_INLINE Descriptors normalised(const std::vector<float>& values, const std::vector<float>& reference,
                                        std::size_t channels) {
  const std::size_t area = patch_side * patch_side, length = channels * area;
  const auto rows = static_cast<Eigen::Index>(values.size() / length);
  Descriptors result = Eigen::Map<const Descriptors>(values.data(), rows, static_cast<Eigen::Index>(length));
  for (std::size_t c = 0; c < channels; ++c) {
    double sum = 0, squares = 0, count = 0;
    for (std::size_t row = 0; row < reference.size(); row += length)
      for (std::size_t i = 0; i < area; ++i) {
        const double value = reference[row + c * area + i];
        sum += value;
        squares += value * value;
        ++count;
      }
    const double mean = sum / count, deviation = std::sqrt(std::max(squares / count - mean * mean, 0.0));
    // A set without any detail has nothing to normalise by.
    const double scale = deviation > 1e-6 ? 1 / deviation : 1.0;
    auto channel = result.middleCols(static_cast<Eigen::Index>(c * area), static_cast<Eigen::Index>(area));
    channel = ((channel.array() - static_cast<float>(mean)) * static_cast<float>(scale)).matrix().eval();
  }
  return result;
}

/// Unit vectors in random directions, one a column.
PIX2PIXHD_INLINE Eigen::MatrixXf random_directions(std::size_t length, std::size_t count, std::uint64_t seed) {
  const RandomStream stream(seed, "sliced wasserstein directions");
  Eigen::MatrixXf directions(static_cast<Eigen::Index>(length), static_cast<Eigen::Index>(count));
  for (std::size_t i = 0; i < length * count; ++i) directions.data()[i] = static_cast<float>(stream.normal(i));
  directions.colwise().normalize();
  return directions;
}

PIX2PIXHD_INLINE double sorted_distance(Eigen::MatrixXf a, Eigen::MatrixXf b) {
  double sum = 0;
  for (Eigen::Index column = 0; column < a.cols(); ++column) {
    float* x = a.data() + column * a.rows();
    float* y = b.data() + column * b.rows();
    std::sort(x, x + a.rows());
    std::sort(y, y + b.rows());
    for (Eigen::Index row = 0; row < a.rows(); ++row) sum += std::abs(double{x[row]} - double{y[row]});
  }
  return sum / static_cast<double>(a.size());
}

}  // namespace detail

PIX2PIXHD_INLINE std::size_t pyramid_levels(std::size_t width, std::size_t height) {
  std::size_t levels = 1;
  for (std::size_t side = std::min(width, height); (side + 1) / 2 >= 16; side = (side + 1) / 2) ++levels;
  return levels;
}

PIX2PIXHD_INLINE std::vector<PictureArray> laplacian_pyramid(const PictureArray& pictures, std::size_t levels) {
  std::size_t width = pictures.shape()[3], height = pictures.shape()[2];
  const std::string size = detail::sentence(width, "x", height);
  for (std::size_t i = 1; i < levels && std::min(width, height) > 1; ++i) {
    width = (width + 1) / 2;
    height = (height + 1) / 2;
  }
  detail::require(levels >= 1 && std::min(width, height) >= detail::patch_side, "Pictures of ", size, " pixels have ",
                  width, "x", height, " in the last of ", levels,
                  " levels; at least 7x7 are needed. Take fewer levels.");
  std::vector<PictureArray> pyramid = {pictures};
  for (std::size_t i = 1; i < levels; ++i) {
    pyramid.push_back(detail::halve(pyramid.back()));
    detail::subtract_doubled(pyramid[i - 1], pyramid[i]);
  }
  return pyramid;
}

PIX2PIXHD_INLINE SlicedWasserstein::SlicedWasserstein(const SlicedWassersteinOptions& options) : options_(options) {
  detail::require(options.patches >= 1 && options.projections >= 1, "The sliced Wasserstein distance was asked for ",
                  options.patches, " patches and ", options.projections, " projections; at least 1 is needed.");
}

PIX2PIXHD_INLINE void SlicedWasserstein::add(const PictureArray& synthesised, const PictureArray& real) {
  check_pictures(synthesised, real);
  const std::size_t channels = real.shape()[1];
  detail::require(pictures_ == 0 || channels == channels_, "Pictures of ", channels,
                  " channels cannot be added to a set of ", channels_, " channels.");
  const std::size_t levels = !levels_.empty()      ? levels_.size()
                             : options_.levels > 0 ? options_.levels
                                                   : pyramid_levels(real.shape()[3], real.shape()[2]);
  const std::vector<PictureArray> made = laplacian_pyramid(synthesised, levels),
                                  given = laplacian_pyramid(real, levels);
  channels_ = channels;
  levels_.resize(levels);
  for (std::size_t n = 0; n < real.shape()[0]; ++n, ++pictures_)
    for (std::size_t i = 0; i < levels; ++i) {
      const RandomStream places(options_.seed, detail::sentence("patches of picture ", pictures_, " level ", i));
      detail::append_patches(made[i], n, places, options_.patches, levels_[i].synthesised);
      detail::append_patches(given[i], n, places, options_.patches, levels_[i].real);
    }
}

PIX2PIXHD_INLINE std::vector<double> SlicedWasserstein::distances() const {
  detail::require(pictures_ > 0, "The sliced Wasserstein distance of no pictures was asked for.");
  const std::size_t length = channels_ * detail::patch_side * detail::patch_side;
  const Eigen::MatrixXf directions = detail::random_directions(length, options_.projections, options_.seed);
  std::vector<double> result;
  for (const Level& level : levels_)
    result.push_back(detail::sorted_distance(detail::normalised(level.synthesised, level.real, channels_) * directions,
                                             detail::normalised(level.real, level.real, channels_) * directions));
  return result;
}

}  // namespace pix2pixhd::inline v0
