// expected: pix2pixhd::ConvBlock: a transposed convolution has an odd kernel, zero padding, no resizing

#include <pix2pixhd/layers/conv_block.hpp>

using namespace pix2pixhd;

/// A transposed convolution has no border to reflect.
#ifdef CORRECT
ConvBlock<4, 4, BlockShape{.stride = 2, .transposed = true}> block;
#else
ConvBlock<4, 4, BlockShape{.stride = 2, .pad = Pad::reflect, .transposed = true}> block;
#endif
