/// Multi-scale discriminators against PyTorch: every feature and all gradients.

#include "golden_case.hpp"

using namespace tests;

namespace {

template <class Net>
typename Net::Output probes(Device& device, const GoldenCase& golden) {
  typename Net::Output dy;
  for (std::size_t i = 0; i < dy.size(); ++i)
    for (std::size_t j = 0; j < dy[i].size(); ++j)
      dy[i][j] = golden.upload(device, "probe/" + std::to_string(i) + "." + std::to_string(j));
  return dy;
}

template <class Net>
void check_discriminator(const std::string& name) {
  const GoldenCase golden(name);
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    Net network;
    set_weights(on.device, network, golden);
    typename Net::template Context<Mode::train> context;
    const auto y = network.forward(on.device, golden.upload(on.device, "input/x"), context);
    for (std::size_t i = 0; i < y.size(); ++i)
      for (std::size_t j = 0; j < y[i].size(); ++j) {
        CAPTURE(i);
        CAPTURE(j);
        const auto expected = golden.read("output/" + std::to_string(i) + "." + std::to_string(j));
        CHECK(y[i][j].shape() == expected.shape);
        CHECK(relative_error(host(on.device, y[i][j]), expected.values) <= output_tolerance);
      }
    const Tensor dx = network.backward(on.device, probes<Net>(on.device, golden), context, Need::both);
    check_gradients(on.device, network, golden);
    CHECK(relative_error(host(on.device, dx), golden.read("grad/input/x").values) <= gradient_tolerance);
  }
}

}  // namespace

TEST_CASE("two scales") {
  check_discriminator<MultiscaleDiscriminator<2, DiscriminatorShape{.in = 9, .width = 4}>>("discriminator2");
}

TEST_CASE("three scales, odd sides") {
  check_discriminator<MultiscaleDiscriminator<3, DiscriminatorShape{.in = 9, .width = 4, .layers = 2}>>(
      "discriminator3");
}
