#pragma once
/// The work that is handed to a backend, one struct a kind of call. The operations in ops/ fill them: shapes, types and
/// devices are checked and results allocated before a backend sees them.

#include <pix2pixhd/core/geometry.hpp>
#include <pix2pixhd/core/instance_map.hpp>
#include <pix2pixhd/core/semantic_map.hpp>
#include <pix2pixhd/core/tensor.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace pix2pixhd::inline v0 {

/// What a block reads: a tensor, or, for the first layer of a network, a semantic map.
struct BlockInput {
  Tensor tensor = {};
  std::optional<SemanticMap> map;

  BlockInput() = default;
  BlockInput(Tensor x) : tensor(std::move(x)) {}    // NOLINT: implicit on purpose, layers pass either
  BlockInput(SemanticMap x) : map(std::move(x)) {}  // NOLINT
  Shape shape() const { return map ? map->shape() : tensor.shape(); }
  /// Shape of the gradient by this input: a gradient by a map is that of its dense parts that are no constants.
  Shape gradient_shape() const { return map ? shape().with_channels(map->gradient_channels()) : shape(); }
};

/// y = convolution(x, weight) + bias.
struct Convolution {
  ConvGeometry geometry = {};
  const BlockInput* x = nullptr;
  const Tensor* weight = nullptr;
  const Tensor* bias = nullptr;  ///< null: none
  Tensor y = {};
};

/// dx = gradient of a convolution by its input (of a map: by its dense parts), overwritten.
struct ConvolutionBackwardData {
  ConvGeometry geometry = {};
  const Tensor* dy = nullptr;
  const Tensor* weight = nullptr;
  const SemanticMap* map = nullptr;  ///< set where the input was a map
  Tensor dx = {};
  bool keep_derived = false;  ///< keep packed weights for the next call
};

/// Gradients of a convolution by weight and bias (each may be null), added to what is there or overwriting it.
struct ConvolutionBackwardWeights {
  ConvGeometry geometry = {};
  const BlockInput* x = nullptr;
  const Tensor* dy = nullptr;
  Tensor* weight = nullptr;
  Tensor* bias = nullptr;
  bool add_weight = true;
  bool add_bias = true;
};

/// How a block normalises. Pointers are null where `kind` has no such array.
struct Normalisation {
  Norm kind = Norm::none;
  const Tensor* scale = nullptr;  ///< batch norm's weight
  const Tensor* shift = nullptr;  ///< batch norm's bias
  const Tensor* bias = nullptr;   ///< of the convolution, which batch norm's running mean contains
  const Tensor* running_mean = nullptr;
  const Tensor* running_variance = nullptr;
  bool use_running = false;  ///< take mean and variance from the running ones
  bool update_running =
      false;  ///< move the running ones towards those of this batch, of channels where both are finite
};

/// Mean, scale, shift and deviation of every picture and channel of x: see StatisticsRow.
///   variance = mean((x - mean)^2);  deviation = 1 / sqrt(variance + eps);  scale = deviation * weight;  shift = bias
struct Statistics {
  const Tensor* x = nullptr;
  Normalisation norm = {};
  Tensor statistics = {};
};

/// y = activation((x - mean) * scale + shift) + skip. Without statistics: activation(x) + skip. y may be x.
struct Normalise {
  const Tensor* x = nullptr;
  const Tensor* statistics = nullptr;
  Activation activation = Activation::none;
  const Tensor* skip = nullptr;
  Tensor y = {};
};

/// Gradient of Normalise by x, scale and shift. With norm z is the raw input x, without it the activation's output
/// (before the skip), from which the derivative follows. dx may be dy.
///   g = dy * activation'(.);  n = (x - mean) * deviation;  over the pixels that share a mean:
///   d_shift = sum g;  d_scale = sum g n;  dx = scale * (g - mean(g) - n * mean(g n))
struct NormaliseBackward {
  const Tensor* dy = nullptr;
  const Tensor* z = nullptr;
  const Tensor* statistics = nullptr;
  Norm kind = Norm::none;
  bool running = false;  ///< the statistics were the running ones: constants, so dx = scale * g
  Activation activation = Activation::none;
  Tensor dx = {};
  Tensor* scale = nullptr;  ///< gradients of batch norm's weight and bias; null: not wanted
  Tensor* shift = nullptr;
  bool add_scale = true;
  bool add_shift = true;
};

/// Pad, convolve, normalise, activate, add the skip: one block, forward.
struct ConvBlockCall {
  ConvGeometry geometry = {};
  Normalisation norm = {};
  Activation activation = Activation::none;
  const BlockInput* x = nullptr;
  const Tensor* weight = nullptr;
  const Tensor* bias = nullptr;  ///< null where a norm cancels it
  const Tensor* skip = nullptr;
  Tensor raw = {};         ///< the convolution's output; with no norm the activation's, before the skip
  Tensor statistics = {};  ///< empty without norm
  Tensor y = {};           ///< the result; empty if it is left pending on `raw`; may share raw's storage
  std::shared_ptr<Storage> kinds = nullptr;      ///< to be filled, see Pending::kinds; null: not wanted
  std::shared_ptr<Storage> workspace = nullptr;  ///< at least as many bytes as the backend asked for, or null for none
  bool keep_derived = true;                      ///< keep packed weights for the next call
};

/// The same block, backward. The gradient of a bias under a norm is zero by definition and not part of the call.
struct ConvBlockBackwardCall {
  ConvGeometry geometry = {};
  Norm norm = Norm::none;
  bool running = false;
  Activation activation = Activation::none;
  Shape input = {};               ///< of x
  const BlockInput* x = nullptr;  ///< for the weights' gradient only; else of a map what tells its channels, or empty
  const Tensor* weight = nullptr;
  const Tensor* saved = nullptr;       ///< ConvBlockCall::raw
  const Tensor* statistics = nullptr;  ///< null without norm
  const Tensor* dy = nullptr;
  Tensor dz = {};              ///< room for the gradient at the convolution's output; may be *dy, and is, to
                               ///< be left unwritten, where there is neither norm nor activation
  Tensor* d_weight = nullptr;  ///< null: not wanted
  Tensor* d_bias = nullptr;
  Tensor* d_scale = nullptr;
  Tensor* d_shift = nullptr;
  bool add_weight = true, add_bias = true, add_scale = true, add_shift = true;
  Tensor dx = {};  ///< empty: not wanted
  std::shared_ptr<Storage> workspace = nullptr;
  bool keep_derived = true;  ///< keep packed weights for the next call
};

/// Terms of the objectives; n is the number of values of x.
enum class LossKind {
  squared,        ///< sum (x - target)^2 / n: least squares GAN
  cross_entropy,  ///< of sigmoid(x) with the target probability, mean: vanilla GAN
  hinge,          ///< sum max(0, 1 - target * x) / n, target 1 or -1
  linear,         ///< -sum x / n: the generator's side of the hinge loss
  absolute,       ///< sum |x - y| / n: feature matching and perceptual loss
};

/// weight * loss(x), and its gradient by x. Arguments of LossKind::absolute may be pending on a backend that normalises
/// on load.
struct LossCall {
  LossKind kind = LossKind::squared;
  const Tensor* x = nullptr;
  const Tensor* y = nullptr;  ///< LossKind::absolute only
  double target = 0;
  double weight = 1;
  Tensor dx = {};  ///< overwritten; empty: not wanted
};

/// One step of Adam (Kingma and Ba 2015), in place:
///   m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;
///   value -= rate / (1 - beta1^step) * m / (sqrt(v / (1 - beta2^step)) + epsilon)
struct AdamCall {
  const Tensor* gradient = nullptr;  ///< may be cleared: zeros
  Tensor value = {}, m = {}, v = {};
  double rate = 2e-4, beta1 = 0.5, beta2 = 0.999, epsilon = 1e-8;
  std::int64_t step = 1;  ///< counted from 1
};

/// Multiplications of a convolution from x to y, counted as a dense one: labels as one-hot channels, padding included.
inline double multiply_adds(const ConvGeometry& geometry, const Shape& x, const Shape& y) {
  const double taps = static_cast<double>(geometry.kernel) * geometry.kernel;
  return geometry.transposed ? static_cast<double>(x.count()) * y.c * taps
                             : static_cast<double>(y.count()) * x.c * taps;
}

/// The two poolings that the networks use.
enum class Pooling {
  average3,  ///< 3x3, stride 2, padding 1, averages over the taps that exist (image pyramids)
  max2,      ///< 2x2, stride 2, the first of equals wins (VGG)
};

constexpr int pooled_side(Pooling pooling, int side) {
  return pooling == Pooling::average3 ? (side + 1) / 2 : side / 2;
}

}  // namespace pix2pixhd::inline v0
