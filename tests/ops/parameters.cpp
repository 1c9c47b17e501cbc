/// Operations on tensors that are stored as parameters: computed where that makes sense, refused elsewhere.

#include "map_case.hpp"

#include <pix2pixhd/ops/instance_mean.hpp>
#include <pix2pixhd/ops/loss.hpp>
#include <pix2pixhd/ops/rescale.hpp>

using namespace tests;

namespace {

/// Of a shape whose channels activations store in blocks.
constexpr Shape many{2, 36, 3, 5};

Tensor normal_parameter(Device& device, const Shape& shape, std::uint64_t seed) {
  return detail::device_values(device, shape, detail::normal_values(shape.count(), seed, "tensor"), Role::parameter);
}

std::vector<NamedDevice> devices_and_bf16() {
  std::vector<NamedDevice> devices = all_devices();
  devices.push_back({"cpu bf16", cpu({.threads = 2, .precision = Precision::bf16}), false});
  if (cuda_availability().empty()) devices.push_back({"cuda bf16", cuda(0, {.precision = Precision::bf16}), false});
  return devices;
}

}  // namespace

TEST_CASE("parameters and their gradients can be added") {
  for (NamedDevice& on : devices_and_bf16()) {
    CAPTURE(on.name);
    Device& device = on.device;
    for (const Shape& shape : {many, Shape{67, 1, 1, 1}, Shape{3, 7, 7, 7}}) {
      CAPTURE(to_string(shape));
      Tensor a = normal_parameter(device, shape, 1);
      const Tensor b = normal_parameter(device, shape, 2);
      const auto of_a = detail::host_values(device, a), of_b = detail::host_values(device, b);
      std::vector<double> expected(of_a.size());
      for (std::size_t i = 0; i < expected.size(); ++i)
        expected[i] = on.exact ? of_a[i] + of_b[i]
                               : static_cast<double>(static_cast<float>(of_a[i]) + static_cast<float>(of_b[i]));
      const Tensor y = add(device, a, b);
      CHECK(y.format() == device.backend().format(shape, Role::parameter));
      CHECK(detail::host_values(device, y) == expected);
      const Storage* const place = a.storage().get();
      const Tensor within = add(device, std::move(a), b);
      CHECK(within.storage().get() == place);
      CHECK(detail::host_values(device, within) == expected);
    }
  }
}

TEST_CASE("a gradient that was cleared is zeros in sums and losses") {
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    Device& device = on.device;
    const Tensor cleared = normal_parameter(device, many, 1), b = normal_parameter(device, many, 2);
    cleared.storage()->clear();
    const auto of_b = detail::host_values(device, b);
    const Tensor left = add(device, cleared, b), right = add(device, b, cleared);
    CHECK(detail::host_values(device, left) == of_b);
    CHECK(detail::host_values(device, right) == of_b);
    CHECK(left.storage() != b.storage());  // a backward pass may add to it
    CHECK(loss(device, cleared, {.kind = LossKind::squared}).value == 0);
    const double difference = absolute_difference(device, cleared, b, 1).value;
    CHECK(difference == doctest::Approx(absolute_difference(device, b, cleared, 1).value));
    CHECK(difference > 0);
    CHECK(cleared.storage()->cleared());
  }
}

TEST_CASE("losses of parameters and their gradients") {
  Device exact = reference();
  for (NamedDevice& on : devices_and_bf16()) {
    CAPTURE(on.name);
    Device& device = on.device;
    for (const Shape& shape : {many, Shape{67, 1, 1, 1}, Shape{3, 7, 7, 7}}) {
      CAPTURE(to_string(shape));
      const Tensor x = normal_parameter(device, shape, 3), y = normal_parameter(device, shape, 4);
      const Tensor exact_x = to(exact, x, Role::parameter), exact_y = to(exact, y, Role::parameter);
      const auto check = [&](const LossResult& result, const LossResult& expected) {
        CHECK(result.value == doctest::Approx(expected.value).epsilon(1e-5));
        CHECK(result.gradient.format() == device.backend().format(shape, Role::parameter));
        CHECK(relative_difference(detail::host_values(device, result.gradient),
                                  detail::host_values(exact, expected.gradient)) <= 1e-5);
      };
      for (const LossKind kind : {LossKind::squared, LossKind::cross_entropy, LossKind::hinge, LossKind::linear}) {
        const LossTermSpec spec{.kind = kind, .target = 1, .weight = 3};
        check(loss(device, x, spec), loss(exact, exact_x, spec));
      }
      check(absolute_difference(device, x, y, 2), absolute_difference(exact, exact_x, exact_y, 2));
    }
  }
}

TEST_CASE("operations on pictures refuse parameters and say how to make activations of them") {
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    Device& device = on.device;
    const Tensor activation = normal_tensor(device, many), parameter = normal_parameter(device, many, 7);
    if (parameter.format() == activation.format()) continue;
    const auto refused = [&](const auto& operation) {
      check_says(sentence_of(operation), {"stored as a parameter", "use to(device, x)"});
    };
    refused([&] { pool(device, parameter, Pooling::average3); });
    refused([&] { pool_backward(device, parameter, {2, 36, 5, 9}, Pooling::average3); });
    const Tensor wide = normal_parameter(device, {2, 36, 6, 10}, 8);
    refused([&] { pool_backward(device, activation, wide.shape(), Pooling::max2, wide); });
    refused([&] { extend(device, parameter, {6, 6}); });
    xt::xtensor<std::int32_t, 3> ids(std::array<std::size_t, 3>{2, 3, 5}, 1);
    refused([&] { instance_mean(device, parameter, instance_map(device, ids)); });
    ConvBlock<36, 36> block;
    initialize(device, block, 1);
    ConvBlock<36, 36>::Context<Mode::train> context;
    refused([&] { infer(device, block, parameter); });
    refused([&] { block.forward(device, activation, context, {.add = &parameter}); });
    block.forward(device, activation, context);
    refused([&] { block.backward(device, parameter, context, Need::both); });
    const SemanticMap map = join(MapArrays(2, 3, 5, 4).map(device, false), parameter);
    ConvBlock<40, 3> on_map;
    initialize(device, on_map, 1);
    refused([&] { infer(device, on_map, map); });

    for (const auto& wrong : {sentence_of([&] { add(device, activation, parameter); }),
                              sentence_of([&] { absolute_difference(device, parameter, activation, 1); })})
      check_says(wrong, {"one is stored as an activation", "to(device, x, role)"});
    const Tensor converted = to(device, parameter);
    CHECK(converted.format() == activation.format());
    CHECK(detail::host_values(device, pool(device, converted, Pooling::average3)) ==
          detail::host_values(device, pool(device, activation, Pooling::average3)));
  }
}
