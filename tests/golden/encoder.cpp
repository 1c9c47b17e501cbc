/// The feature encoder against PyTorch.

#include "golden_case.hpp"

using namespace tests;

TEST_CASE("feature encoder") {
  const GoldenCase golden("encoder");
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    FeatureEncoder<EncoderShape{.width = 4, .downsamples = 2}> network;
    set_weights(on.device, network, golden);
    const EncoderInput x{golden.upload(on.device, "input/x"), golden.instances(on.device)};
    check_network(on.device, network, x, golden, true);
  }
}
