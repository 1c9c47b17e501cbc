/// Networks from files and to files.

#include "state_dict_testing.hpp"

#include <pix2pixhd/store/tensor_file.hpp>

#include <cmath>

using namespace state_dict_testing;
using store_testing::golden;
using store_testing::slurp;
using store_testing::spill;

namespace {

/// The network of golden/enhancer*.
using Enhancer1 = Generator<1, GeneratorShape{.in = 6, .width = 8, .downsamples = 2, .blocks = 2, .local_blocks = 2}>;

using Dynamic =
    Generator<1, GeneratorShape{.in = dynamic, .width = 4, .downsamples = 1, .blocks = 1, .local_blocks = 1}>;
using Global = Generator<0, GeneratorShape{.in = 6, .width = 8, .downsamples = 2, .blocks = 2, .local_blocks = 2}>;

/// A factor a channel, of as many channels as the weights have.
struct OpenGain {
  static constexpr int in_channels = dynamic, out_channels = pix2pixhd::any;

  Parameter factor;

  template <Mode M>
  struct Context {};

  template <Mode M>
  Tensor forward(Device&, Tensor x, Context<M>&, const Ask& = {}) const {
    return x;
  }
  Tensor backward(Device&, Tensor dy, Context<Mode::train>&, Need) { return dy; }
  void visit(Names& names, Visitor& visitor) {
    const int channels = factor.value.empty() ? dynamic : factor.value.shape().n;
    visitor.parameter(names.of("weight"), factor, {.shape = {channels, 1, 1, 1}});
    names.skip();
  }
};
using Gained = Sequential<OpenGain, ConvBlock<dynamic, 2>>;

/// A file for it, whose arrays are of so many channels.
FileTensors gained(std::size_t gain, std::size_t block) {
  const auto side = [](std::size_t channels) { return static_cast<std::int64_t>(channels); };
  return {{"model.0.weight", {{side(gain), 1, 1, 1}, std::vector<float>(gain, 0.5f)}},
          {"model.1.weight", {{2, side(block), 3, 3}, std::vector<float>(18 * block)}},
          {"model.1.bias", {{2}, {1, 2}}}};
}

std::vector<float> picture_of(Device& device, const Enhancer1& network) {
  std::vector<float> values(6 * 16 * 16);
  const RandomStream random(5, "input");
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(random.normal(i));
  return values_of(device, infer(device, network, upload<float>(device, {1, 6, 16, 16}, values)));
}

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  REQUIRE(a.size() == b.size());
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(double{a[i]} - double{b[i]}));
  return largest;
}

}  // namespace

TEST_CASE("what is saved is loaded bit for bit, from .safetensors and from .pth") {
  for (const char* name : {"weights.safetensors", "weights.pth"}) {
    CAPTURE(name);
    Case<BatchNet> c;
    write(c.folder / name, c.tensors);
    load(c.device, c.network, c.folder / name);
    CHECK(values_of(c.device, c.network) == c.expected);
    save(c.device, c.network, c.folder / "again.safetensors");
    BatchNet again;
    load(c.device, again, c.folder / "again.safetensors");
    CHECK(values_of(c.device, again) == c.expected);
  }
}

TEST_CASE("the container is told by content, not by name") {
  Case<SmallNet> c;
  write(c.folder / "a.safetensors", c.tensors);
  std::filesystem::rename(c.folder / "a.safetensors", c.folder / "b.pth");
  load(c.device, c.network, c.folder / "b.pth");
  CHECK(values_of(c.device, c.network) == c.expected);
}

TEST_CASE("every container of the same weights gives the same picture") {
  Device device = reference();
  Enhancer1 network;
  load(device, network, golden("enhancer.safetensors"));
  const auto weights = values_of(device, network);
  const std::vector<float> picture = picture_of(device, network);
  for (const char* name : {"enhancer_zip.pth", "enhancer_legacy.pth"}) {
    CAPTURE(name);
    Enhancer1 other;
    load(device, other, golden(name));
    CHECK(values_of(device, other) == weights);
    CHECK(picture_of(device, other) == picture);
  }
  // Rounded weights, and so almost the same picture.
  for (const auto& [file, tolerance] : {std::pair("enhancer_half.pth", 0.01), std::pair("enhancer_bf16.pth", 0.08)}) {
    const std::string name = file;
    CAPTURE(name);
    Enhancer1 other;
    load(device, other, golden(name));
    const double difference = largest_difference(picture_of(device, other), picture);
    CHECK(difference > 0);
    CHECK(difference < tolerance);
  }
}

TEST_CASE("f16, bf16 and f64 are converted") {
  for (const StoredType type : {StoredType::f16, StoredType::bf16}) {
    CAPTURE(name_of(type));
    Case<SmallNet> c;
    for (auto& [name, tensor] : c.tensors) {
      tensor.type = type;
      for (float& value : tensor.values) value = std::round(value * 1024) / 64;  // exact in both types
      c.expected[name] = tensor.values;
    }
    CHECK(c.loads(c.tensors));
  }
  Case<SmallNet> c;
  for (auto& [name, tensor] : c.tensors) tensor.type = StoredType::f64;
  CHECK(c.loads(c.tensors));
}

TEST_CASE("a dynamic number of input channels is taken from the file") {
  TemporaryFolder folder;
  Device device = reference();
  Dynamic seven(7);
  initialize(device, seven, 1);
  save(device, seven, folder / "seven.safetensors");

  Dynamic unknown;
  load(device, unknown, folder / "seven.safetensors");
  CHECK(input_channels(unknown) == 7);
  CHECK(values_of(device, unknown) == values_of(device, seven));

  Dynamic five(5);
  const std::string message = error_of([&] { load(device, five, folder / "seven.safetensors"); });
  CHECK(contains(message, "[4, 5, 7, 7]"));
  CHECK(contains(message, "[4, 7, 7, 7]"));
}

TEST_CASE("any side may be the dynamic one") {
  TemporaryFolder folder;
  Device device = reference();
  for (const char* name : {"weights.safetensors", "weights.pth"}) {
    CAPTURE(name);
    write(folder / name, gained(5, 5));
    Gained network;
    load(device, network, folder / name);
    CHECK(input_channels(network) == 5);
    CHECK(named_arrays(network)[0].value->shape() == Shape{5, 1, 1, 1});
    CHECK(named_arrays(network)[1].value->shape() == Shape{2, 5, 3, 3});
    CHECK(values_of(device, network).at("model.0.weight") == std::vector<float>(5, 0.5f));
    write(folder / name, gained(5, 6));
    Gained other;
    const std::string message = error_of([&] { load(device, other, folder / name); });
    CHECK(contains(message, "model.1.weight takes 6 input channels and model.0.weight takes 5"));
  }
}

TEST_CASE("first layers that take different numbers of channels are an error") {
  TemporaryFolder folder;
  Device device = reference();
  Dynamic network(7);
  initialize(device, network, 1);
  FileTensors file = tensors_of(device, network);
  FileTensor& front = file.at("model1_1.1.weight");
  front.shape[1] = 6;
  front.values.resize(front.values.size() / 7 * 6);
  write(folder / "two.safetensors", file);
  Dynamic other;
  const std::string message = error_of([&] { load(device, other, folder / "two.safetensors"); });
  CHECK(contains(message, "model1_1.1.weight takes 6"));
  CHECK(contains(message, "model.1.weight takes 7"));
  for (const NamedArray& array : named_arrays(other)) CHECK(array.value->empty());
}

TEST_CASE("damage that shows only while the values are read changes nothing") {
  TemporaryFolder folder;
  Device device = reference();
  Enhancer1 network;
  initialize(device, network, 3);
  const auto before = values_of(device, network);
  std::string bytes = slurp(golden("enhancer_zip.pth"));
  // The last tensor of the state_dict is the last whose values are read; its bytes lie last in the archive.
  Enhancer1 intact;
  load(device, intact, golden("enhancer_zip.pth"));
  const std::vector<float> last = values_of(device, *named_arrays(intact).back().value);
  const std::string_view stored(reinterpret_cast<const char*>(last.data()), last.size() * sizeof(float));
  const std::size_t place = bytes.find(stored);
  REQUIRE(place != std::string::npos);
  bytes[place] = static_cast<char>(bytes[place] ^ 1);
  spill(folder / "damaged.pth", bytes);
  CHECK(contains(error_of([&] { load(device, network, folder / "damaged.pth"); }), "damaged.pth"));
  CHECK(values_of(device, network) == before);
}

TEST_CASE("a truncated file of either kind changes nothing") {
  Case<SmallNet> c;
  for (const char* name : {"weights.safetensors", "weights.pth"}) {
    CAPTURE(name);
    write(c.folder / name, c.tensors);
    const std::string bytes = slurp(c.folder / name);
    for (const std::size_t length : {std::size_t{0}, std::size_t{7}, bytes.size() / 2, bytes.size() - 1}) {
      CAPTURE(length);
      spill(c.folder / name, bytes.substr(0, length));
      CHECK(contains(error_of([&] { load(c.device, c.network, c.folder / name); }), name));
      CHECK(values_of(c.device, c.network) == c.before);
    }
  }
}

TEST_CASE("a Generator<0> becomes the inner network of a Generator<1>") {
  TemporaryFolder folder;
  Device device = reference();
  Global global;
  initialize(device, global, 1);
  save(device, global, folder / "global.safetensors");

  Enhancer1 network;
  initialize(device, network, 2);
  const auto before = values_of(device, network);
  // The head of G1 has no place in it, which has to be said.
  CHECK(
      contains(error_of([&] { load(device, network.trunk.inner, folder / "global.safetensors"); }), "model.19.weight"));
  CHECK(values_of(device, network) == before);
  load(device, network.trunk.inner, folder / "global.safetensors", {.extra = {"model.19."}});
  const auto after = values_of(device, network), trained = values_of(device, global);
  for (const auto& [key, values] : after) {
    const std::string name = key;
    CAPTURE(name);
    CHECK(values == (name.starts_with("model.") ? trained.at(name) : before.at(name)));
  }
}

TEST_CASE("the metadata say what the network is, beside what the caller adds") {
  TemporaryFolder folder;
  Device device = reference();
  Dynamic network(7);
  initialize(device, network, 1);
  save(device, network, folder / "a.safetensors", {{"note", "trained on rain"}});
  const Metadata metadata = open_tensor_file(folder / "a.safetensors")->metadata();
  CHECK(metadata.at("note") == "trained on rain");
  CHECK(metadata.at("pix2pixhd.network") == "Generator<1>");
  CHECK(contains(metadata.at("pix2pixhd.shape"), R"("in":7)"));
  CHECK(contains(metadata.at("pix2pixhd.shape"), R"("norm":"instance")"));
  CHECK(metadata.at("pix2pixhd.preprocessing") == R"({"range":[-1,1],"channels":"RGB"})");

  FeatureEncoder<EncoderShape{.in = 1, .out = 2, .width = 4, .downsamples = 1}> encoder;
  initialize(device, encoder, 1);
  save(device, encoder, folder / "encoder.safetensors");
  CHECK(open_tensor_file(folder / "encoder.safetensors")->metadata().at("pix2pixhd.preprocessing") ==
        R"({"range":[-1,1],"channels":"grey"})");
  const MultiscaleDiscriminator<1, DiscriminatorShape{.in = 9, .width = 4, .layers = 2}> discriminator;
  CHECK(describe(discriminator).at("pix2pixhd.preprocessing") == R"({"range":[-1,1]})");
  CHECK_FALSE(describe(Case<SmallNet>().network).contains("pix2pixhd.preprocessing"));
}

TEST_CASE("a gradient does not outlive the values that it belongs to") {
  Case<SmallNet> c;
  zero_gradients(c.device, c.network);
  CHECK(c.loads(c.tensors));
  for_each_parameter(c.network, [](const std::string&, Parameter& p) { CHECK(p.grad.empty()); });
}

TEST_CASE("a network without values is not saved, and what was there stays") {
  TemporaryFolder folder;
  Device device = reference();
  spill(folder / "a.safetensors", "precious");
  SmallNet empty;
  CHECK(contains(error_of([&] { save(device, empty, folder / "a.safetensors"); }), "model.0.weight"));
  CHECK(slurp(folder / "a.safetensors") == "precious");
  CHECK(folder.count() == 1);
}

TEST_CASE("a file that cannot be written is an error that names it") {
  Case<SmallNet> c;
  const auto path = c.folder / "absent" / "a.safetensors";
  CHECK(contains(error_of([&] { save(c.device, c.network, path); }), path.string()));
}
