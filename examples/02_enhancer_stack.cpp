// Example 2: a coarse-to-fine network of one's own.
//
// Generator and Enhancer are made of parts that are there for everybody. This program nests them differently: a coarse
// network that works at half size, around it a refining network at full size, and a head that makes the picture. Then
// it runs the stack forward and backward.

#include <pix2pixhd/pix2pixhd.hpp>

#include <cstddef>
#include <iostream>
#include <string>

using namespace pix2pixhd;

// The coarse network sees the map at half size. Channel counts are template arguments, so that each layer is checked
// against the one before it while the program is compiled. Change the 32 of Repeat to 48: the compiler then says which
// layer, at which position, was given how many channels, and what to change.
using Coarse = Sequential<Stem<5, 16>,              // 7x7 convolution, norm, ReLU
                          Downsample<16, 32>,       // halves the sides
                          Repeat<2, ResBlock<32>>,  // x + branch(x), twice
                          Upsample<32, 16>>;        // doubles the sides

// The refining network: its front end halves the sides too, so that its features can be added to those of the coarse
// network; its back end doubles them again. Norm and upsampling are template arguments as well: this one uses a resize
// and a convolution in place of a transposed convolution.
using Front = Sequential<Stem<5, 8>, Downsample<8, 16>>;
using Back = Sequential<Repeat<1, ResBlock<16>>, Upsample<16, 8, Norm::instance, Upsampling::resize>>;

// y = back(front(x) + coarse(pool(x))). Enhancer<N> is this with Enhancer<N - 1> inside. Its innermost front end is
// wrapped in Recomputed, which can save memory in training, and, as are the residual blocks after it, in StoredAsFloat,
// which keeps bits in bf16.
using Trunk = Refine<Coarse, Front, Back>;
using Net = Sequential<Trunk, Head<8, 3>>;

// What a network takes and makes is part of its type.
static_assert(Net::in_channels == 5 && Net::out_channels == 3);

// The type of T as the compiler spells it, without the namespace.
template <class T>
std::string type_name() {
  std::string text = __PRETTY_FUNCTION__;
  const std::size_t begin = text.find("T = ") + 4;
  text = text.substr(begin, text.find_first_of(";]", begin) - begin);
  for (const std::string space : {"pix2pixhd::", "v0::"})
    for (std::size_t at = text.find(space); at != std::string::npos; at = text.find(space))
      text.erase(at, space.size());
  return text;
}

int main() try {
  Device device = cpu();
  Net network;
  initialize(device, network, 1);  // N(0, 0.02) by seed, name and index

  // Stem, Downsample and so on are names for a ConvBlock of a certain shape.
  std::cout << "front: " << type_name<Front>() << "\n\n";

  // Every parameter has a name, formed as in a state_dict. `save` and `load` use these names.
  std::size_t values = 0;
  for_each_parameter(network, [&](const std::string& name, Parameter& parameter) {
    std::cout << name << "  " << to_string(parameter.value.shape()) << '\n';
    values += parameter.value.shape().count();
  });
  std::cout << values << " values\n\n";

  // A map of 4 classes and the boundaries between instances: 5 channels. Left half class 1, right half class 2.
  xt::xtensor<std::uint8_t, 2> labels = xt::xtensor<std::uint8_t, 2>::from_shape({32, 64});
  xt::xtensor<std::int32_t, 2> instances = xt::xtensor<std::int32_t, 2>::from_shape({32, 64});
  for (std::size_t y = 0; y < 32; ++y)
    for (std::size_t x = 0; x < 64; ++x) {
      labels(y, x) = x < 32 ? 1 : 2;
      instances(y, x) = x < 32 ? 10 : y < 16 ? 20 : 21;
    }
  const SemanticMap map = semantic_map(device, labels, instances, 4);

  // What backward needs to know of forward lies in a Context outside the network, so that a network can be run several
  // times before the first backward pass. With Mode::infer it is empty.
  Net::Context<Mode::train> context;
  const Tensor y = network.forward(device, map, context);
  std::cout << "forward: " << to_string(map.shape()) << " -> " << to_string(y.shape()) << '\n';

  // Backward takes the gradient by the result and adds to the gradient of each parameter. A label map has no gradient
  // of its own, so that only those of the parameters are asked for.
  xt::xtensor<float, 4> ones = download(device, y);
  for (float& value : ones) value = 1;
  zero_gradients(device, network);
  network.backward(device, upload(device, ones), context, Need::parameters);

  for_each_parameter(network, [&](const std::string& name, Parameter& parameter) {
    double squares = 0;
    for (const float value : download(device, parameter.grad)) squares += static_cast<double>(value) * value;
    // Instance norm subtracts the mean, and with it the bias of the convolution before it: that gradient is zero.
    std::cout << name << "  sum of squares of the gradient: " << squares << '\n';
  });
} catch (const Error& error) {
  std::cerr << "02_enhancer_stack: " << error.what() << '\n';
  return 1;
}
