/// The networks at their real widths against PyTorch: outputs, and of every gradient the sum of squares.

#include "golden_case.hpp"
#include "hashed.hpp"

using namespace tests;

namespace {

template <class Net>
void set_hashed_weights(Device& device, Net& network) {
  std::uint64_t n = 0;
  for_each_parameter(network, [&](const std::string&, Parameter& parameter) { parameter.trainable = true; });
  for (const NamedArray& array : named_arrays(network)) {
    const Shape shape = array.info.sizes();
    const double fan = static_cast<double>(shape.count()) / shape.n;
    const double scale = array.info.rank > 1 ? std::sqrt(4.5 / fan) : 0.1;
    *array.value = upload<float>(device, shape, hashed(shape.count(), 1000000 * n++, scale), Role::parameter);
  }
}

Tensor hashed_probe(Device& device, const Shape& shape) {
  return upload<float>(device, shape, hashed(shape.count(), 7, 1.0));
}

/// A stored output is whole, or sum, sum of squares and the first 4096 values.
void check_output(const std::vector<double>& got, const std::vector<double>& expected) {
  if (got.size() == expected.size()) {
    CHECK(relative_error(got, expected) <= 1e-4);
    return;
  }
  const std::vector<double> head(got.begin(), got.begin() + 4096), expected_head(expected.begin() + 2, expected.end());
  double squares = 0;
  for (const double value : got) squares += value * value;
  CHECK(relative_error(head, expected_head) <= 1e-4);
  CHECK(squares == doctest::Approx(expected[1]).epsilon(1e-4));
}

template <class Net>
void check_sums_of_squares(Device& device, Net& network, const GoldenCase& golden) {
  for_each_parameter(network, [&](const std::string& name, Parameter& parameter) {
    CAPTURE(name);
    const double expected = golden.read("grad/" + name).values[1];
    double squares = 0;
    for (const double value : host(device, parameter.grad)) squares += value * value;
    if (name.ends_with("bias") && expected < 1e-15)
      CHECK(squares == 0);
    else
      CHECK(squares == doctest::Approx(expected).epsilon(1e-3));
  });
}

}  // namespace

TEST_CASE("the 2048x1024 generator") {
  const GoldenCase golden("full_generator1");
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    auto network = std::make_unique<Generator<1>>();
    set_hashed_weights(on.device, *network);
    Generator<1>::Context<Mode::train> context;
    const Tensor y = network->forward(on.device, golden.map(on.device, 35), context);
    check_output(host(on.device, y), golden.read("output/y").values);
    network->backward(on.device, hashed_probe(on.device, y.shape()), context, Need::parameters);
    check_sums_of_squares(on.device, *network, golden);
  }
}

TEST_CASE("the three-scale discriminator") {
  const GoldenCase golden("full_discriminator3");
  using Net = MultiscaleDiscriminator<3>;
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    Net network;
    set_hashed_weights(on.device, network);
    Net::Context<Mode::train> context;
    const Net::Output y = network.forward(on.device, golden.upload(on.device, "input/x"), context);
    Net::Output dy;
    for (std::size_t i = 0; i < y.size(); ++i)
      for (std::size_t j = 0; j < y[i].size(); ++j) {
        CAPTURE(i);
        CAPTURE(j);
        check_output(host(on.device, y[i][j]),
                     golden.read("output/" + std::to_string(i) + "." + std::to_string(j)).values);
        dy[i][j] = hashed_probe(on.device, y[i][j].shape());
      }
    network.backward(on.device, std::move(dy), context, Need::both);
    check_sums_of_squares(on.device, network, golden);
  }
}
