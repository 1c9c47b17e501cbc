// expected: pix2pixhd::ConvBlock: the output channels must be at least 1

#include <pix2pixhd/layers/conv_block.hpp>

using namespace pix2pixhd;

/// A block without output channels; only an input may be dynamic.
#ifdef CORRECT
ConvBlock<4, 1> block;
#else
ConvBlock<4, dynamic> block;
#endif
