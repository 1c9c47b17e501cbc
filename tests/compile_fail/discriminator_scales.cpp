// expected: pix2pixhd::MultiscaleDiscriminator: at least one scale is needed

#include <pix2pixhd/networks/discriminator.hpp>

using namespace pix2pixhd;

/// No scales.
#ifdef CORRECT
MultiscaleDiscriminator<1> network;
#else
MultiscaleDiscriminator<0> network;
#endif
