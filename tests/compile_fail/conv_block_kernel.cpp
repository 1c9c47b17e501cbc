// expected: pix2pixhd::ConvBlock: kernel and stride must be at least 1

#include <pix2pixhd/layers/conv_block.hpp>

using namespace pix2pixhd;

/// A block without stride.
#ifdef CORRECT
ConvBlock<4, 4, BlockShape{.stride = 1}> block;
#else
ConvBlock<4, 4, BlockShape{.stride = 0}> block;
#endif
