#pragma once
/// Values between host arrays and devices.

#include <pix2pixhd/core/parameter.hpp>
#include <pix2pixhd/core/pixels.hpp>
#include <pix2pixhd/ops/host_array.hpp>
#include <pix2pixhd/ops/resolve.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

namespace pix2pixhd::inline v0 {
namespace detail {

inline void require_values(const Tensor& x, const char* who) {
  require(!x.empty(), who,
          ": the tensor is empty. A gradient is there after backward or zero_gradients, and after Trainer::step only "
          "with TrainOptions::keep_gradients; other tensors get values by upload or from a forward pass.");
}

template <class T>
inline constexpr DataType host_type = std::is_same_v<T, double> ? DataType::f64 : DataType::f32;

template <class Array>
Shape shape_of(const Array& array) {
  const auto& s = array.shape();
  return {static_cast<int>(s[0]), static_cast<int>(s[1]), static_cast<int>(s[2]), static_cast<int>(s[3])};
}

}  // namespace detail

/// Copies values in N, C, H, W order to the device. T is float or double. Throws Error if there are not as many values
/// as the shape says.
template <class T>
Tensor upload(Device& device, const Shape& shape, std::span<const T> values, Role role = Role::activation) {
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>,
                "pix2pixhd::upload takes float or double values");
  detail::require(values.size() == shape.count() && shape.count() > 0, "upload: ", values.size(),
                  " values were given for a tensor of ", to_string(shape), ".");
  Tensor y = device.empty(shape, role);
  device.backend().write(y, values.data(), detail::host_type<T>);
  return y;
}

namespace detail {

/// `x`; of a gradient that was cleared, whose memory holds no values, a tensor of zeros in its place.
inline Tensor with_values(Device& device, Tensor x) {
  if (!x.storage()->cleared()) return x;
  return upload<float>(device, x.shape(), std::vector<float>(x.shape().count(), 0.0f), Role::parameter);
}

}  // namespace detail

/// Copies the values of `x` to the host in N, C, H, W order. T is float or double. A gradient that was cleared and not
/// written since is zeros.
template <class T>
void download(Device& device, const Tensor& x, std::span<T> values) {
  detail::check_tensor(device, x, "the tensor to download");
  detail::require(values.size() == x.shape().count(), "download: room for ", values.size(),
                  " values was given for a tensor of ", to_string(x.shape()), ".");
  if (x.storage()->cleared()) {
    std::fill(values.begin(), values.end(), T(0));
    return;
  }
  const Tensor finished = resolve(device, x);
  device.backend().read(finished, values.data(), detail::host_type<T>);
}

/// A tensor on the device with the array's values: N, C, H, W; pictures in [-1, 1].
inline Tensor upload(Device& device, const xt::xtensor<float, 4>& values) {
  return upload<float>(device, detail::shape_of(values), {values.data(), values.size()});
}

/// The values of `x` as an array N, C, H, W.
inline xt::xtensor<float, 4> download(Device& device, const Tensor& x) {
  detail::require_values(x, "download");
  const Shape& s = x.shape();
  xt::xtensor<float, 4> values =
      xt::xtensor<float, 4>::from_shape({static_cast<std::size_t>(s.n), static_cast<std::size_t>(s.c),
                                         static_cast<std::size_t>(s.h), static_cast<std::size_t>(s.w)});
  download<float>(device, x, {values.data(), values.size()});
  return values;
}

/// Pictures with values in [-1, 1] as bytes, (N, H, W, C): (value + 1) / 2 * 255 in single precision, to the nearest,
/// ties to even; values beyond are clamped, NaN is 0. A GPU converts before it copies, a quarter of the bytes.
inline xt::xtensor<std::uint8_t, 4> download_pixels(Device& device, const Tensor& x) {
  detail::check_tensor(device, x, "the picture to download");
  const Tensor finished = resolve(device, x);
  const Shape& s = x.shape();
  auto pixels =
      xt::xtensor<std::uint8_t, 4>::from_shape({static_cast<std::size_t>(s.n), static_cast<std::size_t>(s.h),
                                                static_cast<std::size_t>(s.w), static_cast<std::size_t>(s.c)});
  if (auto* reader = dynamic_cast<PixelReader*>(&device.backend())) {
    reader->read_pixels(finished, pixels.data());
    return pixels;
  }
  std::vector<float> values(s.count());
  device.backend().read(finished, values.data(), DataType::f32);
  const std::size_t channels = pixels.shape()[3], count = s.pixels();
  for (std::size_t n = 0; n < pixels.shape()[0]; ++n)
    for (std::size_t c = 0; c < channels; ++c) {
      const float* const plane = values.data() + (n * channels + c) * count;
      std::uint8_t* const to = pixels.data() + n * count * channels + c;
      for (std::size_t i = 0; i < count; ++i) to[i * channels] = detail::byte_of(plane[i]);
    }
  return pixels;
}

/// `x` on `device`, stored for `role`, by way of the host; `x` itself if it is there already and stored so, or pending.
inline Tensor to(Device& device, const Tensor& x, Role role = Role::activation) {
  detail::require_values(x, "to");
  const Backend &there = *x.storage()->backend(), &here = device.backend();
  const bool stored_so = !x.pending() && x.format() == here.format(x.shape(), role);
  if ((&here == &there && x.pending()) || (here.accepts(there) && stored_so)) return x;
  Device source(x.storage()->backend());
  std::vector<double> values(x.shape().count());
  download<double>(source, x, values);
  return upload<double>(device, x.shape(), values, role);
}

/// Gives a parameter new values; one that has values keeps its shape: others are an Error. Biases are (n, 1, 1, 1).
inline void assign(Device& device, Parameter& parameter, const xt::xtensor<float, 4>& values) {
  const Shape shape = detail::shape_of(values);
  if (!parameter.value.empty())
    detail::check_same_shape(parameter.value.shape(), shape, "assign: the parameter and its new values");
  parameter.value = upload<float>(device, shape, {values.data(), values.size()}, Role::parameter);
}

}  // namespace pix2pixhd::inline v0
