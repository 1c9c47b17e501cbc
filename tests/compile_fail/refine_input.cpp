// expected: pix2pixhd::Refine: `Front` must take as many channels as `Inner`, because both see the same picture

#include <pix2pixhd/layers/blocks.hpp>
#include <pix2pixhd/layers/refine.hpp>

using namespace pix2pixhd;

/// The inner network takes 5 channels, the front 3.
#ifdef CORRECT
Refine<ConvBlock<3, 4>, Downsample<3, 4>, Upsample<4, 2>> network;
#else
Refine<ConvBlock<5, 4>, Downsample<3, 4>, Upsample<4, 2>> network;
#endif
