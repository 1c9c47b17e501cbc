#pragma once
/// The rules about contexts, shared handles, memory and running statistics.

#include <pix2pixhd/testing/contract_probe.hpp>

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {
namespace detail {

/// Backward of an empty context, forward into a full one, and asking for more than was saved are Errors that leave the
/// context as it was; a moved context carries everything.
inline void check_contexts(ContractProbe& probe) {
  Device& device = probe.device;
  LayerUnderTest& layer = probe.layer;
  const auto saved = layer.context();
  probe.expect_error("backward of an empty context",
                     [&] { layer.backward(device, probe.dy_tensor(), *saved, Need::both); });

  probe.clear();
  layer.forward(device, probe.input_tensor(), *saved, {});
  probe.expect_error("forward into a full context",
                     [&] { layer.forward(device, probe.input_tensor(), *saved, {.need = Need::input}); });
  std::vector<double> dx = probe.host(layer.backward(device, probe.dy_tensor(), *saved, Need::both));
  probe.expect(same(dx, probe.expected.dx), "after a refused forward pass the context must be as it was");
  probe.expect_gradients(probe.expected.gradients, "after a refused forward pass");
  probe.expect_error("backward must empty the context: a second backward",
                     [&] { layer.backward(device, probe.dy_tensor(), *saved, Need::both); });

  for (const Need need : {Need::input, Need::parameters}) {  // emptied whatever was asked for
    layer.forward(device, probe.input_tensor(), *saved, {});
    layer.backward(device, probe.dy_tensor(), *saved, need);
    layer.forward(device, probe.input_tensor(), *saved, {});
    layer.backward(device, probe.dy_tensor(), *saved, Need::both);
  }

  layer.forward(device, probe.input_tensor(), *saved, {.need = Need::parameters});
  probe.expect_error("asking for the input's gradient after a forward pass with Need::parameters",
                     [&] { layer.backward(device, probe.dy_tensor(), *saved, Need::input); });
  layer.backward(device, probe.dy_tensor(), *saved, Need::parameters);
  if (!probe.expected.gradients.empty()) {
    layer.forward(device, probe.input_tensor(), *saved, {.need = Need::input});
    probe.expect_error("asking for the parameters' gradients after a forward pass with Need::input",
                       [&] { layer.backward(device, probe.dy_tensor(), *saved, Need::both); });
    dx = probe.host(layer.backward(device, probe.dy_tensor(), *saved, Need::input));
    probe.expect(same(dx, probe.expected.dx), "after a refused backward pass the context must be as it was");
  }

  layer.forward(device, probe.input_tensor(), *saved, {});
  const auto moved = saved->moved();
  probe.expect_error("backward of a context that was moved from",
                     [&] { layer.backward(device, probe.dy_tensor(), *saved, Need::both); });
  dx = probe.host(layer.backward(device, probe.dy_tensor(), *moved, Need::both));
  probe.expect(same(dx, probe.expected.dx), "a moved context must give the same gradient by the input");
}

/// Need::keep leaves the context usable; two contexts do not disturb each other.
inline void check_keeping(ContractProbe& probe) {
  Device& device = probe.device;
  const auto saved = probe.layer.context(), other = probe.layer.context();
  probe.layer.forward(device, probe.input_tensor(), *saved, {});
  std::vector<double> opposite = probe.x;
  for (double& value : opposite) value = -value;
  probe.layer.forward(device, device_values(device, probe.shape, opposite), *other, {});
  for (const Need need :
       {Need::input | Need::keep, Need::parameters | Need::keep, Need::both | Need::keep, Need::both}) {
    probe.clear();
    const auto dx = probe.host(probe.layer.backward(device, probe.dy_tensor(), *saved, need));
    if (wants(need, Need::input))
      probe.expect(same(dx, probe.expected.dx), "Need::keep: the gradient by the input differs in a later backward");
    if (wants(need, Need::parameters)) probe.expect_gradients(probe.expected.gradients, "Need::keep, a later backward");
  }
  probe.expect_error("a backward pass without Need::keep must empty the context: one more backward",
                     [&] { probe.layer.backward(device, probe.dy_tensor(), *saved, Need::both); });
  probe.layer.backward(device, probe.dy_tensor(), *other, Need::both);
}

/// Tensors that the caller still holds are not changed, and sharing changes no bit.
inline void check_sharing(ContractProbe& probe) {
  Device& device = probe.device;
  probe.clear();
  const auto saved = probe.layer.context();
  const Tensor x = probe.input_tensor(), dy = probe.dy_tensor();
  const Tensor y = probe.layer.forward(device, x, *saved, {});
  probe.expect(same(probe.host(x), probe.x), "forward changed an input that the caller holds");
  const std::vector<double> before = probe.host(y);
  probe.expect(same(before, probe.expected.y), "with a shared input the output differs");
  const Tensor dx = probe.layer.backward(device, dy, *saved, Need::both);
  probe.expect(same(probe.host(dx), probe.expected.dx), "with shared tensors the gradient by the input differs");
  probe.expect_gradients(probe.expected.gradients, "with shared tensors");
  probe.expect(same(probe.host(x), probe.x), "backward changed an input that the caller holds");
  probe.expect(same(probe.host(dy), probe.dy), "backward changed an output gradient that the caller holds");
  probe.expect(same(probe.host(y), before), "backward changed an output that the caller holds");
}

/// A context holds nothing without a need, no more for one need than for both, and of the input only what it must.
inline void check_memory(ContractProbe& probe, bool input_gradient_needs_input) {
  Device& device = probe.device;
  probe.clear();
  const auto bytes = [&](Need need, bool& input_held) {
    const auto saved = probe.layer.context();
    const std::size_t before = probe.held();
    Tensor x = probe.input_tensor();
    const std::weak_ptr<Storage> handle = x.storage();
    probe.layer.forward(device, std::move(x), *saved, {.need = need});
    input_held = !handle.expired();
    return probe.held() - before;
  };
  bool held_none = false, held_input = false, held_parameters = false, held_both = false;
  const std::size_t none = bytes(Need::none, held_none), input = bytes(Need::input, held_input);
  const std::size_t parameters = bytes(Need::parameters, held_parameters), both = bytes(Need::both, held_both);
  probe.expect(none == 0 && !held_none, "a forward pass with Need::none must save nothing, it saved ", none, " bytes");
  probe.expect(input <= both, "Need::input saves ", input, " bytes, more than the ", both, " of Need::both");
  probe.expect(parameters <= both, "Need::parameters saves ", parameters, " bytes, more than the ", both,
               " of Need::both");
  probe.expect(input_gradient_needs_input || !held_input,
               "Need::input: the context must not hold the input, whose values only the parameters' gradients need");

  const std::size_t before = probe.held();
  {
    const auto saved = probe.layer.context();
    probe.layer.forward(device, probe.input_tensor(), *saved, {});
    probe.layer.backward(device, probe.dy_tensor(), *saved, Need::both);
    probe.expect(probe.held() == before, "after backward the context must hold nothing, it holds ",
                 probe.held() - before, " bytes");
    probe.layer.infer(device, probe.input_tensor());
    probe.expect(probe.held() == before, "a pass in Mode::infer must leave nothing behind");
  }
}

/// Training and inference compute the same, unless there are running statistics: then these move once in a training
/// pass, with recompute too, and at no other time, and a pass with Ask::running_statistics equals inference.
inline void check_modes(ContractProbe& probe, bool train_equals_infer) {
  Device& device = probe.device;
  const bool running = !probe.buffers.empty();
  probe.restore_buffers();
  const std::vector<double> inferred = probe.host(probe.layer.infer(device, probe.input_tensor()));
  if (!running) {
    probe.expect(!train_equals_infer || same(inferred, probe.expected.y),
                 "forward in Mode::train and in Mode::infer must give the same");
    return;
  }
  probe.expect(same(probe.pass({.running_statistics = true}).y, inferred),
               "forward with Ask::running_statistics and forward in Mode::infer must give the same");
  probe.pass({.replay = true});
  const auto unmoved = probe.buffer_values();
  probe.pass();
  const auto moved = probe.buffer_values();
  probe.restore_buffers();
  probe.pass({.recompute = true});
  const auto recomputed = probe.buffer_values();
  for (std::size_t i = 0; i < unmoved.size(); ++i) {
    probe.expect(same(unmoved[i], probe.buffers[i]),
                 "inference, Ask::running_statistics and Ask::replay must not move running statistics");
    probe.expect(!same(moved[i], probe.buffers[i]), "a training pass must move the running statistics");
    probe.expect(same(recomputed[i], moved[i]), "with recompute the running statistics must move once, as without it");
  }
}

/// Names are unique and arrays as large as announced.
inline void check_names(ContractProbe& probe) {
  for (std::size_t i = 0; i < probe.arrays.size(); ++i) {
    const NamedArray& array = probe.arrays[i];
    probe.expect(array.value->shape() == array.info.sizes(), array.name, " is announced as ",
                 to_string(array.info.sizes()), " and is ", to_string(array.value->shape()));
    for (std::size_t j = 0; j < i; ++j)
      probe.expect(array.name != probe.arrays[j].name, "the name ", array.name, " is used twice");
  }
}

}  // namespace detail
}  // namespace pix2pixhd::inline v0
