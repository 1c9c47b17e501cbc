/// A layer that computes on the host stands in plans and sessions like any other.

#include "../host_layer.hpp"
#include "../devices.hpp"

#include <doctest/doctest.h>
#include <pix2pixhd/training/step_plan.hpp>

#include <array>
#include <utility>
#include <vector>

using namespace pix2pixhd;

namespace {

using WithHostLayer = Sequential<Stem<3, 12>, tests::HostShift<12>, Head<12, 3>>;

/// Adds what the host says at each pass, and asks nothing of it.
struct HostOffset {
  double* offset = nullptr;

  template <Mode M>
  struct Context {};

  template <Mode M>
  Tensor forward(Device& device, Tensor x, Context<M>&, const Ask& = {}) const {
    const std::vector<double> offsets(x.shape().count(), *offset);
    const Tensor added = upload<double>(device, x.shape(), offsets);
    return add(device, std::move(x), added);
  }
  Tensor backward(Device&, Tensor dy, Context<Mode::train>&, Need) { return dy; }
  void visit(Names& names, Visitor&) { names.skip(); }
  bool has_trainable() const { return false; }
};

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

TEST_CASE("what a layer gives the device at one pass is not repeated at the next") {
  for (auto& on : tests::all_devices()) {
    CAPTURE(on.name);
    HostOffset layer;
    double offset = 0;
    layer.offset = &offset;
    Session session(on.device, layer);
    const Tensor x = picture(on.device);
    for (int pass = 0; pass < 5; ++pass) {
      offset = pass;
      CHECK(download(on.device, session(x))(0, 1, 3, 5) == 0.5f + static_cast<float>(pass));
    }
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
