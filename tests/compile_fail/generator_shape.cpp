// expected: pix2pixhd::GeneratorShape: downsamples must not be negative

#include <pix2pixhd/networks/generator.hpp>

using namespace pix2pixhd;

/// G1 cannot double its input.
#ifdef CORRECT
Generator<1, GeneratorShape{.downsamples = 0}> network;
#else
Generator<1, GeneratorShape{.downsamples = -1}> network;
#endif
