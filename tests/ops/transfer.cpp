/// Values between host and devices.

#include "map_case.hpp"

using namespace tests;

TEST_CASE("values come back as they went, in N, C, H, W order") {
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    Device& device = on.device;
    for (const Shape& shape : {Shape{2, 3, 4, 5}, Shape{1, 16, 2, 2}, Shape{3, 17, 1, 3}, Shape{1, 1, 1, 1}})
      for (const Role role : {Role::activation, Role::parameter}) {
        std::vector<float> values(shape.count()), back(shape.count());
        for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) - 7.25f;
        const Tensor x = upload<float>(device, shape, values, role);
        download<float>(device, x, back);
        CHECK(back == values);
        std::vector<double> wide(shape.count());
        download<double>(device, x, wide);
        CHECK(wide == std::vector<double>(values.begin(), values.end()));
        Device other = reference();
        CHECK(detail::host_values(other, to(other, x, role)) == wide);
        CHECK(detail::host_values(device, to(device, to(other, x, role), role)) == wide);
      }
    const auto array = xt::xtensor<float, 4>{{{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}}};
    CHECK(download(device, upload(device, array)) == array);
    const Tensor x = upload(device, array);
    CHECK(to(device, x).storage() == x.storage());
  }
}

TEST_CASE("pictures come back as bytes, rounded to the nearest, ties to even") {
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    for (const Shape& shape : {Shape{1, 3, 2, 3}, Shape{2, 1, 5, 61}, Shape{1, 17, 1, 2}, Shape{2, 3, 7, 5}})
      for (const Role role : {Role::activation, Role::parameter}) {
        std::vector<float> values(shape.count());
        for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 511) / 127.5f - 2;
        values[0] = -INFINITY;
        values[1] = INFINITY;
        values[2] = NAN;
        values[3] = 0;  // 127.5
        values[4] = 1 / 255.0f * 2 * 2.5f - 1;
        const Tensor x = upload<float>(on.device, shape, values, role);
        const xt::xtensor<std::uint8_t, 4> pixels = download_pixels(on.device, x);
        REQUIRE(pixels.size() == values.size());
        std::vector<float> back(values.size());
        download<float>(on.device, x, back);
        std::size_t i = 0, wrong = 0;
        for (std::size_t n = 0; n < pixels.shape()[0]; ++n)
          for (std::size_t c = 0; c < pixels.shape()[3]; ++c)
            for (std::size_t y = 0; y < pixels.shape()[1]; ++y)
              for (std::size_t j = 0; j < pixels.shape()[2]; ++j, ++i) {
                const float clamped = std::isnan(back[i]) ? -1 : std::min(1.0f, std::max(-1.0f, back[i]));
                if (static_cast<float>(pixels(n, y, j, c)) != std::nearbyint((clamped + 1) / 2 * 255)) ++wrong;
              }
        CHECK(wrong == 0);
        CHECK(static_cast<int>(*pixels.begin()) == 0);
      }
  }
}

TEST_CASE("cleared gradients are zeros until they are written") {
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    Device& device = on.device;
    Tensor x = detail::device_values(device, {1, 1, 1, 3}, {NAN, NAN, NAN}, Role::parameter);
    x.storage()->clear();
    CHECK(detail::host_values(device, x) == std::vector<double>{0, 0, 0});
    CHECK(download(device, x)(0, 0, 0, 2) == 0);
    CHECK(x.storage()->take_cleared());
    CHECK(std::isnan(detail::host_values(device, x)[0]));
  }
}

TEST_CASE("wrong counts, empty tensors and other devices are Errors") {
  Device device = reference(), other = reference();
  const std::vector<float> values(5);
  check_says(sentence_of([&] { upload<float>(device, {1, 1, 2, 3}, values); }), {"5 values", "1x1x2x3"});
  check_says(sentence_of([&] { upload<float>(device, {1, 0, 2, 3}, std::span<const float>()); }), {"0 values"});
  std::vector<double> room(4);
  const Tensor x = normal_tensor(device, {1, 1, 2, 3});
  check_says(sentence_of([&] { download<double>(device, x, room); }), {"room for 4", "1x1x2x3"});
  check_says(sentence_of([&] { download(device, Tensor()); }), {"empty"});
  check_says(sentence_of([&] { to(device, Tensor()); }), {"empty"});
  check_says(sentence_of([&] { download(other, x); }), {"to(device, x)"});
}

TEST_CASE("a refused allocation is OutOfMemory, names the budget and leaves the device usable") {
  Device device = reference({.budget = 4096});
  const Tensor x = normal_tensor(device, {1, 1, 16, 16});
  try {
    normal_tensor(device, {1, 2, 16, 16});
    FAIL("no Error");
  } catch (const OutOfMemory& error) {
    check_says(error.what(), {"4096 bytes asked for", "2048 held", "budget of 4096"});
  }
  CHECK(device.memory().current() == 2048);
  CHECK(normal_tensor(device, {1, 1, 16, 16}).bytes() == 2048);
  CHECK(device.memory().peak() == 4096);
}
