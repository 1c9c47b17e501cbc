#pragma once
/// Pictures as VGG-19 was trained on them.

#include <pix2pixhd/core/recorded_work.hpp>
#include <pix2pixhd/ops/resolve.hpp>

#include <array>
#include <cstddef>
#include <utility>

namespace pix2pixhd::inline v0 {
namespace detail {

/// Normalise's arrays for y = (x - mean) * scale, channel by channel, for every picture.
inline Tensor channel_scaling(Device& device, int pictures, const std::array<float, 3>& mean,
                              const std::array<float, 3>& scale) {
  const Shape shape{pictures, statistics_rows, 1, 16};
  std::vector<float> values(shape.count(), 0.0f);
  for (std::size_t n = 0; n < static_cast<std::size_t>(pictures); ++n)
    for (std::size_t c = 0; c < 3; ++c) {
      values[(n * statistics_rows + static_cast<std::size_t>(StatisticsRow::mean)) * 16 + c] = mean[c];
      values[(n * statistics_rows + static_cast<std::size_t>(StatisticsRow::scale)) * 16 + c] = scale[c];
    }
  Tensor statistics = device.empty(shape, Role::statistics);
  if (auto* recorder = dynamic_cast<RecordingBackend*>(&device.backend()))
    recorder->write_constants(statistics, values.data());
  else
    device.backend().write(statistics, values.data(), DataType::f32);
  return statistics;
}

inline Tensor rescaled(Device& device, Tensor x, const std::array<float, 3>& mean, const std::array<float, 3>& scale) {
  check_activation(device, x, "the picture to normalise");
  require(x.shape().c == 3, "VGG-19 takes pictures of 3 channels, this one has ", x.shape().c, ".");
  x = resolve(device, std::move(x));
  const Tensor statistics = channel_scaling(device, x.shape().n, mean, scale);
  Tensor y = device.empty(x.shape());
  device.backend().normalise({.x = &x, .statistics = &statistics, .y = y});
  return y;
}

inline constexpr std::array<float, 3> imagenet_mean{0.485f, 0.456f, 0.406f}, imagenet_deviation{0.229f, 0.224f, 0.225f};

}  // namespace detail

/// ((x + 1) / 2 - mean) / deviation with ImageNet's channel means and deviations; x in [-1, 1].
inline Tensor imagenet_normalised(Device& device, Tensor x) {
  std::array<float, 3> mean{}, scale{};
  for (std::size_t c = 0; c < 3; ++c) {
    mean[c] = 2 * detail::imagenet_mean[c] - 1;
    scale[c] = 0.5f / detail::imagenet_deviation[c];
  }
  return detail::rescaled(device, std::move(x), mean, scale);
}

/// Gradient of imagenet_normalised by x.
inline Tensor imagenet_normalised_backward(Device& device, Tensor dy) {
  std::array<float, 3> scale{};
  for (std::size_t c = 0; c < 3; ++c) scale[c] = 0.5f / detail::imagenet_deviation[c];
  return detail::rescaled(device, std::move(dy), {}, scale);
}

}  // namespace pix2pixhd::inline v0
