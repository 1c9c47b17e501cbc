#pragma once
/// Adam over the parameters of one or more networks.

#include <pix2pixhd/core/batched_updates.hpp>
#include <pix2pixhd/core/deferred_step.hpp>
#include <pix2pixhd/networks/visit.hpp>
#include <pix2pixhd/training/deferred_updates.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
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

/// Adam's moments, kept by name, so that they survive freezing, unfreezing and the growing of a network. It may take
/// each gradient as it is finished (as the sink of a device) or all together (`step`); the result is the same.
class Adam final : public GradientSink {
 public:
  /// Moments of one parameter.
  struct Moments {
    Tensor m, v;
    std::int64_t step = 0;
  };

  explicit Adam(Device& device, AdamOptions options = {})
      : device_(device), batched_(dynamic_cast<BatchedUpdates*>(&device.backend())), options_(options) {}
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
  void step() { step_together({this}); }
  /// The same for several of these: nothing of any is changed if a gradient of one is not finite.
  static void step_together(std::initializer_list<Adam*> all) {
    for (Adam* one : all) one->search(one->learning());
    for (Adam* one : all) one->update(one->learning());
  }

  /// One step for this parameter, whose gradient is then released: at once, or with others as soon as the backend
  /// thinks them enough (BatchedUpdates::gradient_batch), at the latest in `finish`. Throws Error naming a parameter
  /// whose gradient is not finite.
  void finished(Parameter& parameter) override {
    waiting_.push_back(&parameter);
    waiting_bytes_ += parameter.grad.bytes();
    if (waiting_bytes_ >= (batched_ ? batched_->gradient_batch() : 0)) finish();
  }

  /// Takes the gradients that wait.
  void finish() {
    const std::vector<Parameter*> waiting = std::exchange(waiting_, {});
    waiting_bytes_ = 0;
    search(waiting);
    update(waiting);
    for (Parameter* parameter : waiting) parameter->grad = {};
  }
  /// Drops the gradients that wait, after a step that failed.
  void drop() {
    waiting_.clear();
    waiting_bytes_ = 0;
    defer(nullptr);
  }

  /// Has `step` make the updates that follow, until `settle` or `drop`: a gradient that is not finite is then no Error
  /// but keeps the device from this update and all later ones. `step` must live that long. Null: nothing changes.
  void defer(DeferredStep* step) {
    deferred_ = step;
    deferred_updates_ = {};
  }
  /// Takes back the counts of the updates that the device did not make: those from the step's gradient number
  /// `first_bad` on. Returns the name of that gradient's parameter; empty if this object does not have it.
  std::string settle(std::size_t first_bad) {
    const Parameter* const bad = deferred_updates_.settle(first_bad, [&](const Parameter& parameter) {
      const auto moments = moments_.find(name_of(parameter));
      if (--moments->second.step == 0) moments_.erase(moments);
    });
    defer(nullptr);
    return bad ? name_of(*bad) : "";
  }

  /// What was asked of the step at hand so far.
  const detail::DeferredUpdates& deferred_updates() const { return deferred_updates_; }
  /// Before `step`, which was recorded with these updates, is repeated: counts them as made once more and gives them
  /// today's rate. `settle` must follow.
  void repeat(DeferredStep& step, const detail::DeferredUpdates& recorded) {
    deferred_ = &step;
    deferred_updates_ = recorded;
    for (const auto& together : recorded.all()) step.renew(together.update.number, next_calls(together.parameters));
  }

  /// Has what is derived from the values of parameters that learn (packed weights) be made anew.
  void drop_derived() {
    for (Parameter* parameter : parameters_)
      if (parameter->trainable && !parameter->value.empty()) parameter->value.storage()->mutable_data();
  }

  /// How many parameters it is in charge of.
  std::size_t parameters() const { return parameters_.size(); }
  /// What is thrown for the gradient of the parameter of this name.
  static Error not_finite(const std::string& name) {
    return Error(detail::sentence("the gradient of ", name, " is not finite."));
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
        if (names_.at(parameter) == name && parameter->value.shape() == moments.m.shape() &&
            parameter->value.shape() == moments.v.shape()) {
          moments_[name] = std::move(moments);
          break;
        }
    earlier.moments_.clear();
  }

 private:
  const std::string& name_of(const Parameter& parameter) const {
    const auto name = names_.find(&parameter);
    detail::require(name != names_.end(), "Adam was given a parameter of a network that was not added to it.");
    return name->second;
  }

  /// The trainable parameters that have a gradient.
  std::vector<Parameter*> learning() const {
    std::vector<Parameter*> result;
    for (Parameter* parameter : parameters_)
      if (parameter->trainable && !parameter->grad.empty()) result.push_back(parameter);
    return result;
  }

  void check_finite(const std::vector<Parameter*>& parameters) {
    std::vector<const Parameter*> written;
    std::vector<const Tensor*> gradients;
    for (const Parameter* parameter : parameters)
      if (!parameter->grad.storage()->cleared()) {
        written.push_back(parameter);
        gradients.push_back(&parameter->grad);
      }
    std::size_t bad = 0;
    if (batched_)
      bad = batched_->first_non_finite(gradients);
    else
      while (bad < gradients.size() && device_.backend().all_finite(*gradients[bad])) ++bad;
    if (bad < written.size()) throw not_finite(name_of(*written[bad]));
  }

  /// Throws Error if a gradient is not finite, or has that searched without waiting for what is found.
  void search(const std::vector<Parameter*>& parameters) {
    if (!deferred_) return check_finite(parameters);
    std::vector<const Tensor*> gradients;
    for (const Parameter* parameter : parameters) gradients.push_back(&parameter->grad);
    deferred_updates_.add(parameters, deferred_->search(gradients));
  }

  /// The calls of one more update of these parameters, which counts as made.
  std::vector<AdamCall> next_calls(const std::vector<Parameter*>& parameters) {
    std::map<std::string, Moments> fresh;  // all of them before one is used: memory may run out
    for (const Parameter* parameter : parameters)
      if (const std::string& name = name_of(*parameter); moments_.count(name) == 0)
        fresh[name] = {.m = detail::zero_parameter(device_, parameter->value.shape()),
                       .v = detail::zero_parameter(device_, parameter->value.shape())};
    moments_.merge(fresh);
    std::vector<AdamCall> calls;
    for (Parameter* parameter : parameters) {
      Moments& moments = moments_.at(name_of(*parameter));
      for (const Tensor* moment : {&moments.m, &moments.v})
        detail::check_same_shape(moment->shape(), parameter->value.shape(), "Adam: a parameter and its moments");
      ++moments.step;
      calls.push_back({.gradient = &parameter->grad,
                       .value = parameter->value,
                       .m = moments.m,
                       .v = moments.v,
                       .rate = rate_,
                       .beta1 = options_.beta1,
                       .beta2 = options_.beta2,
                       .epsilon = options_.epsilon,
                       .step = moments.step});
    }
    return calls;
  }

  /// One step for parameters that have been searched.
  void update(const std::vector<Parameter*>& parameters) {
    const std::vector<AdamCall> calls = next_calls(parameters);
    if (deferred_) {
      deferred_updates_.put(deferred_->adam_of_all(calls));
    } else if (batched_) {
      batched_->adam_of_all(calls);
    } else {
      for (const AdamCall& call : calls) device_.backend().adam(call);
    }
  }

  Device device_;
  BatchedUpdates* batched_;           ///< the backend, if it is that too
  DeferredStep* deferred_ = nullptr;  ///< what takes the updates, between `defer` and `settle`
  detail::DeferredUpdates deferred_updates_;
  AdamOptions options_;
  double rate_ = 2e-4;
  std::map<const Parameter*, std::string> names_;
  std::vector<Parameter*> parameters_, waiting_;
  std::size_t waiting_bytes_ = 0;
  std::map<std::string, Moments> moments_;
};

}  // namespace pix2pixhd::inline v0
