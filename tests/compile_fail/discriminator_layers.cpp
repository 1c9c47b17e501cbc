// expected: pix2pixhd::MultiscaleDiscriminator: DiscriminatorShape::layers must be at least 1

#include <pix2pixhd/networks/discriminator.hpp>

using namespace pix2pixhd;

/// No stages between the first and the last.
#ifdef CORRECT
MultiscaleDiscriminator<2, DiscriminatorShape{.layers = 1}> network;
#else
MultiscaleDiscriminator<2, DiscriminatorShape{.layers = -1}> network;
#endif
