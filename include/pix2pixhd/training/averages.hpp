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
///   average += (1 - decay_t) (value - average),  decay_t = min(decay, (1 + t) / (10 + t)) at its update number t
/// so that the first steps do not weigh on it for long, those of a part by which a network has grown included.
class WeightAverages {
 public:
  /// The average of one parameter, and how many updates made it.
  struct Average {
    Tensor value;
    std::int64_t step = 0;
  };

  /// Error unless 0 <= decay < 1; 0 means that there are no averages.
  explicit WeightAverages(double decay) : decay_(decay) {
    detail::require(decay >= 0 && decay < 1, "the decay of averaged weights is ", decay,
                    "; it must be at least 0 (no averages) and less than 1.");
  }

  bool active() const { return decay_ > 0; }
  double decay() const { return decay_; }

  /// Takes in the values after a step. `prefix` goes before the names, so that several networks can be averaged.
  template <class Net>
  void update(Device& device, Net& network, const std::string& prefix) {
    if (!active()) return;
    using detail::zero_parameter;
    for_each_parameter(network, [&](const std::string& name, Parameter& parameter) {
      auto found = averages_.find(prefix + name);
      if (found == averages_.end())
        found = averages_.emplace(prefix + name, Average{zero_parameter(device, parameter.value.shape())}).first;
      Average& average = found->second;
      detail::check_same_shape(average.value.shape(), parameter.value.shape(), "averages: a parameter and its average");
      const auto t = static_cast<double>(average.step + 1);
      const double share = average.step == 0 ? 1 : 1 - std::min(decay_, (1 + t) / (10 + t));
      device.backend().move_towards(parameter.value, share, average.value);
      ++average.step;
    });
  }

  /// Exchanges the parameters' values with their averages; a second call exchanges them back. No value is copied.
  template <class Net>
  void exchange(Net& network, const std::string& prefix) {
    for_each_parameter(network, [&](const std::string& name, Parameter& parameter) {
      const auto average = averages_.find(prefix + name);
      if (average != averages_.end()) std::swap(average->second.value, parameter.value);
    });
  }

  /// Takes over the averages of a network's parameters from those of an earlier one, where names and shapes agree.
  template <class Net>
  void adopt(const WeightAverages& earlier, Net& network, const std::string& prefix) {
    for_each_parameter(network, [&](const std::string& name, Parameter& parameter) {
      const auto found = earlier.averages_.find(prefix + name);
      if (found != earlier.averages_.end() && found->second.value.shape() == parameter.value.shape())
        averages_.insert(*found);
    });
  }

  /// By name, of parameters that were averaged at least once.
  const std::map<std::string, Average>& all() const { return averages_; }
  void set(std::map<std::string, Average> averages) { averages_ = std::move(averages); }

 private:
  double decay_;
  std::map<std::string, Average> averages_;
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
