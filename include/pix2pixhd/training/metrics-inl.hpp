#pragma once

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/core/pixel_position.hpp>
#include <pix2pixhd/training/metrics.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace pix2pixhd::inline v0 {
namespace detail {

inline constexpr std::size_t ssim_window = 11;

/// The weights of a window along one side; they add up to 1.
PIX2PIXHD_INLINE std::array<double, ssim_window> ssim_weights() {
  std::array<double, ssim_window> weights{};
  double sum = 0;
  for (std::size_t i = 0; i < ssim_window; ++i) {
    const double distance = static_cast<double>(i) - 5.0;
    sum += weights[i] = std::exp(-distance * distance / (2 * 1.5 * 1.5));
  }
  for (double& weight : weights) weight /= sum;
  return weights;
}

/// One channel of one picture, or what was made of it.
struct Plane {
  std::size_t width = 0;
  std::size_t height = 0;
  std::vector<double> values = {};
};

/// The weighted mean of each window that lies within.
PIX2PIXHD_INLINE Plane window_means(const Plane& plane, const std::array<double, ssim_window>& weights) {
  Plane rows{.width = plane.width - ssim_window + 1, .height = plane.height};
  rows.values.assign(rows.width * rows.height, 0.0);
  for (std::size_t y = 0; y < rows.height; ++y)
    for (std::size_t x = 0; x < rows.width; ++x)
      for (std::size_t t = 0; t < ssim_window; ++t)
        rows.values[y * rows.width + x] += weights[t] * plane.values[y * plane.width + x + t];
  Plane result{.width = rows.width, .height = plane.height - ssim_window + 1};
  result.values.assign(result.width * result.height, 0.0);
  for (std::size_t y = 0; y < result.height; ++y)
    for (std::size_t t = 0; t < ssim_window; ++t)
      for (std::size_t x = 0; x < result.width; ++x)
        result.values[y * result.width + x] += weights[t] * rows.values[(y + t) * rows.width + x];
  return result;
}

/// The window means of the product of two planes.
template <class Product>
Plane product_means(const float* a, const float* b, Plane shape, const std::array<double, ssim_window>& weights,
                    const Product& product) {
  shape.values.resize(shape.width * shape.height);
  for (std::size_t i = 0; i < shape.values.size(); ++i) shape.values[i] = product(double{a[i]}, double{b[i]});
  return window_means(shape, weights);
}

/// The similarity of one channel.
PIX2PIXHD_INLINE double ssim_of_plane(const float* a, const float* b, const Plane& shape) {
  constexpr double c1 = 0.01 * 2 * 0.01 * 2, c2 = 0.03 * 2 * 0.03 * 2;
  const auto weights = ssim_weights();
  const auto means = [&](const auto& product) { return product_means(a, b, shape, weights, product); };
  const Plane mean_a = means([](double x, double) { return x; }), mean_b = means([](double, double y) { return y; });
  const Plane square_a = means([](double x, double) { return x * x; });
  const Plane square_b = means([](double, double y) { return y * y; });
  const Plane product = means([](double x, double y) { return x * y; });
  double sum = 0;
  for (std::size_t i = 0; i < product.values.size(); ++i) {
    const double x = mean_a.values[i], y = mean_b.values[i];
    const double variance_a = square_a.values[i] - x * x, variance_b = square_b.values[i] - y * y;
    const double covariance = product.values[i] - x * y;
    sum += (2 * x * y + c1) * (2 * covariance + c2) / ((x * x + y * y + c1) * (variance_a + variance_b + c2));
  }
  return sum / static_cast<double>(product.values.size());
}

}  // namespace detail

PIX2PIXHD_INLINE void check_pictures(const PictureArray& synthesised, const PictureArray& real) {
  const auto& a = synthesised.shape();
  const auto& b = real.shape();
  detail::require(a == b, "A synthesised picture of shape (", a[0], ", ", a[1], ", ", a[2], ", ", a[3],
                  ") cannot be compared with a real one of shape (", b[0], ", ", b[1], ", ", b[2], ", ", b[3],
                  "); they must be the same.");
  detail::require(real.size() > 0, "Pictures without values cannot be compared.");
  const auto check = [](const PictureArray& picture, const char* name) {
    const std::size_t width = picture.shape()[3], height = picture.shape()[2], channels = picture.shape()[1];
    for (std::size_t i = 0; i < picture.size(); ++i) {
      if (std::isfinite(picture.data()[i])) continue;
      throw Error(detail::sentence("The ", name, " picture is ", picture.data()[i], " at ",
                                   detail::pixel_position(i % (width * height), width), " in channel ",
                                   i / width / height % channels, "; finite values are needed to compare it."));
    }
  };
  check(synthesised, "synthesised");
  check(real, "real");
}

PIX2PIXHD_INLINE double mean_square_error(const PictureArray& synthesised, const PictureArray& real) {
  check_pictures(synthesised, real);
  double sum = 0;
  for (std::size_t i = 0; i < real.size(); ++i) {
    const double difference = double{synthesised.data()[i]} - double{real.data()[i]};
    sum += difference * difference;
  }
  return sum / static_cast<double>(real.size());
}

PIX2PIXHD_INLINE double psnr_of(double mean_square_error) {
  if (mean_square_error <= 0) return std::numeric_limits<double>::infinity();
  return 10 * std::log10(4 / mean_square_error);
}

PIX2PIXHD_INLINE double psnr(const PictureArray& synthesised, const PictureArray& real) {
  return psnr_of(mean_square_error(synthesised, real));
}

PIX2PIXHD_INLINE double ssim(const PictureArray& synthesised, const PictureArray& real) {
  check_pictures(synthesised, real);
  const detail::Plane shape{.width = real.shape()[3], .height = real.shape()[2]};
  detail::require(shape.width >= detail::ssim_window && shape.height >= detail::ssim_window,
                  "The structural similarity needs pictures of at least 11x11 pixels; these have ", shape.width, "x",
                  shape.height, ".");
  const std::size_t planes = real.shape()[0] * real.shape()[1], pixels = shape.width * shape.height;
  double sum = 0;
  for (std::size_t i = 0; i < planes; ++i)
    sum += detail::ssim_of_plane(synthesised.data() + i * pixels, real.data() + i * pixels, shape);
  return sum / static_cast<double>(planes);
}

}  // namespace pix2pixhd::inline v0
