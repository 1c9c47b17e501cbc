/// The encoder whose shape is chosen at run time is the one whose shape is a type.

#include "../devices.hpp"

#include <pix2pixhd/networks/any_encoder.hpp>
#include <pix2pixhd/networks/describe.hpp>
#include <pix2pixhd/networks/presets.hpp>
#include <pix2pixhd/pix2pixhd.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <utility>
#include <vector>

using namespace tests;
using namespace pix2pixhd;

namespace {

constexpr EncoderShape shape{.out = 5, .downsamples = 2};

EncoderInput input(Device& device, std::size_t height, std::size_t width) {
  auto image = xt::xtensor<float, 4>::from_shape({1, 3, height, width});
  auto ids = xt::xtensor<std::int32_t, 2>::from_shape({height, width});
  const RandomStream random(7, "picture");
  for (std::size_t i = 0; i < image.size(); ++i) image.data()[i] = static_cast<float>(2 * random.uniform(i) - 1);
  for (std::size_t i = 0; i < ids.size(); ++i) ids.data()[i] = i % width < 5 ? 3 : 9;
  return {upload(device, image), instance_map(device, ids)};
}

}  // namespace

TEST_CASE("forward, backward and inference are those of FeatureEncoder") {
  for (auto& on : all_devices()) {
    CAPTURE(on.name);
    FeatureEncoder<shape> expected;
    AnyEncoder encoder(shape);
    initialize(on.device, expected, 3);
    initialize(on.device, encoder, 3);
    const EncoderInput odd = input(on.device, 13, 18), even = input(on.device, 16, 24);
    CHECK(download(on.device, infer(on.device, encoder, odd)) == download(on.device, infer(on.device, expected, odd)));
    Session session(on.device, encoder);
    CHECK(download(on.device, session(odd)) == download(on.device, infer(on.device, expected, odd)));

    FeatureEncoder<shape>::Context<Mode::train> expected_context;
    AnyEncoder::Context<Mode::train> context;
    const Tensor y = resolve(on.device, expected.forward(on.device, even, expected_context));
    CHECK(download(on.device, encoder.forward(on.device, even, context)) == download(on.device, y));
    CHECK_THROWS_WITH_AS(encoder.forward(on.device, even, context), doctest::Contains("still full"), Error);
    const Tensor dx = expected.backward(on.device, y, expected_context, Need::both);
    CHECK(download(on.device, encoder.backward(on.device, y, context, Need::both)) == download(on.device, dx));
    CHECK_THROWS_WITH_AS(encoder.backward(on.device, y, context, Need::both), doctest::Contains("there was none"),
                         Error);
    const auto got = named_arrays(encoder), wanted = named_arrays(expected);
    REQUIRE(got.size() == wanted.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
      CHECK(got[i].name == wanted[i].name);
      CHECK(download(on.device, *got[i].grad) == download(on.device, *wanted[i].grad));
    }
    CHECK(describe(encoder) == describe(expected));
  }
}

TEST_CASE("a clone has the shape and the values") {
  Device device = reference();
  AnyEncoder encoder(shape);
  initialize(device, encoder, 3);
  const AnyEncoder copy = clone(device, encoder);
  CHECK(copy.shape() == shape);
  const EncoderInput x = input(device, 16, 24);
  CHECK(download(device, infer(device, copy, x)) == download(device, infer(device, encoder, x)));
}

TEST_CASE("every preset's shape is there, with 1 to 8 features") {
  for (const std::string_view preset : preset_names)
    for (int features = 1; features <= AnyEncoder::most_features; ++features) {
      const EncoderShape wanted = preset_encoder_shape(preset, features);
      const AnyEncoder encoder(wanted), again = encoder.unfilled();
      CHECK(again.shape().out == features);
      CHECK(again.shape().downsamples == wanted.downsamples);
      CHECK(has_trainable(encoder));
    }
  CHECK(preset_encoder_shape("1024p", 3).downsamples == EncoderShape{}.downsamples);
}

TEST_CASE("other shapes are refused") {
  for (const EncoderShape& bad : {EncoderShape{.out = 9}, EncoderShape{.out = 0}, EncoderShape{.width = 8},
                                  EncoderShape{.downsamples = 3}, EncoderShape{.norm = Norm::batch}})
    CHECK_THROWS_WITH_AS(AnyEncoder{bad}, doctest::Contains("1 to 8 features, width 16, 2 or 4 downsamples"), Error);
  AnyEncoder none;
  CHECK_THROWS_WITH_AS(none.shape(), doctest::Contains("has no shape yet"), Error);
}
