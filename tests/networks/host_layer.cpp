/// A layer that computes on the host stands in plans and sessions like any other.

#include "../devices.hpp"

#include <doctest/doctest.h>
#include <pix2pixhd/training/step_plan.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

using namespace pix2pixhd;

namespace {

/// Doubles its input and adds a learnt shift, by way of the host.
template <int Channels>
struct HostShift {
  static constexpr int in_channels = Channels, out_channels = Channels;

  Parameter shift;

  template <Mode M>
  struct Context {
    bool full = false;
  };

  template <Mode M>
  Tensor forward(Device& device, Tensor x, Context<M>& context, const Ask& = {}) const {
    context.full = M == Mode::train;
    std::vector<double> values = host(device, x);
    const std::vector<double> shifts = host(device, shift.value);
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = 2 * values[i] + shifts[i / x.shape().pixels() % static_cast<std::size_t>(Channels)];
    return upload<double>(device, x.shape(), values);
  }
  Tensor backward(Device& device, Tensor dy, Context<Mode::train>& context, Need need) {
    if (!wants(need, Need::keep)) context.full = false;
    if (dy.empty()) return {};
    std::vector<double> values = host(device, dy);
    if (wants(need, Need::parameters) && shift.trainable) {
      std::vector<double> sums(static_cast<std::size_t>(Channels), 0.0);
      for (std::size_t i = 0; i < values.size(); ++i)
        sums[i / dy.shape().pixels() % static_cast<std::size_t>(Channels)] += values[i];
      shift.grad = add(device, shift.grad, upload<double>(device, shift.value.shape(), sums, Role::parameter));
    }
    for (double& value : values) value *= 2;
    return wants(need, Need::input) ? upload<double>(device, dy.shape(), values) : Tensor();
  }
  void visit(Names& names, Visitor& visitor) {
    visitor.parameter(names.of("shift"), shift,
                      {.shape = {Channels, 1, 1, 1}, .rank = 1, .role = ParameterRole::shift});
    names.skip();
  }
  bool has_trainable() const { return shift.trainable; }

 private:
  static std::vector<double> host(Device& device, const Tensor& x) {
    std::vector<double> values(x.shape().count());
    download<double>(device, x, values);
    return values;
  }
};

using WithHostLayer = Sequential<Stem<3, 12>, HostShift<12>, Head<12, 3>>;

Tensor picture(Device& device) {
  return upload(device, xt::xtensor<float, 4>(std::array<std::size_t, 4>{1, 3, 16, 24}, 0.5f));
}

}  // namespace

TEST_CASE("a session runs a layer that computes on the host") {
  for (auto& on : tests::all_devices()) {
    CAPTURE(on.name);
    WithHostLayer network;
    initialize(on.device, network, 1);
    const Tensor x = picture(on.device);
    const auto expected = download(on.device, infer(on.device, network, x));
    Session session(on.device, network);
    CHECK(session.plan(x).arena_bytes > 0);
    for (int pass = 0; pass < 4; ++pass) CHECK(download(on.device, session(x)) == expected);
  }
}

TEST_CASE("a step of training with such a layer is planned") {
  for (auto& on : tests::all_devices()) {
    CAPTURE(on.name);
    WithHostLayer network;
    MultiscaleDiscriminator<1, DiscriminatorShape{.in = 6, .width = 8, .layers = 1}> discriminator;
    initialize(on.device, network, 1);
    initialize(on.device, discriminator, 2);
    const BatchShape batch{.image = {1, 3, 16, 24}, .classes = 0};
    const StepPlan planned = plan_step(on.device, network, discriminator, TrainOptions{}, batch);
    CHECK(planned.multiply_adds > 0);
    CHECK(planned.peak_bytes > planned.parameter_bytes + planned.moment_bytes);
  }
}
