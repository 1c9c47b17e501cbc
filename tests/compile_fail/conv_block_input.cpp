// expected: pix2pixhd::ConvBlock: the input channels must be at least 1, or pix2pixhd::dynamic

#include <pix2pixhd/layers/conv_block.hpp>

using namespace pix2pixhd;

/// A block without input channels.
#ifdef CORRECT
ConvBlock<dynamic, 4> block;
#else
ConvBlock<0, 4> block;
#endif
