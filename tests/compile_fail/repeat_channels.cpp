// expected: pix2pixhd::Repeat: the repeated layer must make as many channels as it takes

#include <pix2pixhd/layers/blocks.hpp>
#include <pix2pixhd/layers/repeat.hpp>

using namespace pix2pixhd;

/// A layer that changes the channels cannot follow itself.
#ifdef CORRECT
Repeat<3, ConvBlock<4, 4>> network;
#else
Repeat<3, ConvBlock<4, 8>> network;
#endif
