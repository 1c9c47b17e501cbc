// Example 4: learning, by hand.
//
// One picture, one small generator, and the plainest rule there is: forward, the gradient of a loss, backward, and a
// step of every parameter against its gradient. It shows what forward, backward, Parameter::grad and zero_gradients do
// for each other.

#include <pix2pixhd/pix2pixhd.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iostream>

using namespace pix2pixhd;

// A generator of the paper's form that is small enough for a toy: one halving, two residual blocks, three classes.
using Net = Generator<0, GeneratorShape{.in = 3, .width = 8, .downsamples = 1, .blocks = 2}>;

constexpr std::size_t height = 32, width = 48;

// Three bands: sky, houses, road.
xt::xtensor<std::uint8_t, 2> make_labels() {
  xt::xtensor<std::uint8_t, 2> labels = xt::xtensor<std::uint8_t, 2>::from_shape({height, width});
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x) labels(y, x) = y < 10 + x / 8 % 2 * 4 ? 0 : y < 22 ? 1 : 2;
  return labels;
}

// What the network shall learn to paint: a colour for each class, darker towards the right. Pictures lie in [-1, 1].
xt::xtensor<float, 4> make_target(const xt::xtensor<std::uint8_t, 2>& labels) {
  const float colours[3][3] = {{0.1f, 0.4f, 0.9f}, {0.5f, 0.1f, -0.2f}, {-0.3f, -0.3f, -0.3f}};
  xt::xtensor<float, 4> image = xt::xtensor<float, 4>::from_shape({1, 3, height, width});
  for (std::size_t c = 0; c < 3; ++c)
    for (std::size_t y = 0; y < height; ++y)
      for (std::size_t x = 0; x < width; ++x)
        image(0, c, y, x) = colours[labels(y, x)][c] - 0.4f * static_cast<float>(x) / width;
  return image;
}

int main() try {
  Device device = cpu();
  Net network;
  initialize(device, network, 7);

  const xt::xtensor<std::uint8_t, 2> labels = make_labels();
  const xt::xtensor<float, 4> target = make_target(labels);
  const SemanticMap map = semantic_map(device, labels, std::nullopt, 3);
  const double count = static_cast<double>(target.size());

  double first = 0, last = 0;
  for (int step = 0; step <= 60; ++step) {
    // The context takes what backward will need. It is emptied by backward, and used once here.
    Net::Context<Mode::train> context;
    const xt::xtensor<float, 4> picture = download(device, network.forward(device, map, context));

    // The loss is the mean of (picture - target)^2 / 2, its gradient by the picture (picture - target) / count.
    xt::xtensor<float, 4> gradient = picture - target;
    last = 0;
    for (float& value : gradient) {
      last += 0.5 * value * value / count;
      value = static_cast<float>(value / count);
    }
    if (step == 0) first = last;
    if (step % 10 == 0) std::cout << "step " << step << ", loss " << last << '\n';

    // Backward adds to the gradients, so that several passes can share a step; hence they are made zero first. That
    // costs nothing: it is a mark, and the first backward after it overwrites.
    zero_gradients(device, network);
    network.backward(device, upload(device, gradient), context, Need::parameters);

    // A step downhill. The gradient is scaled to length 1, so that one step length serves the steep beginning as well
    // as the flat end. Real training uses Adam, which does so for each value.
    double squares = 0;
    for_each_parameter(network, [&](const std::string&, Parameter& parameter) {
      for (const float value : download(device, parameter.grad)) squares += static_cast<double>(value) * value;
    });
    const float rate = static_cast<float>(0.3 / (std::sqrt(squares) + 1e-12));
    for_each_parameter(network, [&](const std::string&, Parameter& parameter) {
      assign(device, parameter, download(device, parameter.value) - rate * download(device, parameter.grad));
    });
  }
  std::cout << "The loss fell to " << 100 * last / first << " % of what it was.\n";
  return last < first / 2 ? 0 : 1;
} catch (const Error& error) {
  std::cerr << "04_backward: " << error.what() << '\n';
  return 1;
}
