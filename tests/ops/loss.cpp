/// Terms of objectives: where their gradients lie.

#include "map_case.hpp"

#include <pix2pixhd/ops/loss.hpp>

using namespace tests;

TEST_CASE("a loss of one tensor is not that of two") {
  Device device = cpu({.threads = 1});
  const Tensor x = normal_tensor(device, {1, 3, 4, 5});
  check_says(sentence_of([&] { loss(device, x, {.kind = LossKind::absolute}); }), {"absolute_difference"});
}

TEST_CASE("the gradient of a difference takes the place of a second tensor that nobody else holds") {
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    Device& device = on.device;
    ConvBlock<3, 20> block;  // with instance norm: its result is pending where the backend can read such
    initialize(device, block, 1);
    const auto result = [&](std::uint64_t seed) {
      ConvBlock<3, 20>::Context<Mode::infer> context;
      return block.forward(device, normal_tensor(device, {2, 3, 9, 13}, seed), context);
    };
    const Tensor x = result(1), held = result(2);
    const LossResult apart = absolute_difference(device, x, held, 3);
    CHECK(apart.gradient.storage() != held.storage());
    Tensor y = result(2);
    const Storage* place = y.storage().get();
    const LossResult within = absolute_difference(device, x, std::move(y), 3);
    CHECK(within.value == apart.value);
    CHECK(detail::host_values(device, within.gradient) == detail::host_values(device, apart.gradient));
    if (device.backend().normalises_on_load()) CHECK(within.gradient.storage().get() == place);
  }
}
