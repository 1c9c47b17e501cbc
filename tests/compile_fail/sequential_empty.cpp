// expected: pix2pixhd::Sequential needs at least one layer

#include <pix2pixhd/layers/blocks.hpp>

using namespace pix2pixhd;

/// A chain of no layers.
#ifdef CORRECT
Sequential<ConvBlock<3, 4>> network;
#else
Sequential<> network;
#endif
