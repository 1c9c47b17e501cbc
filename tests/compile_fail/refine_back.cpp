// expected: pix2pixhd::Refine: `Back` must take as many channels as `Front` makes

#include <pix2pixhd/layers/blocks.hpp>
#include <pix2pixhd/layers/refine.hpp>

using namespace pix2pixhd;

/// The back takes 8 channels, the sum has 4.
#ifdef CORRECT
Refine<ConvBlock<3, 4>, Downsample<3, 4>, Upsample<4, 2>> network;
#else
Refine<ConvBlock<3, 4>, Downsample<3, 4>, Upsample<8, 2>> network;
#endif
