#pragma once
/// Averages of weights over the steps of a training run.

#include <pix2pixhd/networks/visit.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace pix2pixhd::inline v0 {

/// Exponential moving averages of a network's parameters, kept by name. A generator with averaged weights makes
/// steadier pictures than the one that the last step left (Karras et al. 2018).
///   average += (1 - decay_t) (value - average),  decay_t = min(decay, (1 + t) / (10 + t)) after t steps
/// so that the first steps do not weigh on it for long.
class WeightAverages {
 public:
  /// Error unless 0 <= decay < 1; 0 means that there are no averages.
  explicit WeightAverages(double decay) : decay_(decay) {
    detail::require(decay >= 0 && decay < 1, "the decay of averaged weights is ", decay,
                    "; it must be at least 0 (no averages) and less than 1.");
  }

  bool active() const { return decay_ > 0; }
  double decay() const { return decay_; }

  /// Takes in the values after a step. `prefix` goes before the names, so that several networks can be averaged.
  template <class Net>
  void update(Device& device, Net& network, const std::string& prefix, std::int64_t steps) {
    if (!active()) return;
    const auto t = static_cast<double>(steps);
    const double share = 1 - std::min(decay_, (1 + t) / (10 + t));
    for_each_parameter(network, [&](const std::string& name, Parameter& parameter) {
      Tensor& average = values_[prefix + name];
      const bool fresh = average.empty();
      if (fresh) average = detail::zero_parameter(device, parameter.value.shape());
      detail::check_same_shape(average.shape(), parameter.value.shape(), "averages: a parameter and its average");
      device.backend().move_towards(parameter.value, fresh ? 1 : share, average);
    });
  }

  /// Exchanges the parameters' values with their averages; a second call exchanges them back. No value is copied.
  template <class Net>
  void exchange(Net& network, const std::string& prefix) {
    for_each_parameter(network, [&](const std::string& name, Parameter& parameter) {
      const auto average = values_.find(prefix + name);
      if (average != values_.end()) std::swap(average->second, parameter.value);
    });
  }

  /// Takes over the averages of a network's parameters from those of an earlier one, where names and shapes agree.
  template <class Net>
  void adopt(const WeightAverages& earlier, Net& network, const std::string& prefix) {
    for_each_parameter(network, [&](const std::string& name, Parameter& parameter) {
      const auto found = earlier.values_.find(prefix + name);
      if (found != earlier.values_.end() && found->second.shape() == parameter.value.shape()) values_.insert(*found);
    });
  }

  const std::map<std::string, Tensor>& values() const { return values_; }
  void set_values(std::map<std::string, Tensor> values) { values_ = std::move(values); }

 private:
  double decay_;
  std::map<std::string, Tensor> values_;
};

/// Puts the averages in a network's place for as long as it lives. Does nothing where there are none.
template <class Net>
class [[nodiscard]] AveragedScope {
 public:
  AveragedScope(WeightAverages& averages, Net& network, std::string prefix)
      : averages_(averages), network_(network), prefix_(std::move(prefix)) {
    averages_.exchange(network_, prefix_);
  }
  ~AveragedScope() { averages_.exchange(network_, prefix_); }
  AveragedScope(const AveragedScope&) = delete;
  AveragedScope& operator=(const AveragedScope&) = delete;

 private:
  WeightAverages& averages_;
  Net& network_;
  std::string prefix_;
};

}  // namespace pix2pixhd::inline v0
