// expected: pix2pixhd::Repeat: the number of layers must not be negative

#include <pix2pixhd/layers/blocks.hpp>
#include <pix2pixhd/layers/repeat.hpp>

using namespace pix2pixhd;

/// Fewer than no layers.
#ifdef CORRECT
Repeat<0, ConvBlock<4, 4>> network;
#else
Repeat<-1, ConvBlock<4, 4>> network;
#endif
