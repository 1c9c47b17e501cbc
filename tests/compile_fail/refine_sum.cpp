// expected: pix2pixhd::Refine: `Front` must make as many channels as `Inner`, because their features are added

#include <pix2pixhd/layers/blocks.hpp>
#include <pix2pixhd/layers/refine.hpp>

using namespace pix2pixhd;

/// The inner network makes 8 channels, the front 4.
#ifdef CORRECT
Refine<ConvBlock<3, 4>, Downsample<3, 4>, Upsample<4, 2>> network;
#else
Refine<ConvBlock<3, 8>, Downsample<3, 4>, Upsample<4, 2>> network;
#endif
