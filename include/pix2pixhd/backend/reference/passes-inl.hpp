#pragma once
/// Statistics, normalisation and activation, and their gradients.

#include <pix2pixhd/backend/reference/planes.hpp>
#include <pix2pixhd/backend/reference/reference_backend.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <cmath>
#include <cstddef>

namespace pix2pixhd::inline v0 {
namespace detail {

/// Entry of a statistics tensor.
inline double& statistic(const Tensor& statistics, int n, StatisticsRow row, int c) {
  const Shape& shape = statistics.shape();
  const std::size_t line =
      static_cast<std::size_t>(n) * static_cast<std::size_t>(shape.c) + static_cast<std::size_t>(row);
  return const_cast<double*>(
      statistics.data<double>())[line * static_cast<std::size_t>(shape.w) + static_cast<std::size_t>(c)];
}

/// NaN stays NaN.
inline double activate(double x, Activation activation) {
  switch (activation) {
    case Activation::relu:
      return x < 0 ? 0 : x;
    case Activation::leaky_relu:
      return x > 0 ? x : leaky_slope * x;
    case Activation::tanh:
      return std::tanh(x);
    case Activation::none:
      break;
  }
  return x;
}

/// Derivative of an activation, by its output.
inline double activation_slope(double y, Activation activation) {
  switch (activation) {
    case Activation::relu:
      return y > 0 ? 1 : 0;
    case Activation::leaky_relu:
      return y > 0 ? 1 : leaky_slope;
    case Activation::tanh:
      return 1 - y * y;
    case Activation::none:
      break;
  }
  return 1;
}

}  // namespace detail

PIX2PIXHD_INLINE void ReferenceBackend::statistics(const Statistics& call) {
  const Shape& shape = call.x->shape();
  const Normalisation& norm = call.norm;
  const bool batch = norm.kind == Norm::batch;
  const auto pixels = static_cast<double>(shape.pixels());
  call.statistics.mutable_data<double>();
  for (int c = 0; c < shape.c; ++c) {
    const double bias = batch && norm.bias ? norm.bias->data<double>()[c] : 0.0;
    for (int n = 0; n < shape.n; ++n) {
      // Batch norm shares its mean over all pictures: computed once, repeated for the others.
      const int first = batch ? 0 : n, last = batch ? shape.n - 1 : n;
      const double count = pixels * (last - first + 1);
      double mean = 0, variance = 0;
      if (norm.use_running) {
        mean = norm.running_mean->data<double>()[c] - bias;
        variance = norm.running_variance->data<double>()[c];
      } else {
        for (int i = first; i <= last; ++i)
          for (std::size_t p = 0; p < shape.pixels(); ++p) mean += detail::plane_of(*call.x, i, c)[p] / count;
        for (int i = first; i <= last; ++i)
          for (std::size_t p = 0; p < shape.pixels(); ++p)
            variance += std::pow(detail::plane_of(*call.x, i, c)[p] - mean, 2) / count;
      }
      const double deviation = 1 / std::sqrt(variance + norm_epsilon);
      detail::statistic(call.statistics, n, StatisticsRow::mean, c) = mean;
      detail::statistic(call.statistics, n, StatisticsRow::deviation, c) = deviation;
      detail::statistic(call.statistics, n, StatisticsRow::scale, c) =
          deviation * (batch ? norm.scale->data<double>()[c] : 1.0);
      detail::statistic(call.statistics, n, StatisticsRow::shift, c) = batch ? norm.shift->data<double>()[c] : 0.0;
      if (batch && n == 0 && norm.update_running && std::isfinite(mean) && std::isfinite(variance)) {
        double& running_mean = norm.running_mean->mutable_data<double>()[c];
        double& running_variance = norm.running_variance->mutable_data<double>()[c];
        running_mean += batch_norm_momentum * (mean + bias - running_mean);
        running_variance += batch_norm_momentum * (variance * count / (count > 1 ? count - 1 : 1) - running_variance);
      }
    }
  }
}

PIX2PIXHD_INLINE void ReferenceBackend::normalise(const Normalise& call) {
  const Shape& shape = call.x->shape();
  call.y.mutable_data<double>();
  for (int n = 0; n < shape.n; ++n)
    for (int c = 0; c < shape.c; ++c)
      for (std::size_t i = 0; i < shape.pixels(); ++i) {
        double x = detail::plane_of(*call.x, n, c)[i];
        if (call.statistics)
          x = (x - detail::statistic(*call.statistics, n, StatisticsRow::mean, c)) *
                  detail::statistic(*call.statistics, n, StatisticsRow::scale, c) +
              detail::statistic(*call.statistics, n, StatisticsRow::shift, c);
        x = detail::activate(x, call.activation);
        if (call.skip) x += detail::plane_of(*call.skip, n, c)[i];
        detail::mutable_plane_of(call.y, n, c)[i] = x;
      }
}

PIX2PIXHD_INLINE void ReferenceBackend::normalise_backward(const NormaliseBackward& call) {
  const Shape& shape = call.dy->shape();
  call.dx.mutable_data<double>();
  double* d_scale = call.scale ? call.scale->mutable_data<double>() : nullptr;
  double* d_shift = call.shift ? call.shift->mutable_data<double>() : nullptr;
  const bool normed = call.kind != Norm::none;
  for (int c = 0; c < shape.c; ++c) {
    const auto entry = [&](int n, StatisticsRow row) { return detail::statistic(*call.statistics, n, row, c); };
    const auto normalised = [&](int n, std::size_t i) {
      return (detail::plane_of(*call.z, n, c)[i] - entry(n, StatisticsRow::mean)) * entry(n, StatisticsRow::deviation);
    };
    const auto gradient = [&](int n, std::size_t i) {
      double y = detail::plane_of(*call.z, n, c)[i];
      if (normed)
        y = detail::activate(
            (y - entry(n, StatisticsRow::mean)) * entry(n, StatisticsRow::scale) + entry(n, StatisticsRow::shift),
            call.activation);
      return detail::plane_of(*call.dy, n, c)[i] * detail::activation_slope(y, call.activation);
    };
    double all_g = 0, all_gn = 0;
    const auto sums = [&](int n) {
      double g = 0, gn = 0;
      for (std::size_t i = 0; i < shape.pixels(); ++i) {
        g += gradient(n, i);
        gn += gradient(n, i) * normalised(n, i);
      }
      return std::pair{g, gn};
    };
    if (call.kind == Norm::batch) {
      for (int n = 0; n < shape.n; ++n) {
        const auto [g, gn] = sums(n);
        all_g += g;
        all_gn += gn;
      }
      if (d_shift) d_shift[c] = all_g + (call.add_shift ? d_shift[c] : 0.0);
      if (d_scale) d_scale[c] = all_gn + (call.add_scale ? d_scale[c] : 0.0);
    }
    for (int n = 0; n < shape.n; ++n) {
      double mean_g = 0, mean_gn = 0;
      if (normed && !call.running) {
        const auto [g, gn] = call.kind == Norm::batch ? std::pair{all_g, all_gn} : sums(n);
        const double count = static_cast<double>(shape.pixels()) * (call.kind == Norm::batch ? shape.n : 1);
        mean_g = g / count;
        mean_gn = gn / count;
      }
      for (std::size_t i = 0; i < shape.pixels(); ++i) {
        const double g = gradient(n, i);
        detail::mutable_plane_of(call.dx, n, c)[i] =
            normed ? entry(n, StatisticsRow::scale) * (g - mean_g - (call.running ? 0.0 : normalised(n, i) * mean_gn))
                   : g;
      }
    }
  }
}

PIX2PIXHD_INLINE void ReferenceBackend::add(const Tensor& a, const Tensor& b, Tensor& y) {
  double* to = y.mutable_data<double>();
  for (std::size_t i = 0; i < y.shape().count(); ++i) to[i] = a.data<double>()[i] + b.data<double>()[i];
}

}  // namespace pix2pixhd::inline v0
