#pragma once
/// Adam over the parameters of one or more networks.

#include <pix2pixhd/networks/visit.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {

struct AdamOptions {
  double beta1 = 0.5;
  double beta2 = 0.999;
  double epsilon = 1e-8;
};

/// Adam's moments, kept by name, so that they survive freezing, unfreezing and the growing of a network. It may take
/// each gradient as it is finished (as the sink of a device) or all together (`step`); the result is the same.
class Adam final : public GradientSink {
 public:
  /// Moments of one parameter.
  struct Moments {
    Tensor m, v;
    std::int64_t step = 0;
  };

  explicit Adam(Device& device, AdamOptions options = {}) : device_(device), options_(options) {}
  Adam(const Adam&) = delete;
  Adam& operator=(const Adam&) = delete;

  /// Takes charge of a network's parameters, under names that begin with `prefix`. The network must outlive this object
  /// and keep its address.
  template <class Net>
  void add(Net& network, const std::string& prefix) {
    for_each_parameter(network, [&](const std::string& name, Parameter& parameter) {
      names_.insert_or_assign(&parameter, prefix + name);
      parameters_.emplace_back(&parameter);
    });
  }

  /// The learning rate of the steps that follow.
  void set_rate(double rate) { rate_ = rate; }
  double rate() const { return rate_; }

  /// One step for every trainable parameter that has a gradient. Throws Error naming the parameter, before any is
  /// changed, if a gradient is not finite.
  void step() {
    const auto learns = [](const Parameter* parameter) { return parameter->trainable && !parameter->grad.empty(); };
    for (Parameter* parameter : parameters_)
      if (learns(parameter)) check_finite(*parameter);
    for (Parameter* parameter : parameters_)
      if (learns(parameter)) update(*parameter);
  }

  /// One step for this parameter, whose gradient is then released. Throws Error naming it if the gradient is not
  /// finite.
  void finished(Parameter& parameter) override {
    check_finite(parameter);
    update(parameter);
    parameter.grad = {};
  }

  /// Moments by parameter name; parameters that were never updated have none.
  const std::map<std::string, Moments>& moments() const { return moments_; }
  void set_moments(std::map<std::string, Moments> moments) { moments_ = std::move(moments); }

  /// Bytes of all moments.
  std::size_t bytes() const {
    std::size_t sum = 0;
    for (const auto& [name, moments] : moments_) sum += moments.m.bytes() + moments.v.bytes();
    return sum;
  }

  /// Takes over the moments of parameters of the same name and shape: a network grew, or some of it was frozen.
  void adopt(Adam&& earlier) {
    for (auto& [name, moments] : earlier.moments_)
      for (const Parameter* parameter : parameters_)
        if (names_.at(parameter) == name && parameter->value.shape() == moments.m.shape()) {
          moments_[name] = std::move(moments);
          break;
        }
    earlier.moments_.clear();
  }

 private:
  const std::string& name_of(const Parameter& parameter) const {
    const auto name = names_.find(&parameter);
    detail::require(name != names_.end(), "Adam was given a parameter of a network that was not added to it");
    return name->second;
  }

  void check_finite(const Parameter& parameter) {
    if (!parameter.grad.storage()->cleared() && !device_.backend().all_finite(parameter.grad))
      throw Error(detail::sentence("the gradient of ", name_of(parameter), " is not finite"));
  }

  void update(Parameter& parameter) {
    Moments& moments = moments_[name_of(parameter)];
    if (moments.m.empty()) {
      moments.m = detail::zero_parameter(device_, parameter.value.shape());
      moments.v = detail::zero_parameter(device_, parameter.value.shape());
    }
    detail::check_same_shape(moments.m.shape(), parameter.value.shape(), "Adam: a parameter and its moments");
    ++moments.step;
    device_.backend().adam({.gradient = &parameter.grad,
                            .value = parameter.value,
                            .m = moments.m,
                            .v = moments.v,
                            .rate = rate_,
                            .beta1 = options_.beta1,
                            .beta2 = options_.beta2,
                            .epsilon = options_.epsilon,
                            .step = moments.step});
  }

  Device device_;
  AdamOptions options_;
  double rate_ = 2e-4;
  std::map<const Parameter*, std::string> names_;
  std::vector<Parameter*> parameters_;
  std::map<std::string, Moments> moments_;
};

}  // namespace pix2pixhd::inline v0
