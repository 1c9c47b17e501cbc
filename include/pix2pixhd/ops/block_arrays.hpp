#pragma once
/// What a block of convolution, norm and activation is given: its arrays, and their checks.

#include <pix2pixhd/core/ask.hpp>
#include <pix2pixhd/ops/resolve.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {

/// What a block computes.
struct ConvBlockSpec {
  ConvGeometry geometry = {};
  Norm norm = Norm::instance;
  Activation activation = Activation::relu;
};

/// What a block learns and remembers; scale, shift, mean and variance are batch norm's.
struct ConvBlockArrays {
  Parameter weight, bias, scale, shift;
  Buffer mean, variance;

  // A copy would share its values with the original; clone makes one that does not.
  ConvBlockArrays() = default;
  ConvBlockArrays(ConvBlockArrays&&) = default;
  ConvBlockArrays& operator=(ConvBlockArrays&&) = default;
};

/// What forward leaves for backward: the input's handle, the raw output (without norm: the activated one) and the
/// statistics. Masks and normalised values are computed again from these.
struct ConvBlockRecord {
  bool running = false;
  Need need = Need::none;
  BlockInput x;  ///< with its values only if the weights' gradient will be asked for
  Shape input, gradient;
  Tensor saved, statistics;

  bool full() const { return !saved.empty(); }
};

namespace detail {

/// "a 7x7 block of 36 to 64 channels", for messages.
inline std::string describe(const ConvBlockSpec& spec, const Tensor& weight) {
  const Shape& w = weight.shape();
  const bool transposed = spec.geometry.transposed;
  return sentence("a ", spec.geometry.kernel, "x", spec.geometry.kernel, transposed ? " transposed" : "", " block of ",
                  transposed ? w.n : w.c, " to ", transposed ? w.c : w.n, " channels");
}

/// "layer model.1, ", or nothing if the parameter was given no name yet.
inline std::string in_layer(const Parameter& weight) {
  return weight.name.empty() ? "" : "layer " + weight.name.substr(0, weight.name.rfind('.')) + ", ";
}

/// Does the backend's part of a block; what it throws says in which layer of the network that was.
template <class Work>
void in_block(const ConvBlockSpec& spec, const Parameter& weight, Work&& work) {
  const auto sentence_of = [&](const Error& error) {
    return sentence(in_layer(weight), describe(spec, weight.value), ": ", error.what());
  };
  try {
    work();
  } catch (const OutOfMemory& error) {
    throw OutOfMemory(sentence_of(error));
  } catch (const Error& error) {
    throw Error(sentence_of(error));
  }
}

/// Throws unless all arrays have values, on this device, of the sizes that the block computes with.
inline void check_arrays(const Device& device, const ConvBlockSpec& spec, const ConvBlockArrays& arrays) {
  check_parameter(device, arrays.weight.value, "the weight of a block");
  const Shape& w = arrays.weight.value.shape();
  require(w.h == spec.geometry.kernel && w.w == spec.geometry.kernel, "the weight of a block is ", to_string(w),
          ", its kernel must be ", spec.geometry.kernel, "x", spec.geometry.kernel, ".");
  const Shape each{spec.geometry.transposed ? w.c : w.n, 1, 1, 1};
  const auto check = [&](const Tensor& array, const char* what) {
    check_parameter(device, array, what);
    check_same_shape(array.shape(), each, what);
  };
  check(arrays.bias.value, "the bias of a block");
  if (spec.norm != Norm::batch) return;
  check(arrays.scale.value, "the scale of batch norm");
  check(arrays.shift.value, "the shift of batch norm");
  check(arrays.mean.value, "the running mean of batch norm");
  check(arrays.variance.value, "the running variance of batch norm");
}

/// Size of a block's output; throws where the input does not suit it.
inline Shape conv_block_output(const ConvBlockSpec& spec, const Shape& x, const Parameter& weight) {
  const Shape& w = weight.value.shape();
  const int in = spec.geometry.transposed ? w.n : w.c, out = spec.geometry.transposed ? w.c : w.n;
  require(x.c == in, in_layer(weight), describe(spec, weight.value), " was given ", x.c, " channels; give it ", in,
          " or build the network for ", x.c, ".");
  const Shape y{x.n, out, spec.geometry.output(x.h), spec.geometry.output(x.w)};
  const int enlarge = spec.geometry.enlarge;
  const int smallest = spec.geometry.pad == Pad::reflect ? (spec.geometry.padding + enlarge) / enlarge : 1;
  require(
      y.n > 0 && y.h > 0 && y.w > 0 && std::min(x.h, x.w) >= smallest, in_layer(weight), describe(spec, weight.value),
      " was given ", x.n, " pictures of ", x.w, " x ", x.h, " pixels, which are too small for it",
      spec.geometry.pad == Pad::reflect ? sentence(": reflection needs sides of at least ", smallest) : std::string(),
      ".");
  return y;
}

}  // namespace detail
}  // namespace pix2pixhd::inline v0
