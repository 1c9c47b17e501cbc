#pragma once
/// The numbers that make a network a type.

#include <pix2pixhd/core/geometry.hpp>
#include <pix2pixhd/core/parameter.hpp>

#include <cstddef>
#include <utility>

namespace pix2pixhd::inline v0 {

/// Shape of a coarse-to-fine generator (paper, section 3.1). `width` is the channel count of G1's first layer; every
/// enhancer outwards halves it. Where widths count from the outermost enhancer, whose first
/// layer has w channels, Generator<N> of width w << N is meant.
struct GeneratorShape {
  int in = 36;           ///< input channels (35 classes and the instance boundaries), or `dynamic`
  int out = 3;           ///< channels of the picture
  int width = 64;        ///< channels of G1's first layer
  int downsamples = 4;   ///< halvings in G1
  int blocks = 9;        ///< residual blocks of G1
  int local_blocks = 3;  ///< residual blocks of each enhancer
  Norm norm = Norm::instance;
  Pad pad = Pad::reflect;  ///< of stem, residual blocks, head and resize convolutions
  Upsampling up = Upsampling::transposed;
};

/// Shape of a multi-scale discriminator (paper, section 3.2). The number of scales is a template parameter of its own.
struct DiscriminatorShape {
  int in = 39;     ///< channels of the map and of the picture, or `dynamic`
  int width = 64;  ///< channels of the first stage; each further one doubles them, up to 512
  int layers = 3;  ///< stages between the first and the last
  Norm norm = Norm::instance;
};

/// Shape of the feature encoder (paper, section 3.4).
struct EncoderShape {
  int in = 3;   ///< channels of the picture, or `dynamic`
  int out = 3;  ///< features per instance
  int width = 16;
  int downsamples = 4;
  Norm norm = Norm::instance;

  friend bool operator==(const EncoderShape&, const EncoderShape&) = default;
};

namespace detail {

/// 0 ... Count - 1. A negative count is refused by a sentence where it is stated; here it must not become a huge one.
template <int Count>
using stages = std::make_index_sequence<static_cast<std::size_t>(Count < 0 ? 0 : Count)>;

}  // namespace detail
}  // namespace pix2pixhd::inline v0
