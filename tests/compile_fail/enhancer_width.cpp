// expected: pix2pixhd::Enhancer: GeneratorShape::width must be divisible by 2^N

#include <pix2pixhd/networks/generator.hpp>

using namespace pix2pixhd;

/// Three enhancers halve the width three times.
#ifdef CORRECT
Generator<3, GeneratorShape{.width = 40}> network;
#else
Generator<3, GeneratorShape{.width = 36}> network;
#endif
