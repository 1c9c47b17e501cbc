#pragma once
/// What Adam remembers of parameters.

#include <pix2pixhd/core/calls.hpp>
#include <pix2pixhd/networks/visit.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {

/// How fast Adam forgets earlier gradients (beta1) and their squares (beta2), and what keeps its divisor from 0.
struct AdamOptions {
  double beta1 = 0.5;
  double beta2 = 0.999;
  double epsilon = 1e-8;
};

namespace detail {

/// The moments of one parameter, and how many updates made them.
struct AdamMoments {
  Tensor m, v;
  std::int64_t step = 0;
};

/// Moments by parameter name, of parameters that were updated at least once.
class MomentsByName {
 public:
  const std::map<std::string, AdamMoments>& all() const { return all_; }
  void set(std::map<std::string, AdamMoments> all) { all_ = std::move(all); }

  std::size_t bytes() const {
    std::size_t sum = 0;
    for (const auto& [name, moments] : all_) sum += moments.m.bytes() + moments.v.bytes();
    return sum;
  }

  /// Counts one more update of each of these parameters, given by name and shape; of none if it throws: Error where
  /// moments have another shape, and OutOfMemory.
  void count(Device& device, const std::vector<std::pair<std::string, Shape>>& parameters) {
    std::map<std::string, AdamMoments> fresh;  // all of them before one is used: memory may run out
    for (const auto& [name, shape] : parameters)
      if (const auto found = all_.find(name); found == all_.end()) {
        fresh[name] = {.m = zero_parameter(device, shape), .v = zero_parameter(device, shape)};
      } else {
        for (const Tensor* moment : {&found->second.m, &found->second.v})
          check_same_shape(moment->shape(), shape, "Adam: a parameter and its moments");
      }
    all_.merge(fresh);
    for (const auto& [name, shape] : parameters) ++all_.at(name).step;
  }
  /// Takes back the last update that was counted of a parameter: it was not made.
  void take_back(const std::string& name) {
    const auto found = all_.find(name);
    if (--found->second.step == 0) all_.erase(found);
  }
  /// The call of the update that was counted last of a parameter, from its gradient.
  AdamCall call(const std::string& name, const Parameter& parameter, const AdamOptions& options, double rate) const {
    const AdamMoments& moments = all_.at(name);
    return {.gradient = &parameter.grad,
            .value = parameter.value,
            .m = moments.m,
            .v = moments.v,
            .rate = rate,
            .beta1 = options.beta1,
            .beta2 = options.beta2,
            .epsilon = options.epsilon,
            .step = moments.step};
  }

  /// Takes over the moments of a parameter of this name and shape, if `earlier` has them.
  void adopt(MomentsByName& earlier, const std::string& name, const Shape& shape) {
    const auto found = earlier.all_.find(name);
    if (found != earlier.all_.end() && found->second.m.shape() == shape && found->second.v.shape() == shape)
      all_[name] = std::move(found->second);
  }

 private:
  std::map<std::string, AdamMoments> all_;
};

}  // namespace detail
}  // namespace pix2pixhd::inline v0
