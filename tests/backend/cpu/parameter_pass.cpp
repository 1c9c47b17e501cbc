#include <doctest/doctest.h>
#include <pix2pixhd/pix2pixhd.hpp>

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

using namespace pix2pixhd;

namespace {

std::vector<float> random_values(std::size_t count, const char* name) {
  std::vector<float> values(count);
  const RandomStream random(3, name);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<float>(2 * random.uniform(i) - 1);
  return values;
}

}  // namespace

TEST_CASE("moving towards other values, with any number of threads") {
  const Shape shape{70, 11, 9, 13};  // several pieces and a rest
  const auto x = random_values(shape.count(), "x"), y = random_values(shape.count(), "y");
  for (const int threads : {1, 3}) {
    Device device = cpu({.threads = threads});
    const Tensor from = upload<float>(device, shape, x, Role::parameter);
    Tensor to = upload<float>(device, shape, y, Role::parameter);
    const std::uint64_t version = to.storage()->version();
    device.backend().move_towards(from, 0.25, to);
    CHECK(to.storage()->version() != version);  // what was derived from it is out of date
    std::vector<float> got(shape.count());
    download<float>(device, to, got);
    bool same = true;
    for (std::size_t i = 0; i < got.size(); ++i) same = same && got[i] == y[i] + 0.25f * (x[i] - y[i]);
    CHECK(same);
    device.backend().move_towards(from, 1, to);
    download<float>(device, to, got);
    for (std::size_t i = 0; i < got.size(); ++i) same = same && std::abs(got[i] - x[i]) <= 1e-7f;
    CHECK(same);
  }
}

TEST_CASE("values that are not finite are found wherever they are") {
  Device device = cpu({.threads = 2});
  const Shape shape{70, 11, 9, 13};
  const auto values = random_values(shape.count(), "x");
  CHECK(device.backend().all_finite(upload<float>(device, shape, values, Role::parameter)));
  using Limits = std::numeric_limits<float>;
  for (const float bad : {Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN()})
    for (const std::size_t at : {std::size_t{0}, std::size_t{32768}, shape.count() - 1})
      for (const Role role : {Role::parameter, Role::activation}) {
        auto spoilt = values;
        spoilt[at] = bad;
        CHECK_FALSE(device.backend().all_finite(upload<float>(device, shape, spoilt, role)));
      }
  for (const float good : {Limits::max(), Limits::lowest(), Limits::denorm_min(), -0.0f}) {
    auto extreme = values;
    extreme[5] = good;
    CHECK(device.backend().all_finite(upload<float>(device, shape, extreme, Role::parameter)));
  }
}
