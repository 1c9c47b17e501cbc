/// Values that are not finite: training stops, and the message says where they came from.

#include "../devices.hpp"
#include "training_run.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

using namespace tests;

namespace {

/// Writes `value` into one entry of the network's parameter of that name.
template <class Net>
void poison(Device& device, Net& network, const std::string& which, float value) {
  for_each_parameter(network, [&](const std::string& name, Parameter& parameter) {
    if (name != which) return;
    auto values = download(device, parameter.value);
    values.data()[values.size() / 2] = value;
    assign(device, parameter, values);
  });
}

}  // namespace

namespace {

/// Spoils a run or its batch by `spoil`: the next step must fail with `sentence` and change nothing.
template <class Spoil>
void check_origin(bool in_double, const std::string& sentence, Spoil&& spoil) {
  for (auto& on : all_devices()) {
    if (on.exact && !in_double) continue;
    CAPTURE(on.name);
    CAPTURE(sentence);
    Run run(on.device, {});
    Batch bad = batch(on.device, 0);
    spoil(run, bad);
    const auto before = run.state();
    CHECK_THROWS_WITH_AS(run.trainer.step(bad), doctest::Contains(sentence.c_str()), Error);
    CHECK(run.trainer.steps() == 0);
    const auto after = run.state();
    CHECK(std::equal(before.begin(), before.end(), after.begin(), after.end(),
                     [](double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }));
  }
}

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

}  // namespace

TEST_CASE("a value that is not finite stops training before any weight changes, and its origin is named") {
  check_origin(true, "the photograph holds such a value", [](Run& run, Batch& bad) {
    auto image = download(run.device, bad.image);
    image(0, 1, 2, 3) = not_a_number;
    bad.image = upload(run.device, image);
  });
  check_origin(true, "the generator's model1_1.4.weight holds such a value",
               [](Run& run, Batch&) { poison(run.device, run.generator, "model1_1.4.weight", not_a_number); });
  check_origin(true, "the discriminator's scale0_layer1.0.weight holds such a value", [](Run& run, Batch&) {
    poison(run.device, run.discriminator, "scale0_layer1.0.weight", std::numeric_limits<float>::infinity());
  });
  // In double there is room for these.
  check_origin(false, "it arises in the discriminator's layer scale1_layer0.0 on the synthesised picture",
               [](Run& run, Batch&) {
                 for_each_parameter(run.discriminator, [&](const std::string& name, Parameter& parameter) {
                   if (name != "scale1_layer0.0.weight") return;
                   auto values = download(run.device, parameter.value);
                   values.fill(3e38f);
                   assign(run.device, parameter, values);
                 });
               });
}

TEST_CASE("of an input that is a picture its values are named, of other maps what is joined to them") {
  Device device = cpu({.threads = 1});
  const auto picture = [&](float value) {
    return upload(device, xt::xtensor<float, 4>(xt::xtensor<float, 4>::shape_type{1, 5, 16, 24}, value));
  };
  for (const bool plain : {true, false}) {
    Run run(device, {});
    Generator<0, GeneratorShape{.in = 10, .width = 4, .downsamples = 1, .blocks = 1}> wide;
    MultiscaleDiscriminator<1, DiscriminatorShape{.in = 13, .width = 4, .layers = 1}> beside;
    initialize(device, wide, 1);
    initialize(device, beside, 2);
    Trainer joined(device, wide, beside);
    Batch bad = batch(device, 0);
    bad.map = plain ? plain_map(device, picture(not_a_number)) : join(bad.map, picture(not_a_number));
    if (plain)
      CHECK_THROWS_WITH_AS(run.trainer.step(bad), doctest::Contains("the input picture holds such a value"), Error);
    else
      CHECK_THROWS_WITH_AS(joined.step(bad), doctest::Contains("what is joined to the map holds such a value"), Error);
  }
}

TEST_CASE("a gradient that is not finite is named") {
  Device device = reference();
  Head<2, 1, Pad::zero> head;
  initialize(device, head, 1);
  Adam adam(device);
  adam.add(head, "G/");
  zero_gradients(device, head);
  for_each_parameter(head, [&](const std::string& name, Parameter& one) {
    if (!name.ends_with("weight")) return;
    std::vector<double> values(one.value.shape().count(), 1.0);
    values.back() = std::numeric_limits<double>::infinity();
    one.grad = upload<double>(device, one.value.shape(), values, Role::parameter);
  });
  const std::vector<double> before = values_of(device, head);
  CHECK_THROWS_WITH_AS(adam.step(), doctest::Contains("the gradient of G/"), Error);
  CHECK(values_of(device, head) == before);
}

TEST_CASE("of optimisers that step together none changes anything if a gradient of one is not finite") {
  for (auto& on : all_devices()) {
    CAPTURE(on.name);
    Head<2, 1, Pad::zero> fine, bad;
    Adam of_fine(on.device), of_bad(on.device);
    const auto fill = [&](auto& head, float value) {
      for_each_parameter(head, [&](const std::string&, Parameter& one) {
        const std::vector<float> values(one.value.shape().count(), value);
        one.grad = upload<float>(on.device, one.value.shape(), values, Role::parameter);
      });
    };
    initialize(on.device, fine, 1);
    initialize(on.device, bad, 2);
    of_fine.add(fine, "fine/");
    of_bad.add(bad, "bad/");
    fill(fine, 1);
    fill(bad, not_a_number);
    const std::vector<double> before = values_of(on.device, fine);
    auto* deferring = dynamic_cast<DeferringBackend*>(&on.device.backend());
    CHECK_THROWS_WITH_AS(Adam::step_together({&of_fine, &of_bad}), doctest::Contains("the gradient of bad/"), Error);
    CHECK(of_fine.moments().empty());
    if (const auto step = deferring ? deferring->begin_step(0, 4) : nullptr) {  // the same without waiting
      for (Adam* one : {&of_fine, &of_bad}) one->defer(step.get());
      Adam::step_together({&of_fine, &of_bad});
      const std::size_t first_bad = step->read().first_bad;
      CHECK(of_fine.settle(first_bad).empty());
      CHECK(of_bad.settle(first_bad).starts_with("bad/"));
      CHECK(of_fine.moments().empty());
      CHECK(of_bad.moments().empty());
    }
    CHECK(values_of(on.device, fine) == before);
    fill(bad, 1);
    Adam::step_together({&of_fine, &of_bad});
    CHECK(values_of(on.device, fine) != before);
    CHECK(of_bad.moments().begin()->second.step == 1);
  }
}
