#pragma once
/// What networks learn and what they remember: parameters and buffers, and how they are visited by name.

#include <pix2pixhd/core/names.hpp>
#include <pix2pixhd/core/tensor.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <string>

namespace pix2pixhd::inline v0 {

/// A channel count that is known at run time only: a network's input. It is given to the network's constructor or
/// taken from the weights that are loaded.
inline constexpr int dynamic = -1;

/// A learnt array and its gradient, both f32 in PyTorch's order (f64 on the reference backend). Arrays of rank below
/// four are padded with trailing ones: a bias is (n, 1, 1, 1). `grad` is empty until the first backward or
/// zero_gradients. A parameter that is not trainable gets no gradient and stops backward below it.
struct Parameter {
  Tensor value;
  Tensor grad;
  bool trainable = true;
  /// In the network, for messages: "model.1.weight". Set by what gives a network values (initialize,
  /// load, clone); empty: none did.
  std::string name = {};
};

/// An array that is saved and loaded but not learnt: batch norm's running mean and variance.
struct Buffer {
  Tensor value;
};

/// What an array is for; it decides how `initialize` fills it.
enum class ParameterRole {
  weight,    ///< of a convolution: N(0, 0.02)
  bias,      ///< zeros
  scale,     ///< batch norm's weight: N(1, 0.02)
  shift,     ///< batch norm's bias: zeros
  mean,      ///< running mean: zeros
  variance,  ///< running variance: ones
};

/// Shape and purpose of a parameter or buffer, known before it is allocated.
struct ParameterInfo {
  std::array<int, 4> shape{1, 1, 1, 1};  ///< at most one entry is `dynamic`
  int rank = 4;                          ///< of the published array
  ParameterRole role = ParameterRole::weight;

  /// Which entry is `dynamic`; nothing if the whole shape is known.
  std::optional<std::size_t> dynamic_side() const {
    for (std::size_t side = 0; side < shape.size(); ++side)
      if (shape[side] == dynamic) return side;
    return std::nullopt;
  }
  bool is_dynamic() const { return dynamic_side().has_value(); }
  Shape sizes() const { return {shape[0], shape[1], shape[2], shape[3]}; }
};

/// Receives the parameters and buffers of a network, in the order of its state_dict.
class Visitor {
 public:
  virtual ~Visitor() = default;
  virtual void parameter(const std::string& name, Parameter& parameter, const ParameterInfo& info) = 0;
  virtual void buffer(const std::string& name, Buffer& buffer, const ParameterInfo& info) = 0;
};

}  // namespace pix2pixhd::inline v0
