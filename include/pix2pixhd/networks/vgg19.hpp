#pragma once
/// The feature extractor of the perceptual loss.

#include <pix2pixhd/layers/conv_block.hpp>
#include <pix2pixhd/layers/pool.hpp>
#include <pix2pixhd/layers/sequential.hpp>
#include <pix2pixhd/layers/taps.hpp>

namespace pix2pixhd::inline v0 {
namespace detail {

template <int In, int Out>
using VggConv = ConvBlock<In, Out, BlockShape{.norm = Norm::none, .activation = Activation::relu}>;

using VggSlices = Taps<VggConv<3, 64>,                                             // relu1_1
                       Sequential<VggConv<64, 64>, MaxPool, VggConv<64, 128>>,     // relu2_1
                       Sequential<VggConv<128, 128>, MaxPool, VggConv<128, 256>>,  // relu3_1
                       Sequential<VggConv<256, 256>, VggConv<256, 256>, VggConv<256, 256>, MaxPool, VggConv<256, 512>>,
                       Sequential<VggConv<512, 512>, VggConv<512, 512>, VggConv<512, 512>, MaxPool, VggConv<512, 512>>>;

}  // namespace detail

/// VGG-19 up to relu5_1 (Simonyan and Zisserman 2015). Result: relu1_1, relu2_1, relu3_1, relu4_1, relu5_1.
/// Names are torchvision's, `features.N`. Sides must be at least `least_side`.
struct Vgg19 : detail::VggSlices {
  static constexpr int in_channels = 3;
  static constexpr int least_side = 16;

  void visit(Names&, Visitor& visitor) {
    Names names("features");
    detail::VggSlices::visit(names, visitor);
  }
};

}  // namespace pix2pixhd::inline v0
