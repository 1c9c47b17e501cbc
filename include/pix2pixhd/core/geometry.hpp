#pragma once
/// The vocabulary of a block: padding, norm, activation, and the geometry of its convolution.

#include <pix2pixhd/version.hpp>

#include <string>

namespace pix2pixhd::inline v0 {

/// Normalisation after a convolution. `instance`: per picture and channel, without parameters, eps 1e-5.
/// `batch`: per channel over the batch, with scale and shift, eps 1e-5, momentum 0.1.
enum class Norm { none, instance, batch };

/// How a picture continues beyond its border.
enum class Pad { zero, reflect, replicate };

/// How the back end doubles the sides: a transposed 3x3 convolution (the paper), or nearest neighbour followed by a
/// 3x3 convolution, which leaves no checkerboard.
enum class Upsampling { transposed, resize };

/// `leaky_relu` has slope `leaky_slope` below zero.
enum class Activation { none, relu, leaky_relu, tanh };

inline constexpr double leaky_slope = 0.2;
/// y = (x - mean) / sqrt(variance + norm_epsilon), in instance and batch norm.
inline constexpr double norm_epsilon = 1e-5;
/// running = (1 - batch_norm_momentum) running + batch_norm_momentum now, of batch norm's means and variances.
inline constexpr double batch_norm_momentum = 0.1;

/// Square kernel, equal stride and padding in both directions.
///
/// Convolution: the input is first enlarged by `enlarge` (nearest neighbour), then padded, then convolved; weights
/// are [out, in, kernel, kernel]. Transposed: the gradient of such a convolution by its input, with
/// output_padding = stride - 1 so that sides are multiplied by the stride when 2 * padding = kernel - 1;
/// weights are [in, out, kernel, kernel].
struct ConvGeometry {
  int kernel = 3;
  int stride = 1;
  int padding = 1;
  Pad pad = Pad::zero;
  bool transposed = false;
  int enlarge = 1;

  friend constexpr bool operator==(const ConvGeometry&, const ConvGeometry&) = default;

  /// Side of the output for an input of `side`; not positive where the input is too small.
  constexpr int output(int side) const {
    if (transposed) return (side - 1) * stride - 2 * padding + kernel + (stride - 1);
    return floor_divide(side * enlarge + 2 * padding - kernel, stride) + 1;
  }

 private:
  static constexpr int floor_divide(int a, int b) { return a < 0 ? -((-a + b - 1) / b) : a / b; }
};

/// Index of the pixel that stands at position `i` of a row of `side` pixels continued as `pad` says; -1: a zero.
/// Reflection does not repeat the border pixel (period 2 (side - 1)) and needs |overhang| < side.
constexpr int padded_index(int i, int side, Pad pad) {
  if (i >= 0 && i < side) return i;
  switch (pad) {
    case Pad::zero:
      return -1;
    case Pad::replicate:
      return i < 0 ? 0 : side - 1;
    case Pad::reflect:
      return i < 0 ? -i : 2 * (side - 1) - i;
  }
  return -1;
}

inline const char* to_string(Norm norm) {
  return norm == Norm::instance ? "instance" : norm == Norm::batch ? "batch" : "none";
}
inline const char* to_string(Pad pad) {
  return pad == Pad::reflect ? "reflect" : pad == Pad::replicate ? "replicate" : "zero";
}
inline const char* to_string(Upsampling up) { return up == Upsampling::transposed ? "transposed" : "resize"; }
inline const char* to_string(Activation activation) {
  switch (activation) {
    case Activation::relu:
      return "relu";
    case Activation::leaky_relu:
      return "leaky relu";
    case Activation::tanh:
      return "tanh";
    case Activation::none:
      break;
  }
  return "none";
}

}  // namespace pix2pixhd::inline v0
