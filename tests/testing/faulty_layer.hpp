#pragma once
/// A layer of one's own that can be told to break one rule.

#include <pix2pixhd/backend/reference/reference_backend.hpp>
#include <pix2pixhd/layers/concepts.hpp>
#include <pix2pixhd/layers/saved_need.hpp>
#include <pix2pixhd/ops/transfer.hpp>

#include <utility>
#include <vector>

namespace tests {

using namespace pix2pixhd;

enum class Fault {
  none,
  wrong_weight_gradient,
  wrong_input_gradient,
  assigns,           ///< instead of adding
  ignores_cleared,   ///< adds to what was to be overwritten
  writes_for_input,  ///< writes a gradient though only the input's was asked for
  returns_for_parameters,
  keeps,            ///< does not empty the context
  drops,            ///< empties it though it is to be kept
  takes_full,       ///< forward into a full context
  takes_empty,      ///< backward of an empty one
  takes_more,       ///< backward of what was not saved
  moves_shallowly,  ///< a context that was moved from still seems full
  changes_input,
  changes_gradient,
  holds_input,
  holds_for_none,
  other_in_training,
  empty_gradient_as_ones,
  trains_frozen,
  other_when_recomputed,
  never_moves,  ///< its running mean
  moves_in_inference,
  moves_in_replay,
  same_name_twice,
  wrong_size,
  last
};

/// y = weight * x, one weight for all, and a running mean of x that nothing depends on.
struct FaultyLayer {
  static constexpr int in_channels = pix2pixhd::any, out_channels = pix2pixhd::any;

  template <Mode M>
  struct Context : SavedNeed<M> {};

  Fault fault = Fault::none;
  Parameter weight;
  Buffer mean;

  template <Mode M>
  Tensor forward(Device& device, Tensor x, Context<M>& context, const Ask& ask = {}) const {
    std::vector<double> values(x.shape().count());
    download<double>(device, x, values);
    double sum = 0;
    for (const double value : values) sum += value;
    bool moves = M == Mode::train && !ask.running_statistics && !ask.replay;
    if (fault == Fault::never_moves) moves = false;
    if (fault == Fault::moves_in_inference) moves = moves || M == Mode::infer;
    if (fault == Fault::moves_in_replay) moves = moves || ask.replay;
    if (moves) write(device, mean.value, {read(device, mean.value)[0] + 0.1 * (sum - read(device, mean.value)[0])});
    if constexpr (M == Mode::train) {
      if (fault == Fault::takes_full) context = {};
      context.set(ask.need);
      const bool held = wants(ask.need, Need::parameters) || fault == Fault::holds_for_none ||
                        (fault == Fault::holds_input && wants(ask.need, Need::input));
      if (held) context.x = x;
      context.shallow = fault == Fault::moves_shallowly;
    }
    double w = read(device, weight.value)[0];
    if (fault == Fault::other_in_training && M == Mode::train) w *= 1.001;
    if (fault == Fault::other_when_recomputed && ask.recompute) w *= 1.001;
    for (double& value : values) value *= w;
    if (fault == Fault::changes_input) write(device, x, values);
    return upload<double>(device, x.shape(), values);
  }

  Tensor backward(Device& device, Tensor dy, Context<Mode::train>& context, Need need);

  void visit(Names& names, Visitor& visitor) {
    const int size = fault == Fault::wrong_size && !weight.value.empty() ? 2 : 1;
    visitor.parameter(names.of("weight"), weight, {.shape = {size, 1, 1, 1}, .rank = 1});
    visitor.buffer(names.of(fault == Fault::same_name_twice ? "weight" : "mean"), mean,
                   {.shape = {1, 1, 1, 1}, .rank = 1, .role = ParameterRole::mean});
    names.skip();
  }

 private:
  static std::vector<double> read(Device& device, const Tensor& x) {
    std::vector<double> values(x.shape().count());
    download<double>(device, x, values);
    return values;
  }
  static void write(Device& device, Tensor x, const std::vector<double>& values) {
    device.backend().write(x, values.data(), DataType::f64);
  }
};

template <>
struct FaultyLayer::Context<Mode::train> : SavedNeed<Mode::train> {
  Tensor x;
  bool shallow = false;

  Context() = default;
  Context(Context&&) = default;
  Context& operator=(Context&& other) noexcept {
    const Need seems = other.shallow ? other.need : Need::none;
    SavedNeed<Mode::train>::operator=(std::move(other));
    other.need = seems;
    x = std::move(other.x);
    return *this;
  }
  ~Context() = default;
};

inline Tensor FaultyLayer::backward(Device& device, Tensor dy, Context<Mode::train>& context, Need need) {
  if (fault == Fault::takes_empty && context.need == Need::none) return {};
  if (fault == Fault::takes_more && context.need != Need::none) context.need = Need::both;
  const Need saved = context.need;
  context.take(need, "FaultyLayer");
  const Tensor x = context.x;
  if (!wants(need, Need::keep) || fault == Fault::drops) context = {};
  if (fault == Fault::keeps) {
    context.need = saved;
    context.x = x;
  }
  const Shape shape = dy.empty() ? Shape{1, 1, 1, 1} : dy.shape();
  if (dy.empty() && fault == Fault::empty_gradient_as_ones)
    dy = upload<double>(device, shape, std::vector<double>{1.0});
  if (dy.empty()) return {};
  std::vector<double> gradient = read(device, dy);
  const bool by_weight = wants(need, Need::parameters) && !x.empty();
  if ((by_weight && (weight.trainable || fault == Fault::trains_frozen)) || fault == Fault::writes_for_input) {
    const std::vector<double> values = x.empty() ? gradient : read(device, x);
    double sum = 0;
    for (std::size_t i = 0; i < gradient.size() && i < values.size(); ++i) sum += gradient[i] * values[i];
    if (fault == Fault::wrong_weight_gradient) sum *= 1.00001;
    if (weight.grad.empty()) {
      weight.grad = device.empty(weight.value.shape(), Role::parameter);
      weight.grad.storage()->clear();
    }
    const bool cleared = weight.grad.storage()->take_cleared();
    const bool adds = fault == Fault::ignores_cleared || (!cleared && fault != Fault::assigns);
    write(device, weight.grad, {sum + (adds ? read(device, weight.grad)[0] : 0)});
  }
  if (!wants(need, Need::input) && fault != Fault::returns_for_parameters) return {};
  const double w = read(device, weight.value)[0];
  for (double& value : gradient) value *= w;
  if (fault == Fault::wrong_input_gradient) gradient.back() += 1e-4;
  if (fault == Fault::changes_gradient) write(device, dy, gradient);
  return upload<double>(device, dy.shape(), gradient);
}

}  // namespace tests
