/// Poolings against sums by hand.

#include "map_case.hpp"

#include <algorithm>

using namespace tests;

TEST_CASE("averages divide by the pixels that there are; maxima are of 2 x 2") {
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    Device& device = on.device;
    for (const Shape& shape :
         {Shape{2, 3, 6, 8}, Shape{1, 18, 7, 5}, Shape{1, 1, 1, 1}, Shape{1, 2, 1, 9}, Shape{3, 1, 2, 2}}) {
      CAPTURE(to_string(shape));
      const Tensor x = normal_tensor(device, shape);
      const auto in = download(device, x);
      const auto average = download(device, pool(device, x, Pooling::average3));
      for (std::size_t n = 0; n < average.shape()[0]; ++n)
        for (std::size_t c = 0; c < average.shape()[1]; ++c)
          for (std::size_t i = 0; i < average.shape()[2]; ++i)
            for (std::size_t j = 0; j < average.shape()[3]; ++j) {
              double sum = 0;
              int count = 0;
              for (int a = 2 * static_cast<int>(i) - 1; a <= 2 * static_cast<int>(i) + 1; ++a)
                for (int b = 2 * static_cast<int>(j) - 1; b <= 2 * static_cast<int>(j) + 1; ++b)
                  if (a >= 0 && b >= 0 && a < shape.h && b < shape.w) {
                    sum += in(n, c, static_cast<std::size_t>(a), static_cast<std::size_t>(b));
                    ++count;
                  }
              REQUIRE(average(n, c, i, j) == doctest::Approx(sum / count).epsilon(1e-5));
            }
      if (shape.h < 2 || shape.w < 2) continue;
      const auto most = download(device, pool(device, x, Pooling::max2));
      CHECK(most.shape()[2] == static_cast<std::size_t>(shape.h / 2));
      for (std::size_t n = 0; n < most.shape()[0]; ++n)
        for (std::size_t c = 0; c < most.shape()[1]; ++c)
          for (std::size_t i = 0; i < most.shape()[2]; ++i)
            for (std::size_t j = 0; j < most.shape()[3]; ++j)
              REQUIRE(most(n, c, i, j) == std::max({in(n, c, 2 * i, 2 * j), in(n, c, 2 * i + 1, 2 * j),
                                                    in(n, c, 2 * i, 2 * j + 1), in(n, c, 2 * i + 1, 2 * j + 1)}));
    }
  }
}

TEST_CASE("what the gradient of pooling needs is asked for") {
  Device device = reference(), other = reference();
  const Shape in{1, 2, 6, 8};
  const Tensor x = normal_tensor(device, in), dy = normal_tensor(device, {1, 2, 3, 4});
  check_says(sentence_of([&] { pool_backward(device, dy, in, Pooling::max2); }), {"max pooling", "empty tensor"});
  check_says(sentence_of([&] { pool_backward(device, dy, in, Pooling::max2, normal_tensor(device, {1, 2, 4, 4})); }),
             {"1x2x4x4", "1x2x6x8"});
  check_says(sentence_of([&] { pool_backward(device, dy, in, Pooling::max2, normal_tensor(other, in)); }),
             {"another device of that name"});
  CHECK(pool_backward(device, dy, in, Pooling::max2, x).shape() == in);
  check_says(sentence_of([&] { pool(device, SemanticMap(), Pooling::average3); }), {"empty semantic map"});
}

TEST_CASE("windows of a pooled map have the weights of poolings one after the other") {
  for (const int side : {1, 2, 3, 5, 8, 13, 64})
    for (int level = 0; level <= 4; ++level) {
      CAPTURE(side);
      CAPTURE(level);
      std::vector<std::vector<double>> rows;  // of the unit matrix, pooled along one axis
      for (int i = 0; i < side; ++i) {
        rows.emplace_back(static_cast<std::size_t>(side), 0.0);
        rows.back()[static_cast<std::size_t>(i)] = 1;
      }
      for (int l = 0; l < level; ++l) {
        std::vector<std::vector<double>> pooled;
        for (std::size_t i = 0; i < (rows.size() + 1) / 2; ++i) {
          const std::size_t from = i == 0 ? 0 : 2 * i - 1, to = std::min(2 * i + 1, rows.size() - 1);
          pooled.emplace_back(static_cast<std::size_t>(side), 0.0);
          for (std::size_t j = from; j <= to; ++j)
            for (std::size_t k = 0; k < pooled.back().size(); ++k)
              pooled.back()[k] += rows[j][k] / static_cast<double>(to - from + 1);
        }
        rows = pooled;
      }
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const PoolingWindow window(side, level, static_cast<int>(i));
        REQUIRE(window.first >= 0);
        REQUIRE(static_cast<std::size_t>(window.first) + window.weights.size() <= static_cast<std::size_t>(side));
        CHECK(window.weights.size() <= (std::size_t{2} << level) - 1);
        std::vector<double> weights(static_cast<std::size_t>(side), 0.0);
        std::copy(window.weights.begin(), window.weights.end(), weights.begin() + window.first);
        for (std::size_t k = 0; k < weights.size(); ++k)
          CHECK(weights[k] == doctest::Approx(rows[i][k]).epsilon(1e-12));
      }
    }
}

TEST_CASE("backward of pooling is its transpose") {
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    Device& device = on.device;
    for (const Shape& shape : {Shape{2, 3, 7, 6}, Shape{1, 17, 5, 9}}) {
      const Tensor x = normal_tensor(device, shape, 1), y = pool(device, x, Pooling::average3);
      const Tensor dy = normal_tensor(device, y.shape(), 2);
      const auto a = detail::host_values(device, y), b = detail::host_values(device, dy);
      const auto in = detail::host_values(device, x),
                 back = detail::host_values(device, pool_backward(device, dy, shape, Pooling::average3));
      double forward = 0, backward = 0;
      for (std::size_t i = 0; i < a.size(); ++i) forward += a[i] * b[i];
      for (std::size_t i = 0; i < in.size(); ++i) backward += in[i] * back[i];
      CHECK(forward == doctest::Approx(backward).epsilon(1e-5));
    }
    CHECK(pool_backward(device, Tensor(), {1, 1, 4, 4}, Pooling::average3).empty());
  }
}
