// Example 3: a layer of one's own.
//
// A layer is a plain struct. It inherits nothing and registers nowhere: whatever has the members below fits into
// Sequential, Residual, Refine and the rest. This one multiplies each channel by a factor that is learnt. Then the
// program holds it to the rules that every layer of the library keeps, and uses it in a network.

#include <pix2pixhd/pix2pixhd.hpp>
#include <pix2pixhd/testing/layer_contract.hpp>

#include <array>
#include <cstddef>
#include <iostream>
#include <memory>
#include <vector>

using namespace pix2pixhd;

template <int Channels>
struct Gain {
  // What it takes and makes. Neighbours are checked against these numbers while the program is compiled.
  static constexpr int in_channels = Channels, out_channels = Channels;

  Parameter factor;

  // What forward leaves to backward. It lies outside the layer, so that the layer can run several times before the
  // first backward; in inference it stays empty. (A Trainer of a network in which layers of the library run several
  // times in a pass needs TrainOptions::keep_gradients.)
  struct Saved {
    Need need;
    Tensor x;  // only if the gradient of the factors will be asked for
  };
  template <Mode M>
  struct Context {
    std::unique_ptr<Saved> saved;
  };

  template <Mode M>
  Tensor forward(Device& device, Tensor x, Context<M>& context, const Ask& ask = {}) const {
    if (context.saved) throw Error("Gain: the context is still full; run backward first.");
    if (M == Mode::train && wants(ask.need, Need::both))
      context.saved.reset(new Saved{ask.need, wants(ask.need, Need::parameters) ? x : Tensor()});
    return scaled(device, x);
  }

  // dy is the gradient by the result. The gradient by the input is returned, that by the factors is added to
  // factor.grad. An empty dy stands for zeros.
  Tensor backward(Device& device, Tensor dy, Context<Mode::train>& context, Need need) {
    if (!context.saved) throw Error("Gain: backward without forward (the context is empty).");
    if ((need & Need::both & context.saved->need) != (need & Need::both))
      throw Error("Gain: backward was asked for more than forward saved; run forward with the same need.");
    const Tensor x = context.saved->x;
    if (!wants(need, Need::keep)) context.saved.reset();  // now and not later: what it holds is large
    if (dy.empty()) return {};
    if (wants(need, Need::parameters) && factor.trainable) {
      const std::vector<double> xs = host(device, x), dys = host(device, dy);
      std::vector<double> sums = factor.grad.empty() ? std::vector<double>(Channels) : host(device, factor.grad);
      for (std::size_t i = 0; i < dys.size(); ++i) sums[channel(dy.shape(), i)] += xs[i] * dys[i];
      factor.grad = upload<double>(device, factor.value.shape(), sums, Role::parameter);
    }
    return wants(need, Need::input) ? scaled(device, dy) : Tensor();
  }

  // Shows the parameter under its name in the state_dict, and takes one slot of the numbering.
  void visit(Names& names, Visitor& visitor) {
    visitor.parameter(names.of("factor"), factor,
                      {.shape = {Channels, 1, 1, 1}, .rank = 1, .role = ParameterRole::scale});
    names.skip();
  }

  bool has_trainable() const { return factor.trainable; }

 private:
  // The arithmetic goes through the host, so that it works on every device and needs nothing of a backend. A Session or
  // a plan of memory runs it once without values: then `host` gives zeros, which must not change what is allocated. A
  // layer that has to be fast calls operations (pix2pixhd/ops), or adds one to the backends.
  Tensor scaled(Device& device, const Tensor& x) const {
    std::vector<double> values = host(device, x);
    const std::vector<double> factors = host(device, factor.value);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] *= factors[channel(x.shape(), i)];
    return upload<double>(device, x.shape(), values);
  }
  static std::vector<double> host(Device& device, const Tensor& x) {
    std::vector<double> values(x.shape().count());
    download<double>(device, x, values);
    return values;
  }
  static std::size_t channel(const Shape& shape, std::size_t i) { return i / shape.pixels() % Channels; }
};

// True, or the compiler says which of the members is missing or of another form.
static_assert(is_layer<Gain<4>>);

int main() try {
  // The rules: gradients equal central differences, backward adds, an empty context is an error, nothing is saved that
  // is not needed, and so on; layer_contract.hpp lists them. The reference device computes in double, which central
  // differences need. Take the `+=` of backward for a `=`: the report says which rule is broken.
  Device exact = reference();
  Gain<4> gain;
  const LayerContractReport report = layer_contract(exact, gain, {.n = 2, .c = 4, .h = 5, .w = 6});
  std::cout << (report.passed() ? "The layer keeps all rules." : report.text()) << '\n';

  // In a network it stands beside the others. Gain<5> in its place would not compile, and the message would say why.
  Sequential<Stem<3, 4>, Gain<4>, Head<4, 3>> network;
  Device device = cpu();
  initialize(device, network, 1);
  for_each_parameter(network, [](const std::string& name, Parameter&) { std::cout << name << '\n'; });

  const xt::xtensor<float, 4> picture(std::array<std::size_t, 4>{1, 3, 16, 16}, 0.5f);
  const Tensor y = infer(device, network, upload(device, picture));
  std::cout << to_string(y.shape()) << '\n';
  return report.passed() ? 0 : 1;
} catch (const Error& error) {
  std::cerr << "03_own_layer: " << error.what() << '\n';
  return 1;
}
