// expected: pix2pixhd::ConvBlock: a resizing block has stride 1

#include <pix2pixhd/layers/conv_block.hpp>

using namespace pix2pixhd;

/// Doubling and halving at once.
#ifdef CORRECT
ConvBlock<4, 4, BlockShape{.resize = true}> block;
#else
ConvBlock<4, 4, BlockShape{.stride = 2, .resize = true}> block;
#endif
