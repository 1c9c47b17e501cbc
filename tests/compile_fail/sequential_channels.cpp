// expected: does not take the `Given` channels that the layer before it makes; change its input channels to `Given`
// expected: link<1, 64, pix2pixhd::
// expected: ConvBlock<32, 8

#include <pix2pixhd/layers/blocks.hpp>

using namespace pix2pixhd;

/// The second layer takes 32 channels, the first makes 64.
#ifdef CORRECT
Sequential<ConvBlock<3, 64>, ConvBlock<64, 8>> network;
#else
Sequential<ConvBlock<3, 64>, ConvBlock<32, 8>> network;
#endif
