// expected: pix2pixhd::Enhancer: the depth must not be negative

#include <pix2pixhd/networks/enhancer.hpp>

using namespace pix2pixhd;

/// A depth below G1.
#ifdef CORRECT
Enhancer<0> trunk;
#else
Enhancer<-1> trunk;
#endif
