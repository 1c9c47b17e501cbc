#pragma once
/// The blocks of the paper's generator (section 3.1; in PyTorch: bench/peers/rivals/networks.py).

#include <pix2pixhd/layers/conv_block.hpp>
#include <pix2pixhd/layers/residual.hpp>
#include <pix2pixhd/layers/sequential.hpp>

namespace pix2pixhd::inline v0 {

/// 7x7 convolution of stride 1, norm, ReLU: what every front end begins with.
template <int In, int Out, Norm N = Norm::instance, Pad P = Pad::reflect>
using Stem = ConvBlock<In, Out, BlockShape{.kernel = 7, .pad = P, .norm = N}>;

/// 3x3 convolution of stride 2 with zero padding, norm, ReLU: halves the sides, rounding up.
template <int In, int Out, Norm N = Norm::instance>
using Downsample = ConvBlock<In, Out, BlockShape{.stride = 2, .norm = N}>;

/// Doubles the sides: transposed 3x3 convolution, or nearest neighbour and a 3x3 convolution; then norm, ReLU.
template <int In, int Out, Norm N = Norm::instance, Upsampling U = Upsampling::transposed, Pad P = Pad::reflect>
using Upsample = ConvBlock<In, Out,
                           U == Upsampling::transposed ? BlockShape{.stride = 2, .transposed = true, .norm = N}
                                                       : BlockShape{.pad = P, .resize = true, .norm = N}>;

/// x + norm(conv(ReLU(norm(conv(x))))), 3x3.
template <int Channels, Norm N = Norm::instance, Pad P = Pad::reflect>
using ResBlock = Residual<
    Sequential<ConvBlock<Channels, Channels, BlockShape{.pad = P, .norm = N}>,
               ConvBlock<Channels, Channels, BlockShape{.pad = P, .norm = N, .activation = Activation::none}>>>;

/// 7x7 convolution and tanh: the picture, in [-1, 1].
template <int In, int Out, Pad P = Pad::reflect>
using Head = ConvBlock<In, Out, BlockShape{.kernel = 7, .pad = P, .norm = Norm::none, .activation = Activation::tanh}>;

}  // namespace pix2pixhd::inline v0
