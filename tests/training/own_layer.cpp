/// Networks under a Trainer that are not made of the library's layers alone, or run one of them twice.

#include "../devices.hpp"
#include "../host_layer.hpp"
#include "training_run.hpp"

#include <pix2pixhd/training/step_plan.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace tests;

namespace {

/// A generator that runs one residual block twice.
struct Twice {
  Stem<5, 8> stem;
  ResBlock<8> block;
  Head<8, 3> head;

  template <Mode M>
  struct Context {
    typename Stem<5, 8>::template Context<M> stem;
    typename ResBlock<8>::template Context<M> first, second;
    typename Head<8, 3>::template Context<M> head;
  };

  template <class X, Mode M>
  Tensor forward(Device& device, X x, Context<M>& context, const Ask& ask = {}) const {
    const Ask inner = ask.inner(ask.need | Need::input);
    Tensor y = stem.forward(device, std::move(x), context.stem, ask);
    y = block.forward(device, std::move(y), context.first, inner);
    y = block.forward(device, std::move(y), context.second, inner);
    return head.forward(device, std::move(y), context.head, inner);
  }
  Tensor backward(Device& device, Tensor dy, Context<Mode::train>& context, Need need) {
    const Need inner = need | Need::input;
    dy = head.backward(device, std::move(dy), context.head, inner);
    dy = block.backward(device, std::move(dy), context.second, inner);
    dy = block.backward(device, std::move(dy), context.first, inner);
    return stem.backward(device, std::move(dy), context.stem, need);
  }
  void visit(Names& names, Visitor& visitor) {
    stem.visit(names, visitor);
    block.visit(names, visitor);
    head.visit(names, visitor);
  }
};

/// A run of some other generator.
template <class Net>
struct Other {
  Device device;
  Net generator;
  D discriminator;
  std::unique_ptr<Trainer<Net, D>> trainer;

  Other(const Device& on, TrainOptions options) : device(on) {
    initialize(device, generator, 1);
    initialize(device, discriminator, 2);
    trainer = std::make_unique<Trainer<Net, D>>(device, generator, discriminator, options);
  }
};

}  // namespace

TEST_CASE("a layer of one's own learns, whether gradients are kept or released early") {
  using Net = Sequential<Stem<5, 8>, HostShift<8>, Head<8, 3>>;
  static_assert(is_layer<HostShift<8>>);
  for (auto& on : all_devices()) {
    CAPTURE(on.name);
    Other<Net> keeping(on.device, {.keep_gradients = true}), releasing(on.device, {.keep_gradients = false});
    const auto before = values_of(on.device, releasing.generator);
    for (Other<Net>* run : {&keeping, &releasing}) {
      for (std::uint64_t k = 0; k < 4; ++k) run->trainer->step(batch(on.device, k));
      run->trainer->step(std::array<Batch, 2>{batch(on.device, 4), batch(on.device, 5)});
    }
    CHECK(values_of(on.device, releasing.generator) == values_of(on.device, keeping.generator));
    CHECK(values_of(on.device, releasing.discriminator) == values_of(on.device, keeping.discriminator));
    std::size_t first = 0;
    for_each_parameter(releasing.generator, [&](const std::string& name, Parameter& parameter) {
      CAPTURE(name);
      CHECK(parameter.grad.empty());
      const auto value = HostShift<8>::host(on.device, parameter.value);
      if (name.ends_with("shift"))
        for (std::size_t i = 0; i < value.size(); ++i) CHECK(value[i] != before[first + i]);
      first += value.size();
    });
  }
}

TEST_CASE("a layer of the library that runs twice needs kept gradients, and says so") {
  for (auto& on : all_devices()) {
    CAPTURE(on.name);
    Other<Twice> keeping(on.device, {.keep_gradients = true}), releasing(on.device, {});
    CHECK_NOTHROW(keeping.trainer->step(batch(on.device, 0)));
    for (int turn = 0; turn < 2; ++turn)
      CHECK_THROWS_WITH_AS(releasing.trainer->step(batch(on.device, 0)),
                           doctest::Contains("Set TrainOptions::keep_gradients"), Error);
    const BatchShape shape{.image = {1, 3, 16, 24}, .classes = 4, .instances = true};
    CHECK_THROWS_WITH_AS(plan_step(on.device, releasing.generator, releasing.discriminator, {}, shape),
                         doctest::Contains("was finished twice"), Error);
    CHECK_NOTHROW(plan_step(on.device, keeping.generator, keeping.discriminator, {.keep_gradients = true}, shape));
  }
}
