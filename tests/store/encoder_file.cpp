/// Encoders whose shape is found in their files.

#include "state_dict_testing.hpp"

#include <pix2pixhd/networks/feature_encoder.hpp>
#include <pix2pixhd/networks/generator.hpp>
#include <pix2pixhd/networks/infer.hpp>
#include <pix2pixhd/ops/maps.hpp>
#include <pix2pixhd/store/encoder_file.hpp>

using namespace state_dict_testing;
using namespace pix2pixhd;

namespace {

constexpr EncoderShape shape{.out = 5, .downsamples = 2};

}  // namespace

TEST_CASE("an encoder is loaded in the shape of its weights") {
  const TemporaryFolder folder;
  Device device = reference();
  FeatureEncoder<shape> encoder;
  initialize(device, encoder, 4);
  save(device, encoder, folder / "encoder.safetensors");
  const AnyEncoder loaded = load_encoder(device, folder / "encoder.safetensors");
  CHECK(loaded.shape() == shape);
  const auto ids = xt::xtensor<std::int32_t, 2>(std::array<std::size_t, 2>{16, 24}, 3);
  auto pixels = xt::xtensor<float, 4>::from_shape({1, 3, 16, 24});
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels.data()[i] = static_cast<float>(i % 29) / 14.0f - 1;
  const EncoderInput x{upload(device, pixels), instance_map(device, ids)};
  CHECK(download(device, infer(device, loaded, x)) == download(device, infer(device, encoder, x)));
}

TEST_CASE("an encoder is found under every key that load takes") {
  const TemporaryFolder folder;
  Device device = reference();
  FeatureEncoder<shape> encoder;
  initialize(device, encoder, 4);
  const FileTensors tensors = tensors_of(device, encoder);
  const auto found = [&](const FileTensors& file, const char* prefix) {
    write(folder / "encoder.safetensors", file);
    const AnyEncoder loaded = load_encoder(device, folder / "encoder.safetensors", {.prefix = prefix});
    return loaded.shape() == shape && values_of(device, loaded) == values_of(device, encoder);
  };
  CHECK(found(under("module.netE.", tensors), "netE."));
  CHECK(found(under("netE.module.", tensors), "netE"));
  CHECK(found(under("model.netE.", tensors), "model.netE."));
  FileTensors with_averages = under("E.", tensors);
  with_averages.merge(under("E_average.", tensors));
  CHECK(found(with_averages, "E"));
}

TEST_CASE("a generator in place of an encoder is told by its metadata, and by its first layer") {
  const TemporaryFolder folder;
  Device device = reference();
  Generator<0, GeneratorShape{.in = 11, .width = 8, .downsamples = 1, .blocks = 1}> generator;
  initialize(device, generator, 1);
  save(device, generator, folder / "generator.safetensors");
  write(folder / "bare.safetensors", tensors_of(device, generator));
  const auto said = [&](const char* name) { return error_of([&] { load_encoder(device, folder / name); }); };
  CHECK(
      contains(said("generator.safetensors"), "its metadata name Generator<0>, and its first layer takes 11 channels"));
  CHECK(contains(said("bare.safetensors"), "holds no encoder (its first layer takes 11 channels"));
  for (const char* name : {"generator.safetensors", "bare.safetensors"})
    CHECK(contains(said(name), "give the weights of an encoder, which a training run writes as encoder.safetensors"));
}

TEST_CASE("files without an encoder of a known shape are refused") {
  const TemporaryFolder folder;
  Device device = reference();
  FeatureEncoder<EncoderShape{.out = 3, .width = 8, .downsamples = 1}> unknown;
  initialize(device, unknown, 1);
  save(device, unknown, folder / "unknown.safetensors");
  const std::string said = error_of([&] { load_encoder(device, folder / "unknown.safetensors"); });
  CHECK(contains(said, "unknown.safetensors"));
  CHECK(contains(said, "width 8"));
  Sequential<ConvBlock<2, 3>> other;
  initialize(device, other, 1);
  save(device, other, folder / "other.safetensors");
  CHECK(contains(error_of([&] { load_encoder(device, folder / "other.safetensors"); }), "holds no encoder"));
  CHECK(contains(error_of([&] { load_encoder(device, folder / "unknown.safetensors", {.prefix = "netE."}); }),
                 "begin with netE."));
}
