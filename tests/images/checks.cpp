#include <images/made_files.hpp>
#include <pix2pixhd/images/checks.hpp>

#include <doctest/doctest.h>

using namespace pix2pixhd;

TEST_CASE("labels out of range are named with file, pixel, value, range and remedy") {
  LabelArray labels = LabelArray::from_shape({4, 6});
  labels.fill(34);
  const auto message = [&](int classes, std::optional<int> ignore) {
    return made::error_of([&] { check_labels(labels, classes, ignore, "a.png"); });
  };
  CHECK(message(35, {}) == "");
  CHECK(message(256, {}) == "");
  labels(2, 3) = 255;
  CHECK(message(256, {}) == "");
  CHECK(message(35, 255) == "");
  CHECK(made::has(message(35, {}), "a.png", "class 255", "(x 3, y 2)", "0 to 34", "ignore"));
  CHECK(made::has(message(35, 254), "class 255", "0 to 34", "254"));
  CHECK(made::has(message(34, 255), "class 34", "(x 0, y 0)", "0 to 33"));
  const std::string told = made::error_of([&] { check_labels(labels, 34, {}, "a.png", "Give --classes"); });
  CHECK(told.ends_with("are allowed. Give --classes."));
  CHECK(made::has(message(0, {}), "0 classes"));
  CHECK(made::has(message(257, {}), "257 classes"));
}

TEST_CASE("pictures of different sizes are named with both sizes") {
  const LabelArray labels = LabelArray::from_shape({4, 6});
  const InstanceArray instances = InstanceArray::from_shape({4, 6});
  const ImageArray image = ImageArray::from_shape({1, 3, 6, 4});
  check_same_size(named_size(labels, "a.png"), named_size(instances, "b.png"));
  CHECK(made::has(made::error_of([&] { check_same_size(named_size(labels, "a.png"), named_size(image, "c.png")); }),
                  "a.png is 6x4", "c.png is 4x6", "same size"));
}
