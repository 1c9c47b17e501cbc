#pragma once
/// What a pass will cost, before anything is allocated.

#include <pix2pixhd/backend/meta/arena.hpp>
#include <pix2pixhd/backend/meta/meta_backend.hpp>
#include <pix2pixhd/networks/infer.hpp>
#include <pix2pixhd/networks/visit.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {

/// One block of a network in a pass.
struct LayerCost {
  std::string name = {};  ///< of its weight, without ".weight"
  ConvGeometry geometry = {};
  Shape input = {}, output = {};
  std::size_t parameters = 0;
  double multiply_adds = 0;  ///< as a dense convolution
  std::size_t output_bytes = 0;
  std::size_t workspace_bytes = 0;
};

/// The cost of one inference pass on a device.
struct Plan {
  std::vector<LayerCost> layers;  ///< in the order of execution
  double multiply_adds = 0;
  std::size_t parameter_bytes = 0;     ///< of the whole network, as the device stores it
  std::size_t held_bytes = 0;          ///< on the device before the pass: weights, the input, whatever else is there
  std::size_t derived_bytes = 0;       ///< packed weights that the pass makes and keeps
  std::size_t peak_bytes = 0;          ///< held at most during an eager pass (`infer`), held_bytes included
  std::size_t arena_bytes = 0;         ///< one arena that serves all temporaries of the pass
  std::size_t session_peak_bytes = 0;  ///< held at most by a Session: held + derived + arena + result
  std::shared_ptr<const ArenaPlan> arena;
};

namespace detail {

/// Fills in what the operations of a pass tell about its layers.
template <class Net>
void add_layers(Plan& plan, const Device& device, const Net& network, const std::vector<OperationRecord>& operations) {
  std::map<const Storage*, const NamedArray*> names;
  const std::vector<NamedArray> arrays = named_arrays(network);
  for (const NamedArray& array : arrays) {
    plan.parameter_bytes += array.value->bytes();
    names[array.value->storage().get()] = &array;
  }
  for (const OperationRecord& operation : operations) {
    const auto found = names.find(operation.weight);
    if (operation.kind != OperationRecord::Kind::block || found == names.end()) continue;
    const NamedArray& weight = *found->second;
    plan.layers.push_back(
        {.name = weight.name.substr(0, weight.name.rfind('.')),
         .geometry = operation.geometry,
         .input = operation.input,
         .output = operation.output,
         .parameters = weight.value->shape().count() + static_cast<std::size_t>(operation.output.c),
         .multiply_adds = operation.multiply_adds,
         .output_bytes = device.backend().format(operation.output, Role::activation).bytes(operation.output),
         .workspace_bytes = operation.workspace});
  }
}

}  // namespace detail

/// Plans `infer(device, network, input)`. The network must have values on the device (see allocate_parameters for one
/// that has none); the input's values are not read. `keep_derived`: whether packed weights stay after the pass.
/// Throws what infer would throw for unsuitable sizes, channels or devices.
template <class Net, class X>
Plan plan(Device& device, const Net& network, const X& input, bool keep_derived = true) {
  Plan result;
  // A pass lets go of these before it makes others, so that they are not held beside what is planned.
  for (const NamedArray& array : named_arrays(network))
    if (!array.value->empty()) array.value->storage()->forget_outdated();
  result.held_bytes = device.memory().current();
  {
    const auto meta = std::make_shared<MetaBackend>(device.shared_backend());
    const auto recording = std::make_shared<RecordingAllocator>();
    Device eager = Device(meta).with(recording, nullptr).keeping_derived(keep_derived);
    const auto y = infer(eager, network, input);
    result.arena = std::make_shared<ArenaPlan>(recording->records());  // while y lives, which gets no place in it
    result.arena_bytes = result.arena->bytes;
    result.derived_bytes = meta->derived_bytes();
    result.multiply_adds = meta->multiply_adds();
    result.peak_bytes = result.held_bytes + meta->memory().peak();
    detail::add_layers(result, device, network, meta->operations());
  }
  {
    const auto meta = std::make_shared<MetaBackend>(device.shared_backend());
    auto arena = std::make_shared<ArenaAllocator>(result.arena,
                                                  result.arena_bytes ? meta->allocate(result.arena_bytes) : nullptr);
    Device session = Device(meta).with(std::move(arena), nullptr).keeping_derived(keep_derived);
    const auto y = infer(session, network, input);
    result.session_peak_bytes = result.held_bytes + meta->memory().peak();
  }
  return result;
}

/// Gives every parameter and buffer memory with undefined values: for planning a network whose weights are not at hand,
/// on a device of a MetaBackend.
template <class Net>
void allocate_parameters(Device& device, Net& network) {
  for (const NamedArray& array : named_arrays(network)) {
    detail::require(!array.info.is_dynamic(), array.name,
                    ": the number of input channels is not known; give it to the "
                    "network's constructor.");
    detail::set_values(array, device.empty(array.info.sizes(), Role::parameter));
  }
}

}  // namespace pix2pixhd::inline v0
