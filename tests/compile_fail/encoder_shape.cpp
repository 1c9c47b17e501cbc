// expected: pix2pixhd::FeatureEncoder: EncoderShape::downsamples must not be negative

#include <pix2pixhd/networks/feature_encoder.hpp>

using namespace pix2pixhd;

/// An encoder cannot double its input.
#ifdef CORRECT
FeatureEncoder<EncoderShape{.downsamples = 0}> network;
#else
FeatureEncoder<EncoderShape{.downsamples = -2}> network;
#endif
