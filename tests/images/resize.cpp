#include <images/made_files.hpp>
#include <pix2pixhd/images/resize.hpp>
#include <pix2pixhd/store/tensor_file.hpp>

#include <doctest/doctest.h>

using namespace pix2pixhd;

namespace {

/// An integer tensor of the reference file, whose values are below 2^24.
struct Reference {
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

Reference reference(const std::string& name) {
  const auto file = open_tensor_file(std::string(PIX2PIXHD_TEST_DATA) + "/data.safetensors");
  const TensorEntry* entry = file->find(name);
  REQUIRE(entry != nullptr);
  Reference result{.shape = entry->shape, .values = std::vector<float>(file->count(*entry))};
  file->read(*entry, std::span<float>(result.values));
  return result;
}

/// The sides that Pillow resized to.
constexpr PictureSize reference_sizes[] = {
    {.width = 32, .height = 20}, {.width = 96, .height = 64}, {.width = 50, .height = 37}};

std::string size_text(const PictureSize& size) {
  return std::to_string(size.width) + "x" + std::to_string(size.height);
}

}  // namespace

TEST_CASE("cubic convolution has Pillow's bits") {
  const Reference input = reference("input/image");
  REQUIRE(input.shape == std::vector<std::int64_t>{37, 61, 3});
  Raster raster = make_raster({.width = 61, .height = 37, .channels = 3}, "input");
  for (std::size_t i = 0; i < raster.samples(); ++i) raster.set_sample(i, static_cast<unsigned>(input.values[i]));
  for (const PictureSize& size : reference_sizes) {
    const Raster resized = resize_bicubic(raster, size);
    const Reference expected = reference("output/image_" + size_text(size));
    REQUIRE(resized.samples() == expected.values.size());
    int different = 0;
    for (std::size_t i = 0; i < resized.samples(); ++i) {
      different += resized.sample(i) != static_cast<unsigned>(expected.values[i]) ? 1 : 0;
    }
    CHECK(different == 0);
  }
}

TEST_CASE("nearest neighbour has Pillow's values") {
  const Reference input = reference("input/inst");
  InstanceArray instances = InstanceArray::from_shape({37, 61});
  for (std::size_t i = 0; i < instances.size(); ++i) instances.data()[i] = static_cast<std::int32_t>(input.values[i]);
  for (const PictureSize& size : reference_sizes) {
    const InstanceArray resized = resize_nearest(instances, size);
    const Reference expected = reference("output/inst_" + size_text(size));
    REQUIRE(resized.size() == expected.values.size());
    int different = 0;
    for (std::size_t i = 0; i < resized.size(); ++i) {
      different += resized.data()[i] != static_cast<std::int32_t>(expected.values[i]) ? 1 : 0;
    }
    CHECK(different == 0);
  }
}

TEST_CASE("grey is resized as each channel of RGB is") {
  const Raster grey = made::random_raster({.width = 31, .height = 23}, 1);
  const Raster rgb = expand(grey, 3, "grey");
  for (const PictureSize& size : reference_sizes) {
    CHECK(made::same(expand(resize_bicubic(grey, size), 3, "grey"), resize_bicubic(rgb, size)));
  }
}

TEST_CASE("the same size is the same picture, and a flat one stays flat") {
  const Raster raster = made::random_raster({.width = 31, .height = 23, .channels = 3}, 1);
  CHECK(made::same(resize_bicubic(raster, {.width = 31, .height = 23}), raster));
  CHECK(made::same(resize_nearest(raster, {.width = 31, .height = 23}), raster));
  Raster flat = make_raster({.width = 31, .height = 23}, "flat");
  flat.bytes.assign(flat.bytes.size(), 201);
  for (const PictureSize& size : {PictureSize{.width = 1, .height = 1}, {.width = 500, .height = 2}, {7, 90}}) {
    const Raster resized = resize_bicubic(flat, size);
    CHECK(resized.bytes == std::vector<std::uint8_t>(resized.samples(), 201));
  }
}

TEST_CASE("sharp edges overshoot and are clipped at both ends") {
  Raster edge = make_raster({.width = 64, .height = 1}, "edge");
  for (std::size_t x = 32; x < 64; ++x) edge.set_sample(x, 255);
  const Raster resized = resize_bicubic(edge, {.width = 200, .height = 1});
  CHECK(resized.sample(0) == 0);
  CHECK(resized.sample(95) == 0);
  CHECK(resized.sample(104) == 255);
  CHECK(resized.sample(199) == 255);
}

TEST_CASE("nearest takes the value at the new pixel's centre, of every kind of map") {
  const LabelArray labels = {{1, 2, 3, 4}};
  CHECK(resize_nearest(labels, {.width = 2, .height = 1}) == LabelArray{{2, 4}});
  CHECK(resize_nearest(labels, {.width = 8, .height = 2}) ==
        LabelArray{{1, 1, 2, 2, 3, 3, 4, 4}, {1, 1, 2, 2, 3, 3, 4, 4}});
  Raster deep = make_raster({.width = 2, .height = 1, .channels = 3, .bits = 16}, "deep");
  for (std::size_t i = 0; i < 6; ++i) deep.set_sample(i, static_cast<unsigned>(1000 * i));
  const Raster wide = resize_nearest(deep, {.width = 4, .height = 1});
  for (std::size_t i = 0; i < 12; ++i) CHECK(wide.sample(i) == deep.sample(i / 6 * 3 + i % 3));
  const Raster palette = made::random_palette_raster({.width = 5, .height = 4, .bits = 4}, 1);
  CHECK(resize_nearest(palette, {.width = 9, .height = 9}).palette == palette.palette);
}

TEST_CASE("what cannot be resized is refused with a sentence") {
  const PictureSize size{.width = 4, .height = 4};
  const auto bicubic = [&](const Raster& raster, const PictureSize& wanted) {
    return made::error_of([&] { resize_bicubic(raster, wanted, "a.png"); });
  };
  CHECK(made::has(bicubic(made::random_raster({.width = 3, .height = 3, .bits = 16}, 1), size), "a.png", "16 bits"));
  CHECK(made::has(bicubic(made::random_palette_raster({.width = 3, .height = 3}, 1), size), "a.png", "palette"));
  const Raster raster = made::random_raster({.width = 3, .height = 3}, 1);
  CHECK(made::has(bicubic(raster, {.width = 0, .height = 4}), "a.png", "0x4"));
  CHECK(made::has(bicubic(raster, {.width = 1 << 20, .height = 1 << 20}), "a.png", "268435456"));
  CHECK(made::has(made::error_of([&] { resize_nearest(raster, {.width = -1, .height = 4}, "a.png"); }), "-1x4"));
  CHECK(made::has(made::error_of([&] { resize_nearest(LabelArray::from_shape({0, 3}), size, "a.png"); }), "3x0"));
}
