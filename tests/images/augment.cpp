#include <images/made_files.hpp>
#include <pix2pixhd/images/augment.hpp>
#include <pix2pixhd/images/resize.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <set>

using namespace pix2pixhd;

namespace {

/// A sample whose every pixel tells where it was: labels its column, instances its column and row, the picture both.
RawSample made_sample(int width, int height) {
  RawSample raw{.name = "made"};
  const auto columns = static_cast<std::size_t>(width), rows = static_cast<std::size_t>(height);
  raw.labels = LabelArray::from_shape({rows, columns});
  raw.instances = InstanceArray::from_shape({rows, columns});
  raw.image = make_raster({.width = width, .height = height, .channels = 3}, "made");
  for (std::size_t y = 0; y < rows; ++y)
    for (std::size_t x = 0; x < columns; ++x) {
      (*raw.labels)(y, x) = static_cast<std::uint8_t>(x);
      (*raw.instances)(y, x) = static_cast<std::int32_t>(1000 * y + x);
      raw.image->set_sample(3 * (y * columns + x), static_cast<unsigned>(x));
      raw.image->set_sample(3 * (y * columns + x) + 1, static_cast<unsigned>(y));
      raw.image->set_sample(3 * (y * columns + x) + 2, 100);
    }
  return raw;
}

int level(const Sample& sample, std::size_t channel, std::size_t y, std::size_t x) {
  return static_cast<int>(std::lround(((*sample.image)(0, channel, y, x) + 1.0F) * 127.5F));
}

/// Where the sample's top left pixel was, and whether it is mirrored; checks that all parts agree.
struct Place {
  int left, top;
  bool mirror;
  auto operator<=>(const Place&) const = default;
};
Place place_of(const Sample& sample) {
  const std::size_t height = sample.labels->shape()[0], width = sample.labels->shape()[1];
  REQUIRE(sample.instances->shape() == sample.labels->shape());
  REQUIRE(sample.image->shape() == ImageArray::shape_type{1, 3, height, width});
  const bool mirror = (*sample.labels)(0, 0) > (*sample.labels)(0, width - 1);
  const int left = (*sample.labels)(0, mirror ? width - 1 : 0), top = (*sample.instances)(0, 0) / 1000;
  int wrong = 0;
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x) {
      const int column = left + static_cast<int>(mirror ? width - 1 - x : x), row = top + static_cast<int>(y);
      wrong += (*sample.labels)(y, x) != column ? 1 : 0;
      wrong += (*sample.instances)(y, x) != 1000 * row + column ? 1 : 0;
      wrong += level(sample, 0, y, x) != column || level(sample, 1, y, x) != row ? 1 : 0;
    }
  CHECK(wrong == 0);
  return {left, top, mirror};
}

SampleKey key(std::uint64_t epoch, std::size_t index = 0, std::uint64_t seed = 1) {
  return {.seed = seed, .epoch = epoch, .index = index};
}

}  // namespace

TEST_CASE("modes have words") {
  for (const ResizeMode mode : {ResizeMode::none, ResizeMode::scale_width, ResizeMode::crop,
                                ResizeMode::scale_width_and_crop, ResizeMode::resize_and_crop})
    CHECK(resize_mode(to_string(mode)) == mode);
  CHECK(to_string(ResizeMode::scale_width_and_crop) == "scale_width_and_crop");
  CHECK(!resize_mode("stretch"));
}

TEST_CASE("each mode gives the sides it promises") {
  const RawSample raw = made_sample(60, 45);
  const auto sides = [&](const AugmentOptions& options) {
    const Sample sample = prepare(raw, options);
    CHECK(sample.labels->shape()[1] == sample.image->shape()[3]);
    CHECK(sample.instances->shape()[0] == sample.image->shape()[2]);
    const PictureSize size = prepared_size({.width = 60, .height = 45}, options, "made");
    CHECK(static_cast<std::size_t>(size.width) == sample.image->shape()[3]);
    CHECK(static_cast<std::size_t>(size.height) == sample.image->shape()[2]);
    return std::pair(sample.image->shape()[3], sample.image->shape()[2]);
  };
  using Sides = std::pair<std::size_t, std::size_t>;
  CHECK(sides({.resize = ResizeMode::none}) == Sides(60, 45));
  CHECK(sides({.resize = ResizeMode::none, .multiple = 16}) == Sides(48, 32));
  CHECK(sides({.resize = ResizeMode::scale_width, .load_width = 40}) == Sides(40, 30));
  CHECK(sides({.resize = ResizeMode::scale_width, .load_width = 41}) == Sides(41, 30));
  CHECK(sides({.resize = ResizeMode::crop, .crop_width = 20}) == Sides(20, 20));
  CHECK(sides({.resize = ResizeMode::crop, .crop_width = 20, .crop_height = 10}) == Sides(20, 10));
  CHECK(sides({.resize = ResizeMode::scale_width_and_crop, .load_width = 120, .crop_width = 64}) == Sides(64, 64));
  CHECK(sides({.resize = ResizeMode::resize_and_crop, .load_width = 30, .crop_width = 24}) == Sides(24, 24));
  CHECK(sides({.resize = ResizeMode::resize_and_crop,
               .load_width = 30,
               .load_height = 50,
               .crop_width = 30,
               .crop_height = 50}) == Sides(30, 50));
}

TEST_CASE("pictures are resized by cubic convolution, maps by nearest neighbour") {
  RawSample raw = made_sample(60, 45);
  raw.image = made::random_raster({.width = 60, .height = 45, .channels = 3}, 1);
  const Sample sample = prepare(raw, {.resize = ResizeMode::scale_width, .load_width = 40});
  const PictureSize size{.width = 40, .height = 30};
  CHECK(*sample.labels == resize_nearest(*raw.labels, size));
  CHECK(*sample.instances == resize_nearest(*raw.instances, size));
  CHECK(*sample.image == to_image(resize_bicubic(*raw.image, size), 3, "expected"));
}

TEST_CASE("without chance, crops lie in the middle") {
  const Sample sample = prepare(made_sample(60, 45), {.resize = ResizeMode::crop, .crop_width = 20});
  CHECK(place_of(sample) == Place{20, 12, false});
}

TEST_CASE("all parts are cut and mirrored alike, in every epoch anew, within the picture") {
  const RawSample raw = made_sample(60, 45);
  std::set<Place> places;
  int mirrored = 0, last_left = 0, last_top = 0, first_left = 60, first_top = 45;
  for (std::uint64_t epoch = 0; epoch < 400; ++epoch) {
    const Sample sample = augment(raw, {.resize = ResizeMode::crop, .crop_width = 50, .crop_height = 40}, key(epoch));
    const Place place = place_of(sample);
    places.insert(place);
    mirrored += place.mirror ? 1 : 0;
    last_left = std::max(last_left, place.left);
    last_top = std::max(last_top, place.top);
    first_left = std::min(first_left, place.left);
    first_top = std::min(first_top, place.top);
  }
  CHECK(places.size() > 90);  // of 11 * 6 * 2
  CHECK(mirrored > 150);
  CHECK(mirrored < 250);
  CHECK(first_left == 0);
  CHECK(first_top == 0);
  CHECK(last_left == 10);
  CHECK(last_top == 5);
}

TEST_CASE("choices depend on seed, epoch and sample, and on nothing else") {
  const RawSample raw = made_sample(60, 45);
  const AugmentOptions options{.resize = ResizeMode::crop, .crop_width = 30, .jitter = {.brightness = 0.3F}};
  const Sample first = augment(raw, options, key(5, 7));
  augment(raw, options, key(6, 7));
  const Sample again = augment(raw, options, key(5, 7));
  CHECK(*first.labels == *again.labels);
  CHECK(*first.image == *again.image);
  CHECK(*first.image != *augment(raw, options, key(5, 8)).image);
  CHECK(*first.image != *augment(raw, options, key(6, 7)).image);
  CHECK(*first.image != *augment(raw, options, key(5, 7, 2)).image);
  // Options that are switched off leave the other choices as they are.
  AugmentOptions plain = options;
  plain.jitter = {};
  CHECK(*augment(raw, plain, key(5, 7)).labels == *first.labels);
  plain.flip = false;
  const Place with = place_of(augment(raw, {.resize = ResizeMode::crop, .crop_width = 30}, key(5, 7)));
  const Place without = place_of(augment(raw, plain, key(5, 7)));
  CHECK(with.left == without.left);
  CHECK(with.top == without.top);
}

TEST_CASE("colours change by the factors that were drawn, for the picture alone") {
  RawSample raw = made_sample(8, 6);
  const Sample plain = prepare(raw, {.resize = ResizeMode::none});
  double least = 2, most = 0;
  for (std::uint64_t epoch = 0; epoch < 200; ++epoch) {
    const AugmentOptions options{.resize = ResizeMode::none, .flip = false, .jitter = {.brightness = 0.4F}};
    const Sample sample = augment(raw, options, key(epoch));
    CHECK(*sample.labels == *plain.labels);
    const double factor = ((*sample.image)(0, 2, 0, 0) + 1.0) / ((*plain.image)(0, 2, 0, 0) + 1.0);
    const double other = ((*sample.image)(0, 0, 3, 7) + 1.0) / ((*plain.image)(0, 0, 3, 7) + 1.0);
    CHECK(factor == doctest::Approx(other).epsilon(1e-4));
    least = std::min(least, factor);
    most = std::max(most, factor);
  }
  CHECK(least > 0.599);
  CHECK(least < 0.63);
  CHECK(most < 1.401);
  CHECK(most > 1.37);
}

TEST_CASE("contrast keeps the mean, saturation keeps each pixel's grey, values stay in range") {
  RawSample raw{.name = "made"};
  raw.image = make_raster({.width = 16, .height = 16, .channels = 3}, "made");
  for (std::size_t i = 0; i < raw.image->samples(); ++i)
    raw.image->set_sample(i, 96 + static_cast<unsigned>(i * 37 % 64));
  const Sample plain = prepare(raw, {.resize = ResizeMode::none});
  const auto jittered = [&](const ColourJitter& jitter) {
    return *augment(raw, {.resize = ResizeMode::none, .flip = false, .jitter = jitter}, key(3)).image;
  };
  const auto mean = [](const ImageArray& image) {
    double sum = 0;
    for (const float value : image) sum += double{value};
    return sum / static_cast<double>(image.size());
  };
  const ImageArray contrast = jittered({.contrast = 0.5F}), saturation = jittered({.saturation = 0.5F});
  CHECK(contrast != *plain.image);
  CHECK(mean(contrast) == doctest::Approx(mean(*plain.image)).epsilon(1e-5));
  CHECK(saturation != *plain.image);
  const auto grey = [](const ImageArray& image, std::size_t y, std::size_t x) {
    return 0.299 * image(0, 0, y, x) + 0.587 * image(0, 1, y, x) + 0.114 * image(0, 2, y, x);
  };
  for (std::size_t i = 0; i < 16; ++i)
    CHECK(grey(saturation, i, i) == doctest::Approx(grey(*plain.image, i, i)).epsilon(1e-4));
  raw.image = made::random_raster({.width = 16, .height = 16, .channels = 3}, 2);
  for (std::uint64_t epoch = 0; epoch < 20; ++epoch) {
    const AugmentOptions options{.resize = ResizeMode::none, .jitter = {0.9F, 0.9F, 0.9F}};
    const ImageArray image = *augment(raw, options, key(epoch)).image;
    for (const float value : image) CHECK(std::abs(value) <= 1.0F);
  }
}

TEST_CASE("pairs of pictures are changed alike") {
  RawSample raw = made_sample(20, 10);
  raw.labels.reset();
  raw.instances.reset();
  raw.input = raw.image;
  const AugmentOptions options{.resize = ResizeMode::crop, .crop_width = 9, .jitter = {0.5F, 0.5F, 0.5F}};
  for (std::uint64_t epoch = 0; epoch < 10; ++epoch) {
    const Sample sample = augment(raw, options, key(epoch));
    CHECK(!sample.labels);
    CHECK(*sample.input == *sample.image);
  }
}

TEST_CASE("pictures of 16 bit and of one channel can be cut and resized") {
  RawSample raw{.name = "deep"};
  raw.image = made::random_raster({.width = 9, .height = 7, .channels = 1, .bits = 16}, 1);
  const Sample sample = prepare(raw, {.resize = ResizeMode::crop, .crop_width = 5});
  CHECK((*sample.image)(0, 0, 0, 0) == static_cast<float>(raw.image->sample(9 + 2)) / 32767.5F - 1.0F);
  const AugmentOptions smaller{.resize = ResizeMode::scale_width, .load_width = 5};
  RawSample shallow{.name = "shallow"};
  shallow.image = in_eight_bits(*raw.image);
  for (std::size_t i = 0; i < shallow.image->samples(); ++i)
    CHECK(std::abs(static_cast<double>(shallow.image->sample(i)) * 257.0 - raw.image->sample(i)) <= 128.0);
  CHECK(*prepare(raw, smaller).image == *prepare(shallow, smaller).image);
  CHECK(made::has(made::error_of([&] { resize_bicubic(*raw.image, {.width = 5, .height = 5}, "deep"); }), "deep",
                  "16 bits", "in_eight_bits()"));
}

TEST_CASE("what does not fit is refused with a sentence") {
  const RawSample raw = made_sample(60, 45);
  const auto error = [&](const AugmentOptions& options) {
    const std::string trained = made::error_of([&] { augment(raw, options, key(0)); });
    CHECK(trained == made::error_of([&] { prepare(raw, options); }));
    return trained;
  };
  CHECK(made::has(error({.resize = ResizeMode::crop, .crop_width = 46}), "made", "60x45", "46x46"));
  CHECK(made::has(error({.resize = ResizeMode::scale_width_and_crop, .load_width = 40, .crop_width = 31}), "40x30",
                  "31x31"));
  CHECK(made::has(error({.resize = ResizeMode::none, .multiple = 64}), "made", "multiples of 64"));
  CHECK(made::has(made::error_of([] {
                    prepared_size({60, 45}, {.resize = ResizeMode::none, .multiple = 64}, "it");
                  }),
                  "Sample it would be 60x45", "multiples of 64"));
  CHECK(made::has(error({.load_width = 0}), "0x0"));
  CHECK(made::has(error({.resize = ResizeMode::crop, .crop_width = -1}), "-1"));
  CHECK(made::has(error({.multiple = 0}), "multiples of 0"));
  CHECK(made::has(error({.jitter = {.contrast = 1.0F}}), "jitter of 1"));
  CHECK(made::has(error({.jitter = {.contrast = -0.1F}}), "jitter of -0.1"));
  CHECK(made::has(error({.resize = ResizeMode::scale_width, .load_width = 2000000000}), "268435456"));
  CHECK(made::has(made::error_of([] { prepare(RawSample{.name = "void"}, {}); }), "void", "no parts"));
}
