#pragma once
/// Inference on pictures of any size.

#include <pix2pixhd/networks/alignment.hpp>
#include <pix2pixhd/networks/feature_encoder.hpp>
#include <pix2pixhd/ops/extend.hpp>

#include <utility>

namespace pix2pixhd::inline v0 {
namespace detail {

inline Sides aligned(const Shape& shape, int alignment) {
  return {aligned_side(shape.h, alignment), aligned_side(shape.w, alignment)};
}

}  // namespace detail

/// One forward pass without gradients. A network with an `alignment` (generators, feature encoders) takes any size: the
/// picture is continued below and to the right by reflection to the next size that it can take, and the result is
/// cropped to the size of the input. Boundaries of instances are those of the picture itself, and instance means take
/// the picture's own pixels only. Other networks run as they are, a Sequential with a trunk in it too: whether a result
/// is as large as its input is for a network of one's own to say, by such a member. Throws Error for a pooled map.
template <class Net, class X>
auto infer(Device& device, const Net& network, const X& input) {
  typename Net::template Context<Mode::infer> context;
  if constexpr (requires { input.level(); })
    detail::require(input.level() == 0, "infer: the semantic map is pooled; give the map that it was pooled from.");
  const auto finish = [&](auto y) {
    if constexpr (requires { y.pending(); })
      return resolve(device, std::move(y));
    else
      return y;
  };
  if constexpr (!requires { Net::alignment; }) {
    return finish(network.forward(device, input, context));
  } else if constexpr (requires { input.instances; }) {
    detail::require(input.shape().count() > 0, "infer: the encoder was given an empty picture.");
    const Shape &image = input.shape(), &plane = input.instances.plane();
    detail::require(input.instances.empty() || (image.h == plane.h && image.w == plane.w),
                    "infer: the instance map is ", plane.w, " x ", plane.h, " pixels, the picture ", image.w, " x ",
                    image.h, "; they must be the same size.");
    X extended = input;
    extended.image = extend(device, input.image, detail::aligned(input.shape(), Net::alignment));
    return finish(network.forward(device, std::move(extended), context));
  } else {
    const Shape shape = input.shape();
    Tensor y = network.forward(device, extend(device, input, detail::aligned(shape, Net::alignment)), context);
    return finish(extend(device, std::move(y), {shape.h, shape.w}));
  }
}

}  // namespace pix2pixhd::inline v0
