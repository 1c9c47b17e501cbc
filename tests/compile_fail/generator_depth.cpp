// expected: pix2pixhd::Generator: the number of enhancers must not be negative

#include <pix2pixhd/networks/generator.hpp>

using namespace pix2pixhd;

/// A number of enhancers below none.
#ifdef CORRECT
Generator<0> network;
#else
Generator<-1> network;
#endif
