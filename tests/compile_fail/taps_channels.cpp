// expected: does not take the `Given` channels
// expected: link<1, 4, pix2pixhd::

#include <pix2pixhd/layers/conv_block.hpp>
#include <pix2pixhd/layers/taps.hpp>

using namespace pix2pixhd;

/// Taps are linked like a chain.
#ifdef CORRECT
Taps<ConvBlock<3, 4>, ConvBlock<4, 1>> network;
#else
Taps<ConvBlock<3, 4>, ConvBlock<8, 1>> network;
#endif
