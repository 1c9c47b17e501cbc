/// Plans: figures known beforehand equal those measured.

#include "../devices.hpp"
#include "scene.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <memory>

using namespace pix2pixhd;
using tests::scene;
using tests::Small;

namespace {

/// Bytes held at most during a pass.
std::size_t measured_peak(Device& device, const Small& network, const SemanticMap& map) {
  device.memory().reset_peak();
  infer(device, network, map);
  return device.memory().peak();
}

}  // namespace

TEST_CASE("the planned peak is the measured one") {
  for (auto& on : tests::all_devices()) {
    CAPTURE(on.name);
    Small network;
    initialize(on.device, network, 1);
    const SemanticMap map = scene(on.device, 45, 70);
    const Plan first = plan(on.device, network, map);
    CHECK(first.held_bytes == on.device.memory().current());
    CHECK(measured_peak(on.device, network, map) == first.peak_bytes);
    CHECK(on.device.memory().current() == first.held_bytes + first.derived_bytes);

    const Plan again = plan(on.device, network, map);  // packed weights are there now
    CHECK(again.derived_bytes == 0);
    CHECK(measured_peak(on.device, network, map) == again.peak_bytes);

    const Plan dropping = plan(on.device, network, map, false);  // packs anew, beside those that are there
    Device drops = on.device.keeping_derived(false);
    CHECK(measured_peak(drops, network, map) == dropping.peak_bytes);
  }
}

TEST_CASE("packed weights that are out of date are not planned beside the new ones") {
  for (auto& on : tests::all_devices()) {
    CAPTURE(on.name);
    Small network;
    initialize(on.device, network, 1);
    const SemanticMap map = scene(on.device, 45, 70);
    infer(on.device, network, map);
    for (const NamedArray& array : named_arrays(network)) array.value->storage()->mutable_data();
    const Plan planned = plan(on.device, network, map);
    CHECK(planned.held_bytes == on.device.memory().current());
    CHECK(measured_peak(on.device, network, map) == planned.peak_bytes);
    CHECK(on.device.memory().current() == planned.held_bytes + planned.derived_bytes);
  }
}

TEST_CASE("the paper's generator: 182.857 M parameters, 747.9 G multiply-adds at 2048x1024") {
  Device device(std::make_shared<MetaBackend>(reference().shared_backend()));
  auto network = std::make_unique<Generator<1>>();
  allocate_parameters(device, *network);
  const Shape plane{1, 1, 1024, 2048};
  const SemanticMap map(device.allocate(plane.count()), device.allocate(plane.count()), plane, 35);
  const Plan planned = plan(device, *network, map);
  CHECK(planned.multiply_adds / 1e9 == doctest::Approx(747.9).epsilon(1e-4));
  std::size_t parameters = 0;
  for (const LayerCost& layer : planned.layers) parameters += layer.parameters;
  CHECK(parameters == 182857059);
  CHECK(planned.layers.front().name == "model1_1.1");  // the enhancer's front end comes before the network inside it
  CHECK(planned.layers.back().name == "model1_2.7");
  CHECK(planned.layers.back().output == Shape{1, 3, 1024, 2048});
}
