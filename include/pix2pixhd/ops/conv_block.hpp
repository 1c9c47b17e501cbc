#pragma once
/// Pad, convolve, normalise, activate, add the skip, as one call, and its gradient.

#include <pix2pixhd/core/ask.hpp>
#include <pix2pixhd/ops/block_arrays.hpp>
#include <pix2pixhd/ops/resolve.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {
namespace detail {

inline Normalisation normalisation(const ConvBlockSpec& spec, const ConvBlockArrays& arrays, bool running,
                                   bool update) {
  if (spec.norm != Norm::batch) return {.kind = spec.norm};
  return {.kind = spec.norm,
          .scale = &arrays.scale.value,
          .shift = &arrays.shift.value,
          .bias = &arrays.bias.value,
          .running_mean = &arrays.mean.value,
          .running_variance = &arrays.variance.value,
          .use_running = running,
          .update_running = update};
}

/// The constants that an inference pass normalises a block by, or null.
inline const FrozenStatistics::Block* frozen_block(const Device& device, const ConvBlockSpec& spec,
                                                   const ConvBlockArrays& arrays, bool inference) {
  if (!inference || spec.norm != Norm::instance || !device.frozen_statistics()) return nullptr;
  return device.frozen_statistics()->find(arrays.weight.value);
}

/// Notes the statistics of a block for passes that take them as constants. They are allocated beside the pass.
inline void record_statistics(const Device& device, const ConvBlockCall& call, int channels) {
  const Shape& rows = call.statistics.shape();
  require(rows.n == 1, "statistics are recorded of one picture, a batch of ", rows.n, " was given.");
  std::vector<double> values(rows.count());
  device.backend().read(call.statistics, values.data(), DataType::f64);
  const auto stored = static_cast<std::size_t>(rows.w), count = static_cast<std::size_t>(channels);
  std::vector<double> mean(count), variance(count);
  for (std::size_t c = 0; c < count; ++c) {
    mean[c] = values[static_cast<std::size_t>(StatisticsRow::mean) * stored + c];
    const double deviation = values[static_cast<std::size_t>(StatisticsRow::deviation) * stored + c];
    variance[c] = std::max(0.0, 1 / (deviation * deviation) - norm_epsilon);
  }
  Device plain(device.shared_backend());
  const auto kept = [&](const std::vector<double>& from) {
    Tensor to = plain.empty({channels, 1, 1, 1}, Role::parameter);
    device.backend().write(to, from.data(), DataType::f64);
    return to;
  };
  device.recorded_statistics()->set(*call.weight, {.mean = kept(mean), .variance = kept(variance)});
}

/// The gradient array of a parameter, made if there is none yet. It never lies in an arena.
inline Tensor& gradient_of(Device& device, Parameter& parameter) {
  if (parameter.grad.empty()) {
    const Shape& shape = parameter.value.shape();
    const Format format = device.backend().format(shape, Role::parameter);
    parameter.grad = Tensor(shape, format, device.backend().allocate(format.bytes(shape)));
    parameter.grad.storage()->clear();
  }
  check_storage(device, *parameter.grad.storage(), "the gradient of a parameter",
                "call zero_gradients with the device that is to train the network");
  check_same_shape(parameter.grad.shape(), parameter.value.shape(), "the gradient of a parameter and its value");
  return parameter.grad;
}

}  // namespace detail

/// Runs a block. In Mode::train `record` is filled as far as `ask.need` requires (it must be empty); in Mode::infer it
/// is null. The result may be pending.
/// Throws Error on unsuitable channels, sizes or devices and where arrays have no values.
inline Tensor conv_block(Device& device, BlockInput x, const ConvBlockArrays& arrays, const ConvBlockSpec& spec,
                         const Ask& ask, ConvBlockRecord* record) {
  const bool normed = spec.norm != Norm::none, batch = spec.norm == Norm::batch;
  detail::check_input(device, x, "the input of a block");
  detail::check_arrays(device, spec, arrays);
  detail::require(!record || !record->full(), detail::describe(spec, arrays.weight.value),
                  ": its context is still full; run backward first, or use another context.");
  const Shape in = x.shape(), out = detail::conv_block_output(spec, in, arrays.weight);
  if (ask.add) {
    detail::check_activation(device, *ask.add, "the skip of a block");
    detail::check_same_shape(ask.add->shape(), out, "a block's result and the skip added to it");
  }
  device.before_work();

  const bool save = record && wants(ask.need, Need::both);
  const bool running = batch && (!record || ask.running_statistics);
  Backend& backend = device.backend();
  const bool pending = normed && !ask.add && backend.normalises_on_load();
  // A second tensor is needed where backward wants to see what the first one held before it was finished.
  const bool separate = save && !pending && (normed || ask.add);
  const Role stored_as = pending && !record && ask.stored_as_float ? Role::float_activation : Role::activation;
  ConvBlockCall call{.geometry = spec.geometry,
                     .norm = detail::normalisation(spec, arrays, running, batch && record && !running && !ask.replay),
                     .activation = spec.activation,
                     .x = &x,
                     .weight = &arrays.weight.value,
                     .bias = normed ? nullptr : &arrays.bias.value,
                     .skip = ask.add,
                     .raw = device.empty(out, stored_as),
                     .statistics = {},
                     .y = {},
                     .kinds = nullptr,
                     .workspace = nullptr,
                     .keep_derived = device.keeps_derived()};
  // For inference: in training they would have to be kept as long as the block's output.
  if (pending && !record && x.map && x.map->parts().empty() && backend.tells_kinds())
    call.kinds = device.allocate(static_cast<std::size_t>(out.n) * out.pixels());
  if (normed) call.statistics = device.empty({out.n, statistics_rows, 1, (out.c + 15) / 16 * 16}, Role::statistics);
  if (!pending) call.y = separate ? device.empty(out) : call.raw;
  detail::in_block(spec, arrays.weight, [&] {
    if (const std::size_t bytes = backend.workspace(call)) call.workspace = device.allocate(bytes);
  });
  // After the workspace was asked for, so that a pass with frozen statistics allocates as it was planned.
  if (const FrozenStatistics::Block* frozen = detail::frozen_block(device, spec, arrays, !record)) {
    call.norm.running_mean = &frozen->mean;
    call.norm.running_variance = &frozen->variance;
    call.norm.use_running = true;
  }
  detail::in_block(spec, arrays.weight, [&] { backend.conv_block(call); });
  if (device.recorded_statistics() && !record && spec.norm == Norm::instance)
    detail::record_statistics(device, call, out.c);
  device.after_block(arrays.weight.value, call.raw);
  device.after_work(multiply_adds(spec.geometry, in, out));

  if (save) {
    record->running = running;
    record->need = ask.need;
    record->input = in;
    record->gradient = x.gradient_shape();
    const bool by_weight = wants(ask.need, Need::parameters);
    if (by_weight)
      record->x = std::move(x);
    else if (x.map)
      record->x = BlockInput(x.map->without_parts(x.map->labels(), x.map->edges(), x.map->plane()));  // which channels
    record->saved = call.raw;
    record->statistics = call.statistics;
  }
  if (!pending) return call.y;
  return call.raw.with_pending(std::make_shared<Pending>(Pending{call.statistics, spec.activation, call.kinds}));
}

/// Gradient of a block: adds to the gradients of its arrays and returns the gradient by its input (of a semantic map:
/// by its dense parts), empty if `need` does not ask for it. Empties `record` unless `need` says keep.
/// Throws Error if `record` is empty or lacks what `need` asks for.
inline Tensor conv_block_backward(Device& device, Tensor dy, ConvBlockArrays& arrays, const ConvBlockSpec& spec,
                                  Need need, ConvBlockRecord& record) {
  detail::require(record.full(), detail::describe(spec, arrays.weight.value),
                  ": backward without a forward pass in Mode::train before it (the context is empty).");
  detail::require((need & Need::both & record.need) == (need & Need::both), detail::describe(spec, arrays.weight.value),
                  ": backward was asked for more than forward saved; run forward with the same need.");
  ConvBlockRecord local;  // released on every way out unless it is to be kept
  if (!wants(need, Need::keep)) std::swap(local, record);
  const ConvBlockRecord& saved = wants(need, Need::keep) ? record : local;
  const bool normed = spec.norm != Norm::none;
  const bool by_parameters = wants(need, Need::parameters);
  const auto gradient = [&](Parameter& parameter) -> Tensor* {
    return by_parameters && parameter.trainable ? &detail::gradient_of(device, parameter) : nullptr;
  };
  Tensor* weight = gradient(arrays.weight);
  Tensor* bias = gradient(arrays.bias);
  Tensor* scale = spec.norm == Norm::batch ? gradient(arrays.scale) : nullptr;
  Tensor* shift = spec.norm == Norm::batch ? gradient(arrays.shift) : nullptr;
  if (normed && !saved.running) bias = nullptr;  // the norm subtracts it again: its gradient is zero
  if (dy.empty()) return {};                     // stands for zeros

  detail::check_activation(device, dy, "the output gradient of a block");
  detail::check_same_shape(dy.shape(), saved.saved.shape(), "a block's output and its gradient");
  device.before_work();
  dy = resolve(device, std::move(dy));
  Backend& backend = device.backend();
  const bool overwritten = normed || spec.activation != Activation::none;
  const auto adds = [](const Tensor* array) { return array && !array->storage()->cleared(); };
  ConvBlockBackwardCall call{.geometry = spec.geometry,
                             .norm = spec.norm,
                             .running = saved.running,
                             .activation = spec.activation,
                             .input = saved.input,
                             .x = &saved.x,
                             .weight = &arrays.weight.value,
                             .saved = &saved.saved,
                             .statistics = normed ? &saved.statistics : nullptr,
                             .dy = &dy,
                             .dz = overwritten && !dy.unique() ? device.empty(dy.shape()) : Tensor(),
                             .d_weight = weight,
                             .d_bias = bias,
                             .d_scale = scale,
                             .d_shift = shift,
                             .add_weight = adds(weight),
                             .add_bias = adds(bias),
                             .add_scale = adds(scale),
                             .add_shift = adds(shift),
                             .dx = {},
                             .workspace = nullptr,
                             .keep_derived = device.keeps_derived()};
  if (call.dz.empty()) call.dz = dy;
  if (wants(need, Need::input) && saved.gradient.c > 0) call.dx = device.empty(saved.gradient);
  detail::in_block(spec, arrays.weight, [&] {
    if (const std::size_t bytes = backend.workspace(call)) call.workspace = device.allocate(bytes);
    backend.conv_block_backward(call);
  });
  for (const Tensor* written : {weight, bias, scale, shift})  // now, so that after an Error they are zeros still
    if (written) written->storage()->take_cleared();
  const double work = multiply_adds(spec.geometry, saved.input, dy.shape());
  device.after_work(work * ((weight ? 1 : 0) + (call.dx.empty() ? 0 : 1)));
  if (GradientSink* sink = device.gradient_sink(); sink && by_parameters)
    for (Parameter* parameter : {&arrays.weight, &arrays.bias, &arrays.scale, &arrays.shift})
      if (parameter->trainable && !parameter->grad.empty()) sink->finished(*parameter);
  return call.dx;
}

}  // namespace pix2pixhd::inline v0
