/// Networks, inputs, and what the reference computes of them, for ONNX Runtime to compute too (runtime.py).

#include "onnx_testing.hpp"

#include <pix2pixhd/store/npy.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>

namespace {

using namespace onnx_testing;
namespace fs = std::filesystem;

/// A folder of cases: NAME.onnx, and beside it NAME/INPUT.npy and NAME/OUTPUT.npy.
fs::path cases() { return PIX2PIXHD_TEST_ONNX_CASES; }

/// The folder of one case, emptied.
fs::path folder_of(const std::string& name) {
  fs::remove(cases() / (name + ".onnx"));
  fs::remove_all(cases() / name);
  fs::create_directories(cases() / name);
  return cases() / name;
}

using Array = xt::xtensor<float, 4>;

Array noise(const Shape& s) {
  Array values = Array::from_shape({static_cast<std::size_t>(s.n), static_cast<std::size_t>(s.c),
                                    static_cast<std::size_t>(s.h), static_cast<std::size_t>(s.w)});
  std::mt19937 random(11);
  std::uniform_real_distribution<float> uniform(-1, 1);
  for (float& value : values) value = uniform(random);
  return values;
}

template <class Y>
void write_outputs(Device& device, const Y& y, const fs::path& folder) {
  detail::each_onnx_output(y, "output", [&](const Tensor& one, const std::string& name) {
    write_npy(folder / (name + ".npy"), download(device, one));
  });
}

/// A case whose input is all channels.
template <class Net>
void write_case(const std::string& name, const Net& network, const Shape& input, const OnnxOptions& options = {}) {
  const fs::path folder = folder_of(name);
  Device& device = the_device();
  const Array x = noise(input);
  write_npy(folder / "input.npy", x);
  write_outputs(device, infer(device, network, upload(device, x)), folder);
  export_onnx(device, network, cases() / (name + ".onnx"), options);
}

/// A case on label maps of eight classes and a label that is none, `pictures` of them.
template <class Net>
void write_map_case(const std::string& name, const Net& network, const Shape& plane, const OnnxOptions& options) {
  const fs::path folder = folder_of(name);
  const auto n = static_cast<std::size_t>(plane.n), h = static_cast<std::size_t>(plane.h),
             w = static_cast<std::size_t>(plane.w);
  auto labels = xt::xtensor<std::uint8_t, 3>::from_shape({n, h, w});
  auto ids = xt::xtensor<std::int32_t, 3>::from_shape({n, h, w});
  for (std::size_t i = 0; i < n * h * w; ++i) {
    const std::size_t block = i % w / 5 + i / w % h / 4 * 3 + i / (w * h);
    labels.data()[i] = block % 9 == 8 && !options.ignore ? std::uint8_t{255} : static_cast<std::uint8_t>(block % 8);
    ids.data()[i] = static_cast<std::int32_t>(block % 7 * 1000);
  }
  write_npy(folder / "labels.npy", labels);
  if (options.instances) write_npy(folder / "instances.npy", ids);
  Device& device = the_device();
  SemanticMap map = semantic_map(device, labels, options.instances ? std::optional(ids) : std::nullopt, options.classes,
                                 options.ignore.value_or(255));
  if (options.features > 0) {
    const Array features = noise({plane.n, options.features, plane.h, plane.w});
    write_npy(folder / "features.npy", features);
    map = join(map, upload(device, features));
  }
  write_outputs(device, infer(device, network, map), folder);
  export_onnx(device, network, cases() / (name + ".onnx"), options);
}

template <int N, GeneratorShape S>
Generator<N, S> of_shape() {
  return made<Generator<N, S>>();
}

TEST_CASE("cases of generators on label maps") {
  write_map_case("global", of_shape<0, GeneratorShape{.in = 8, .width = 8, .downsamples = 2, .blocks = 2}>(),
                 {1, 1, 16, 24}, {.classes = 8});
  write_map_case("ignored", of_shape<0, GeneratorShape{.in = 8, .width = 8, .downsamples = 2, .blocks = 2}>(),
                 {1, 1, 17, 24}, {.classes = 8, .ignore = 3});
  constexpr GeneratorShape enhanced{.in = 9, .width = 16, .downsamples = 2, .blocks = 2, .local_blocks = 2};
  write_map_case("enhanced", of_shape<1, enhanced>(), {1, 1, 32, 48}, {.classes = 8, .instances = true});
  write_map_case("enhanced_odd_sides", of_shape<1, enhanced>(), {2, 1, 33, 45}, {.classes = 8, .instances = true});
  write_map_case("enhanced_small_sides", of_shape<1, enhanced>(), {1, 1, 9, 10}, {.classes = 8, .instances = true});
  write_map_case("enhanced_fixed_sides", of_shape<1, enhanced>(), {1, 1, 30, 41},
                 {.classes = 8, .instances = true, .sides = {30, 41}});
  write_map_case(
      "features",
      of_shape<2, GeneratorShape{.in = 12, .width = 16, .downsamples = 1, .blocks = 1, .norm = Norm::batch}>(),
      {2, 1, 20, 37}, {.classes = 8, .instances = true, .features = 3});
}

TEST_CASE("cases of generators on plain pictures") {
  write_case(
      "resized",
      of_shape<1, GeneratorShape{.in = 3, .width = 8, .downsamples = 1, .blocks = 1, .up = Upsampling::resize}>(),
      {2, 3, 19, 26});
  write_case(
      "replicated",
      of_shape<0,
               GeneratorShape{.in = 3, .out = 1, .width = 8, .downsamples = 1, .blocks = 1, .pad = Pad::replicate}>(),
      {1, 3, 20, 24});
  write_case("zero_padded",
             of_shape<0, GeneratorShape{.in = 1,
                                        .width = 8,
                                        .downsamples = 3,
                                        .blocks = 1,
                                        .norm = Norm::none,
                                        .pad = Pad::zero,
                                        .up = Upsampling::resize}>(),
             {1, 1, 40, 19});
}

TEST_CASE("cases of other networks") {
  write_case("discriminator", made<MultiscaleDiscriminator<3, DiscriminatorShape{.in = 5, .width = 8, .layers = 2}>>(),
             {2, 5, 41, 64});
  write_case("pools",
             made<Sequential<ConvBlock<3, 8>, MaxPool, ConvBlock<8, 4, BlockShape{.stride = 2}>, AveragePool>>(),
             {1, 3, 37, 46});
}

}  // namespace
