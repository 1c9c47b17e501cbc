// Gradients of poolings, which are taken two by two pixels, against the reference: odd sides, and equals in a window.
#include "ops/map_case.hpp"

#include <cmath>
#include <vector>

using namespace tests;

TEST_CASE("gradients of poolings, with equals in a window and pixels in none") {
  if (!cuda_availability().empty()) {
    MESSAGE("left out: ", cuda_availability());
    return;
  }
  Device exact = reference(), device = cuda();
  for (const Shape& shape : {Shape{2, 3, 6, 8}, Shape{1, 18, 7, 5}, Shape{3, 8, 2, 9}, Shape{2, 40, 33, 30}})
    for (const Pooling pooling : {Pooling::max2, Pooling::average3}) {
      CAPTURE(to_string(shape));
      CAPTURE(static_cast<int>(pooling));
      const auto run = [&](Device& on) {
        std::vector<double> values = detail::normal_values(shape.count(), 1, "pool");
        for (double& value : values) value = std::round(2 * value) / 2;
        const Tensor x = detail::device_values(on, shape, values);
        const Tensor y = pool(on, x, pooling), dy = normal_tensor(on, y.shape(), 2);
        Tensor result = on.empty(shape);
        on.backend().pool_backward(dy, pooling == Pooling::max2 ? x : Tensor(), pooling, result);
        return std::vector{detail::host_values(on, y), detail::host_values(on, result)};
      };
      const auto got = run(device), expected = run(exact);
      CHECK(relative_difference(got[0], expected[0]) <= 1e-6);
      CHECK(relative_difference(got[1], expected[1]) <= 1e-6);
    }
}
