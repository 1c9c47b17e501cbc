#pragma once
/// The rules about what backward writes.

#include <pix2pixhd/testing/contract_probe.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {
namespace detail {

/// Backward adds to gradients, and overwrites cleared ones (which were NaN).
inline void check_adding(ContractProbe& probe) {
  for (const auto& gradient : probe.expected.gradients)
    probe.expect(std::none_of(gradient.begin(), gradient.end(), [](double value) { return std::isnan(value); }),
                 "after zero_gradients backward must overwrite what was there, here NaN");
  constexpr double before = 0.75;
  probe.fill(before);
  const auto saved = probe.layer.context();
  probe.layer.forward(probe.device, probe.input_tensor(), *saved, {});
  probe.layer.backward(probe.device, probe.dy_tensor(), *saved, Need::both);
  const auto got = probe.gradients();
  std::size_t i = 0;
  for (const NamedArray& array : probe.arrays) {
    if (!array.grad) continue;
    const std::vector<double>& wanted = probe.expected.gradients[i];
    const double tolerance = (probe.exact ? 1e-11 : 1e-5) * (before + largest(wanted));
    double worst = got[i].size() == wanted.size() ? 0 : HUGE_VAL;
    for (std::size_t j = 0; j < wanted.size() && worst < HUGE_VAL; ++j)
      worst = std::max(worst, std::abs(got[i][j] - before - wanted[j]));
    probe.expect(worst <= tolerance, "backward must add to the gradient that is there: that of ", array.name,
                 " is off by ", worst);
    ++i;
  }
}

/// Need::input touches no gradient, Need::parameters returns none, and each part is the same as with Need::both.
inline void check_need(ContractProbe& probe) {
  const auto run = [&](Need forward, Need backward) {
    const auto saved = probe.layer.context();
    probe.layer.forward(probe.device, probe.input_tensor(), *saved, {.need = forward});
    return probe.host(probe.layer.backward(probe.device, probe.dy_tensor(), *saved, backward));
  };
  for (const Need forward : {Need::input, Need::both}) {
    const char* when = forward == Need::input ? "Need::input" : "Need::input after a forward pass with Need::both";
    probe.fill(0.75);
    const auto before = probe.gradients();
    const std::vector<double> dx = run(forward, Need::input);
    probe.expect(same(dx, probe.expected.dx), when, ": the gradient by the input differs from that with Need::both");
    probe.expect(probe.gradients() == before, when, ": backward must touch no gradient of a parameter");
  }
  for (const Need forward : {Need::parameters, Need::both}) {
    const char* when =
        forward == Need::parameters ? "Need::parameters" : "Need::parameters after a forward pass with Need::both";
    probe.clear();
    const std::vector<double> dx = run(forward, Need::parameters);
    probe.expect(dx.empty(), when, ": backward must return an empty tensor");
    probe.expect_gradients(probe.expected.gradients, when);
  }
}

/// An empty output gradient counts as zeros.
inline void check_empty_gradient(ContractProbe& probe) {
  for (const bool cleared : {true, false}) {
    cleared ? probe.clear() : probe.fill(0.75);
    const auto before = probe.gradients();
    const auto saved = probe.layer.context();
    probe.layer.forward(probe.device, probe.input_tensor(), *saved, {});
    const Tensor dx = probe.layer.backward(probe.device, Tensor(), *saved, Need::both);
    probe.expect(all_zero(probe.host(dx)),
                 "an empty dy counts as zeros: the gradient by the input must be zeros or empty");
    probe.expect_gradients(before, "an empty dy counts as zeros");
    probe.expect_error("after a backward pass with an empty dy the context must be empty: a second backward",
                       [&] { probe.layer.backward(probe.device, probe.dy_tensor(), *saved, Need::both); });
  }
}

/// Gives each parameter back to the caller as trainable as it was, however a check ends.
class KeptFlags {
 public:
  explicit KeptFlags(const std::vector<NamedArray>& parameters) {
    for (const NamedArray& parameter : parameters) flags_.emplace_back(parameter.trainable, *parameter.trainable);
  }
  ~KeptFlags() {
    for (const auto& [flag, trainable] : flags_) *flag = trainable;
  }
  KeptFlags(const KeptFlags&) = delete;
  KeptFlags& operator=(const KeptFlags&) = delete;

 private:
  std::vector<std::pair<bool*, bool>> flags_;
};

/// A parameter that is not trainable gets no gradient; everything else stays the same.
inline void check_frozen(ContractProbe& probe) {
  std::vector<NamedArray> parameters, learning;
  for (const NamedArray& array : probe.arrays) {
    if (array.grad) parameters.push_back(array);
    if (array.grad && *array.trainable) learning.push_back(array);
  }
  const KeptFlags flags(parameters);
  // Of many parameters a few are frozen one by one, at even distances.
  const std::size_t stride = std::max<std::size_t>(1, learning.size() / 8);
  const auto run = [&](const char* when) {
    for (const NamedArray& array : parameters)
      if (*array.trainable) array.grad->storage()->clear();
    const auto untouched = probe.gradients();
    const auto saved = probe.layer.context();
    probe.layer.forward(probe.device, probe.input_tensor(), *saved, {});
    const Tensor dx = probe.layer.backward(probe.device, probe.dy_tensor(), *saved, Need::both);
    probe.expect(same(probe.host(dx), probe.expected.dx), when, ": the gradient by the input differs");
    const auto got = probe.gradients();
    for (std::size_t i = 0; i < parameters.size(); ++i)
      if (*parameters[i].trainable)
        probe.expect(same(got[i], probe.expected.gradients[i]), when, ": the gradient of ", parameters[i].name,
                     ", which is trainable, differs");
      else
        probe.expect(got[i] == untouched[i], when, ": ", parameters[i].name,
                     " is not trainable, its gradient was touched");
  };
  for (std::size_t i = 0; i < learning.size(); i += stride) {
    probe.fill(0.75);
    *learning[i].trainable = false;
    run(sentence("with ", learning[i].name, " frozen").c_str());
    *learning[i].trainable = true;
  }
  probe.fill(0.75);
  for (const NamedArray& array : learning) *array.trainable = false;
  run("with everything frozen");
}

/// Ask::recompute changes neither outputs nor gradients.
inline void check_recomputation(ContractProbe& probe) {
  probe.expect_same(probe.pass({.recompute = true}), probe.expected, "with recompute");
  probe.clear();
  const auto saved = probe.layer.context();
  probe.layer.forward(probe.device, probe.input_tensor(), *saved, {.recompute = true});
  for (int round = 0; round < 2; ++round) {
    probe.mark_cleared();
    const Need need = round == 0 ? Need::both | Need::keep : Need::both;
    const auto dx = probe.host(probe.layer.backward(probe.device, probe.dy_tensor(), *saved, need));
    probe.expect(same(dx, probe.expected.dx), "with recompute and keep: the gradient by the input differs");
    probe.expect_gradients(probe.expected.gradients, "with recompute and keep");
  }
}

}  // namespace detail
}  // namespace pix2pixhd::inline v0
