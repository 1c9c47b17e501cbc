// expected: pix2pixhd::Residual: the branch must make as many channels as it takes, so that they can be added

#include <pix2pixhd/layers/blocks.hpp>

using namespace pix2pixhd;

/// The sum of 4 and 8 channels.
#ifdef CORRECT
Residual<Sequential<ConvBlock<4, 4>, ConvBlock<4, 4>>> network;
#else
Residual<Sequential<ConvBlock<4, 4>, ConvBlock<4, 8>>> network;
#endif
