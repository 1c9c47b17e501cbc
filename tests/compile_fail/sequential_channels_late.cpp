// expected: does not take the `Given` channels
// expected: link<4, 8, pix2pixhd::

#include <pix2pixhd/layers/blocks.hpp>
#include <pix2pixhd/layers/pool.hpp>
#include <pix2pixhd/layers/repeat.hpp>

using namespace pix2pixhd;

/// Channels pass through poolings, residual blocks and repetitions up to the layer at position 4.
template <int In>
using Chain = Sequential<ConvBlock<3, 8>, AveragePool, ResBlock<8>, Repeat<2, ResBlock<8>>, ConvBlock<In, 3>>;
#ifdef CORRECT
Chain<8> network;
#else
Chain<16> network;
#endif
