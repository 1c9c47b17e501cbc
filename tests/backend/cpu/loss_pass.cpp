#include "backend/cpu/random_tensors.hpp"

using namespace pix2pixhd_test;

namespace {

const LossKind all_kinds[] = {LossKind::squared, LossKind::cross_entropy, LossKind::hinge, LossKind::linear,
                              LossKind::absolute};

/// Plain and blocked, incomplete blocks, incomplete sixteens, several chunks.
const Shape shapes[] = {{1, 1, 1, 2},  {1, 1, 35, 67}, {2, 5, 9, 6},    {2, 16, 4, 4},
                        {1, 20, 7, 5}, {2, 33, 6, 3},  {1, 8, 70, 131}, {1, 3, 260, 271}};

/// A number as a tensor, so that compare() holds it against the reference like the gradient.
Tensor number(Device& device, double value) {
  return tensor(device, {1, 1, 1, 1}, {static_cast<float>(value)}, Role::parameter);
}

/// A tensor of NaN, lanes without a channel included.
Tensor unwritten(Device& device, const Shape& shape) {
  Tensor x = device.empty(shape);
  std::fill_n(x.mutable_data<unsigned char>(), x.bytes(), static_cast<unsigned char>(0xff));
  return x;
}

}  // namespace

TEST_CASE("losses and gradients of every kind") {
  for (const Shape& shape : shapes)
    for (const LossKind kind : all_kinds)
      for (const double target : {1.0, -1.0, 0.0}) {
        if (target < 0 && kind != LossKind::hinge && kind != LossKind::squared) continue;
        CAPTURE(to_string(shape));
        CAPTURE(static_cast<int>(kind));
        compare(2e-6, [&](Device& device) {
          const Tensor x = random_tensor(device, shape, "x"), y = random_tensor(device, shape, "y");
          LossCall call{.kind = kind, .x = &x, .target = target, .weight = 0.75, .dx = unwritten(device, shape)};
          if (kind == LossKind::absolute) call.y = &y;
          const double value = device.backend().loss(call);
          call.dx = {};
          CHECK(device.backend().loss(call) == value);
          call.dx = unwritten(device, shape);
          device.backend().loss(call);
          return std::vector<Tensor>{number(device, value), call.dx};
        });
      }
}

TEST_CASE("an absolute difference of equal values has no slope") {
  compare(0, [](Device& device) {
    const Tensor x = random_tensor(device, {1, 20, 5, 3}, "x");
    LossCall call{.kind = LossKind::absolute, .x = &x, .y = &x, .dx = unwritten(device, x.shape())};
    const double value = device.backend().loss(call);
    return std::vector<Tensor>{number(device, value), call.dx};
  });
}

TEST_CASE("absolute differences finish pending tensors on the way") {
  for (const Shape& shape : {Shape{1, 20, 7, 5}, Shape{2, 33, 40, 61}, Shape{1, 3, 5, 7}})
    for (const Isa isa : available_isas()) {
      CAPTURE(to_string(shape));
      CAPTURE(to_string(isa));
      Device device = cpu({.threads = 2}, isa);
      const Tensor x = random_pending(device, shape, "x", Activation::leaky_relu);
      const Tensor y = random_pending(device, shape, "y", Activation::relu);
      const auto finished = [&](const Tensor& pending) {
        Tensor raw = pending.with_pending(nullptr), result = device.empty(shape);
        device.backend().normalise({.x = &raw,
                                    .statistics = &pending.pending()->statistics,
                                    .activation = pending.pending()->activation,
                                    .y = result});
        return result;
      };
      const Tensor a = finished(x), b = finished(y);
      LossCall pending{.kind = LossKind::absolute, .x = &x, .y = &y, .dx = device.empty(shape)};
      LossCall plain{.kind = LossKind::absolute, .x = &a, .y = &b, .dx = device.empty(shape)};
      CHECK(device.backend().loss(pending) == device.backend().loss(plain));
      CHECK(values_of(device, pending.dx) == values_of(device, plain.dx));
      CHECK(filled_with_zeros(pending.dx));
    }
}

TEST_CASE("a loss of what is not finite is not finite") {
  for (const Isa isa : available_isas())
    for (const LossKind kind : all_kinds) {
      CAPTURE(static_cast<int>(kind));
      Device device = cpu({.threads = 1}, isa);
      std::vector<float> values = random_values({1, 17, 9, 9}, "x");
      values[1000] = std::nanf("");
      const Tensor x = tensor(device, {1, 17, 9, 9}, values), y = random_tensor(device, {1, 17, 9, 9}, "y");
      LossCall call{.kind = kind, .x = &x, .target = 1};
      if (kind == LossKind::absolute) call.y = &y;
      CHECK_FALSE(std::isfinite(device.backend().loss(call)));
    }
}
