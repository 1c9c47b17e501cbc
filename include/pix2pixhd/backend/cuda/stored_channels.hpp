#pragma once
/// Channels as activations store them: filled up to whole groups, of which a thread of a kernel takes one.

#include <pix2pixhd/backend/cuda/counted.hpp>
#include <pix2pixhd/backend/cuda/kernels/arguments.hpp>
#include <pix2pixhd/core/tensor.hpp>

#include <cstddef>

namespace pix2pixhd::inline v0::backend_cuda {

/// Channels of a group: 16 bytes of 16-bit values.
inline constexpr int group_channels = 8;

constexpr int stored_channels(int channels) {
  return (channels + group_channels - 1) / group_channels * group_channels;
}

/// Stored channels of an activation.
inline int channels_of(const Tensor& x) { return x.format().block; }
/// Pixels of a picture. Throws Error where kernels could not number those of all pictures.
inline int pixels_of(const Tensor& x) {
  check_pixels(x.shape());
  return static_cast<int>(x.shape().pixels());
}

/// Groups in all pixels of all pictures, for a shape with stored channels.
constexpr std::size_t groups_of(const Shape& stored) { return stored.with_channels(stored.c / group_channels).count(); }
/// Threads of a kernel each of which takes a group of a column in several rows of what it writes. Throws Error as
/// pixels_of.
inline std::size_t threads_of_rows(const Shape& stored) {
  check_pixels(stored);
  const int rows = (stored.h + kernels::rows_of_thread - 1) / kernels::rows_of_thread;
  return groups_of({stored.n, stored.c, rows, stored.w});
}
/// Threads of a kernel each of which takes a group of several pixels of a picture. Throws Error as pixels_of.
inline std::size_t threads_of_pixels(const Tensor& x) {
  return groups_of(
      {x.shape().n, channels_of(x), 1, (pixels_of(x) + kernels::pixels_of_thread - 1) / kernels::pixels_of_thread});
}
inline std::size_t groups_of(const Tensor& x) { return groups_of(x.shape().with_channels(channels_of(x))); }

}  // namespace pix2pixhd::inline v0::backend_cuda
