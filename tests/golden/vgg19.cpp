/// VGG-19's features and the gradient of a perceptual loss against PyTorch.

#include "golden_case.hpp"
#include "hashed.hpp"

using namespace tests;

namespace {

void set_hashed_weights(Device& device, Vgg19& network) {
  for (const NamedArray& array : named_arrays(network)) {
    const Shape shape = array.info.sizes();
    const auto layer = static_cast<std::uint64_t>(std::stoi(array.name.substr(9)));
    const double scale = array.info.rank > 1 ? std::sqrt(6.0 * shape.n / static_cast<double>(shape.count())) : 0.0;
    *array.value = upload<float>(device, shape, hashed(shape.count(), 1000000 * layer, scale), Role::parameter);
  }
}

}  // namespace

TEST_CASE("taps, perceptual loss and its gradient by the picture") {
  const GoldenCase golden("vgg19");
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    Vgg19 network;
    set_hashed_weights(on.device, network);
    Vgg19::Context<Mode::train> context;
    Vgg19::Context<Mode::infer> nothing;
    const auto fake =
        network.forward(on.device, golden.upload(on.device, "input/fake"), context, {.need = Need::input});
    const auto real = network.forward(on.device, golden.upload(on.device, "input/real"), nothing);
    double loss = 0;
    Vgg19::Output dy;
    for (std::size_t tap = 0; tap < fake.size(); ++tap) {
      CAPTURE(tap);
      const std::vector<double> a = host(on.device, fake[tap]), b = host(on.device, real[tap]);
      const double weight = 10.0 / std::pow(2.0, tap == 4 ? 0.0 : 5.0 - static_cast<double>(tap));
      const auto count = static_cast<double>(a.size());
      std::vector<double> gradient(a.size());
      double mean = 0, distance = 0;
      for (std::size_t i = 0; i < a.size(); ++i) {
        mean += a[i] / count;
        distance += std::abs(a[i] - b[i]) / count;
        gradient[i] = (a[i] > b[i] ? 1 : a[i] < b[i] ? -1 : 0) * weight / count;
      }
      loss += weight * distance;
      CHECK(mean == doctest::Approx(golden.read("output/mean_tap" + std::to_string(tap)).values[0]).epsilon(2e-5));
      dy[tap] = upload<double>(on.device, fake[tap].shape(), gradient);
    }
    CHECK(loss == doctest::Approx(golden.read("output/loss").values[0]).epsilon(2e-5));
    const Tensor dx = network.backward(on.device, std::move(dy), context, Need::input);
    CHECK(relative_error(host(on.device, dx), golden.read("grad/input/fake").values) <= gradient_tolerance);
  }
}
