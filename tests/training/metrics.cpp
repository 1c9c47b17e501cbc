#include <golden/hashed.hpp>
#include <images/made_files.hpp>
#include <pix2pixhd/training/evaluation.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace pix2pixhd;

namespace {

/// A ramp with noise, the same as in the program that the reference values are from.
PictureArray made_pictures(std::size_t count, std::size_t height, std::size_t width, std::uint64_t salt) {
  PictureArray pictures = PictureArray::from_shape({count, 3, height, width});
  const std::vector<float> noise = tests::hashed(pictures.size(), salt, 0.3);
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const double x = static_cast<double>(i % width), y = static_cast<double>(i / width % height);
    const double channel = static_cast<double>(i / width / height % 3);
    pictures.data()[i] = static_cast<float>(double{noise[i]} + 0.6 * x / static_cast<double>(width) - 0.3 +
                                            0.2 * channel * (y / static_cast<double>(height)));
  }
  return pictures;
}

PictureArray flat(double value, std::size_t height = 16, std::size_t width = 16, std::size_t count = 1) {
  PictureArray picture = PictureArray::from_shape({count, 3, height, width});
  picture.fill(static_cast<float>(value));
  return picture;
}

PictureArray scaled(PictureArray picture, float factor) {
  for (float& value : picture) value *= factor;
  return picture;
}

double sum_of_magnitudes(const PictureArray& picture) {
  double sum = 0;
  for (const float value : picture) sum += std::abs(double{value});
  return sum;
}

/// Pictures and labels with one class in the left half and another in the right one.
struct Halves {
  ClassArray labels = ClassArray::from_shape({1, 16, 16});
  PictureArray picture = PictureArray::from_shape({1, 3, 16, 16});
  Halves(double left, double right) {
    for (std::size_t y = 0; y < 16; ++y)
      for (std::size_t x = 0; x < 16; ++x) {
        labels(0, y, x) = x < 8 ? 0 : 2;
        for (std::size_t c = 0; c < 3; ++c)
          picture(0, c, y, x) = static_cast<float>((x < 8 ? left : right) + (c == 2 ? 0.25 : 0.0));
      }
  }
};

}  // namespace

TEST_CASE("PSNR follows its formula") {
  CHECK(mean_square_error(flat(0.25), flat(0.75)) == doctest::Approx(0.25));
  CHECK(psnr(flat(0.25), flat(0.75)) == doctest::Approx(10 * std::log10(4 / 0.25)));
  CHECK(psnr(flat(-1), flat(1)) == doctest::Approx(0));
  CHECK(psnr(flat(0.5), flat(0.5)) == std::numeric_limits<double>::infinity());
  // numpy, with the same pictures
  CHECK(psnr(made_pictures(2, 37, 45, 1000), made_pictures(2, 37, 45, 5000)) ==
        doctest::Approx(18.168281935).epsilon(1e-6));
}

TEST_CASE("SSIM has numpy's values") {
  const PictureArray a = made_pictures(2, 37, 45, 1000), b = made_pictures(2, 37, 45, 5000);
  PictureArray half = a;
  for (std::size_t i = 0; i < half.size(); ++i) half.data()[i] = (a.data()[i] + b.data()[i]) / 2;
  CHECK(ssim(a, b) == doctest::Approx(0.063210222).epsilon(1e-6));
  CHECK(ssim(half, b) == doctest::Approx(0.646267624).epsilon(1e-6));
  CHECK(ssim(b, b) == doctest::Approx(1));
  CHECK(ssim(a, b) == doctest::Approx(ssim(b, a)));
}

TEST_CASE("SSIM of flat pictures is the term of the means alone") {
  const double c1 = 0.02 * 0.02;
  CHECK(ssim(flat(0.2), flat(0.6)) == doctest::Approx((2 * 0.12 + c1) / (0.04 + 0.36 + c1)).epsilon(1e-5));
}

TEST_CASE("the Laplacian pyramid has numpy's values, odd sides too, and adds up") {
  const std::vector<PictureArray> pyramid = laplacian_pyramid(made_pictures(2, 37, 45, 1000), 3);
  REQUIRE(pyramid.size() == 3);
  CHECK(pyramid[0].shape() == PictureArray::shape_type{2, 3, 37, 45});
  CHECK(pyramid[1].shape() == PictureArray::shape_type{2, 3, 19, 23});
  CHECK(pyramid[2].shape() == PictureArray::shape_type{2, 3, 10, 12});
  CHECK(pyramid[0](1, 2, 1, 3) == doctest::Approx(0.17510708).epsilon(1e-5));
  CHECK(pyramid[1](1, 2, 1, 3) == doctest::Approx(-0.01651788).epsilon(1e-5));
  CHECK(pyramid[2](1, 2, 1, 3) == doctest::Approx(-0.08830609).epsilon(1e-5));
  CHECK(sum_of_magnitudes(pyramid[0]) == doctest::Approx(1414.87063294).epsilon(1e-5));
  CHECK(sum_of_magnitudes(pyramid[1]) == doctest::Approx(86.26055337).epsilon(1e-5));
  CHECK(sum_of_magnitudes(pyramid[2]) == doctest::Approx(134.26698062).epsilon(1e-5));
  // What is flat has no detail.
  const std::vector<PictureArray> none = laplacian_pyramid(flat(0.7, 40, 52), 3);
  CHECK(sum_of_magnitudes(none[0]) + sum_of_magnitudes(none[1]) < 1e-2);
  CHECK(none[2](0, 1, 5, 5) == doctest::Approx(0.7));
}

TEST_CASE("levels end at sixteen pixels") {
  CHECK(pyramid_levels(128, 64) == 3);
  CHECK(pyramid_levels(1024, 1024) == 7);
  CHECK(pyramid_levels(16, 500) == 1);
  CHECK(pyramid_levels(8, 8) == 1);
}

TEST_CASE("the sliced Wasserstein distance has numpy's values") {
  const PictureArray a = made_pictures(2, 37, 45, 1000), b = made_pictures(2, 37, 45, 5000);
  SlicedWasserstein together({.levels = 3, .patches = 40, .projections = 24});
  together.add(scaled(a, 0.5F), b);
  CHECK(together.pictures() == 2);
  const std::vector<double> distances = together.distances();
  REQUIRE(distances.size() == 3);
  CHECK(distances[0] == doctest::Approx(0.4194419).epsilon(1e-4));
  CHECK(distances[1] == doctest::Approx(0.4177900).epsilon(1e-4));
  CHECK(distances[2] == doctest::Approx(0.4459859).epsilon(1e-4));
}

TEST_CASE("equal sets have distance 0, and blurring shows at the finest level first") {
  const PictureArray real = made_pictures(2, 48, 64, 1);
  SlicedWasserstein same, blurred, batched, single;
  same.add(real, real);
  for (const double distance : same.distances()) CHECK(distance == 0);
  PictureArray smooth = real;
  for (std::size_t i = 1; i + 1 < real.size(); ++i)
    smooth.data()[i] = (real.data()[i - 1] + real.data()[i] + real.data()[i + 1]) / 3;
  blurred.add(smooth, real);
  const std::vector<double> distances = blurred.distances();
  REQUIRE(distances.size() == 2);
  CHECK(distances[0] > 0.2);
  CHECK(distances[0] > 1.5 * distances[1]);
  // A batch counts as that many pictures.
  batched.add(smooth, real);
  for (std::size_t n = 0; n < 2; ++n) {
    PictureArray one = PictureArray::from_shape({1, 3, 48, 64}), other = one;
    std::copy_n(smooth.data() + n * one.size(), one.size(), one.data());
    std::copy_n(real.data() + n * one.size(), one.size(), other.data());
    single.add(one, other);
  }
  CHECK(single.distances() == batched.distances());
}

TEST_CASE("a real set without detail does not divide by zero") {
  SlicedWasserstein distance;
  distance.add(made_pictures(1, 32, 32, 1), flat(0.5, 32, 32));
  for (const double value : distance.distances()) CHECK(std::isfinite(value));
}

TEST_CASE("mean colours of classes, painted and compared") {
  const Halves real(0.5, -0.5), made(0.25, -0.5);
  ClassColours colours(4);
  colours.add(real.labels, real.picture);
  colours.add(real.labels, made.picture);
  CHECK(colours.count(0) == 256);
  CHECK(colours.count(1) == 0);
  REQUIRE(colours.mean(0));
  CHECK(colours.mean(0)->at(0) == doctest::Approx(0.375));
  CHECK(colours.mean(0)->at(2) == doctest::Approx(0.625));
  CHECK(!colours.mean(1));
  CHECK(colours.overall()[0] == doctest::Approx((0.375 - 0.5) / 2));

  ClassArray labels = ClassArray::from_shape({1, 1, 4});
  labels(0, 0, 0) = 0;
  labels(0, 0, 1) = 2;
  labels(0, 0, 2) = 1;    // never seen
  labels(0, 0, 3) = 255;  // no class
  const PictureArray painted = colours.paint(labels);
  CHECK(painted.shape() == PictureArray::shape_type{1, 3, 1, 4});
  CHECK(painted(0, 0, 0, 0) == doctest::Approx(0.375));
  CHECK(painted(0, 2, 0, 1) == doctest::Approx(-0.25));
  CHECK(painted(0, 0, 0, 2) == doctest::Approx(-0.0625));
  CHECK(painted(0, 0, 0, 3) == doctest::Approx(-0.0625));

  ClassColours of_made(4), of_real(4);
  of_made.add(made.labels, made.picture);
  of_real.add(real.labels, real.picture);
  const auto errors = class_colour_errors(of_made, of_real);
  REQUIRE(errors.size() == 4);
  CHECK(errors[0].value() == doctest::Approx(0.25 * 127.5));
  CHECK(errors[2].value() == doctest::Approx(0));
  CHECK(!errors[1]);
  CHECK(mean_colour_error(errors).value() == doctest::Approx(0.25 * 127.5 / 2));
  CHECK(!mean_colour_error({std::nullopt}));
  CHECK_THROWS_WITH_AS(class_colour_errors(of_made, ClassColours(4, 1)), doctest::Contains("3 channels"), Error);
  CHECK_THROWS_WITH_AS(class_colour_errors(of_made, ClassColours(5)), doctest::Contains("4 classes"), Error);
}

TEST_CASE("of all flat fillings the mean colour has the least error") {
  const PictureArray picture = made_pictures(1, 16, 16, 3);
  const ClassArray labels = Halves(0, 0).labels;
  ClassColours colours(3);
  colours.add(labels, picture);
  const double best = mean_square_error(colours.paint(labels), picture);
  for (const float offset : {-0.02F, 0.02F}) {
    PictureArray other = colours.paint(labels);
    for (float& value : other) value += offset;
    CHECK(mean_square_error(other, picture) > best);
  }
}

TEST_CASE("an evaluation has every figure") {
  const Halves real(0.5, -0.5), made(0.25, -0.5);
  Evaluation evaluation({.classes = 4});
  evaluation.add(made.picture, real.picture, real.labels);
  evaluation.add(real.picture, real.picture, real.labels);
  const Figures figures = evaluation.figures();
  CHECK(figures.pictures == 2);
  CHECK(figures.psnr == doctest::Approx(psnr_of(0.0625 / 4)));
  CHECK(figures.ssim == doctest::Approx((ssim(made.picture, real.picture) + 1) / 2));
  REQUIRE(figures.class_colour_errors.size() == 4);
  CHECK(figures.colour_error.value() == doctest::Approx(0.125 * 127.5 / 2));
  REQUIRE(figures.sliced_wasserstein.size() == 1);
  CHECK(figures.texture_distance() == figures.sliced_wasserstein[0]);
  const std::string text = to_string(figures);
  CHECK(made::has(text, "PSNR 24.08 dB", "SSIM 0.", "sliced Wasserstein 0.", "colour error 8.0"));
  // A batch counts as that many pictures.
  PictureArray made_batch = PictureArray::from_shape({2, 3, 16, 16}), real_batch = made_batch;
  std::copy_n(real.picture.data(), 3 * 256, std::copy_n(made.picture.data(), 3 * 256, made_batch.data()));
  std::copy_n(real.picture.data(), 3 * 256, std::copy_n(real.picture.data(), 3 * 256, real_batch.data()));
  Evaluation batched;
  batched.add(made_batch, real_batch);
  CHECK(batched.figures().psnr == doctest::Approx(figures.psnr));
  CHECK(batched.figures().ssim == doctest::Approx(figures.ssim));
  CHECK(batched.figures().pictures == 2);
  Evaluation unlabelled;
  unlabelled.add(made.picture, real.picture);
  CHECK(!unlabelled.figures().colour_error);
  CHECK(!made::has(to_string(unlabelled.figures()), "colour"));
}

TEST_CASE("what cannot be compared is refused with a sentence and counts for nothing") {
  const auto error = [](const auto& work) { return made::error_of(work); };
  CHECK(made::has(error([] { psnr(flat(0, 16, 16), flat(0, 16, 17)); }), "16, 16", "16, 17"));
  CHECK(made::has(error([] { ssim(flat(0, 10, 16), flat(0, 10, 16)); }), "11x11", "16x10"));
  CHECK(made::has(error([] { psnr(flat(0, 0, 4), flat(0, 0, 4)); }), "without values"));
  PictureArray bad = flat(0);
  bad(0, 1, 3, 2) = std::numeric_limits<float>::quiet_NaN();
  CHECK(made::has(error([&] { psnr(bad, flat(0)); }), "synthesised", "nan", "(x 2, y 3)", "channel 1"));
  CHECK(made::has(error([&] { psnr(flat(0), bad); }), "real picture"));
  CHECK(made::has(error([] { laplacian_pyramid(flat(0), 3); }), "16x16", "4x4", "3 levels"));
  CHECK(made::has(error([] { laplacian_pyramid(flat(0), 0); }), "0 levels"));
  CHECK(made::has(error([] { SlicedWasserstein({.patches = 0}); }), "0 patches"));
  CHECK(made::has(error([] { static_cast<void>(SlicedWasserstein().distances()); }), "no pictures"));
  CHECK(made::has(error([] { static_cast<void>(Evaluation().figures()); }), "no pictures"));
  CHECK(made::has(error([] { ClassColours(0); }), "0 classes"));

  const Halves halves(0, 0);
  ClassColours colours(3);
  CHECK(made::has(error([&] { colours.add(halves.labels, flat(0, 16, 17)); }), "16, 17", "16, 16"));
  CHECK(colours.count(0) == 0);
  Evaluation evaluation({.classes = 3});
  CHECK(made::has(error([&] { evaluation.add(flat(0), flat(0), ClassArray::from_shape({1, 3, 3})); }), "3, 3"));
  CHECK(made::has(error([&] { Evaluation().add(flat(0), flat(0), halves.labels); }), "state its classes"));
  CHECK(made::has(error([&] { evaluation.add(bad, flat(0), halves.labels); }), "finite"));
  CHECK(made::has(error([&] { static_cast<void>(evaluation.figures()); }), "no pictures"));
  SlicedWasserstein distance;
  distance.add(flat(0), flat(0));
  const PictureArray grey = PictureArray::from_shape({1, 1, 16, 16});
  CHECK(made::has(error([&] { distance.add(PictureArray(grey.shape(), 0.0F), PictureArray(grey.shape(), 0.0F)); }),
                  "1 channels", "3 channels"));
  CHECK(distance.pictures() == 1);
  CHECK(made::has(error([] { static_cast<void>(Figures{}.texture_distance()); }), "ranked"));
}
