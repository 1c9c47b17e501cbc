// expected: pix2pixhd::Taps needs at least one layer

#include <pix2pixhd/layers/conv_block.hpp>
#include <pix2pixhd/layers/taps.hpp>

using namespace pix2pixhd;

/// Taps of no layers.
#ifdef CORRECT
Taps<ConvBlock<3, 4>> network;
#else
Taps<> network;
#endif
