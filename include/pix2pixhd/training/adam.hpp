#pragma once
/// Adam over the parameters of one or more networks.

#include <pix2pixhd/core/batched_updates.hpp>
#include <pix2pixhd/core/deferred_step.hpp>
#include <pix2pixhd/networks/visit.hpp>
#include <pix2pixhd/training/adam_moments.hpp>
#include <pix2pixhd/training/deferred_updates.hpp>

#include <cstddef>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {

/// Adam's moments, kept by name, so that they survive freezing, unfreezing and the growing of a network. It may take
/// each gradient as it is finished (as the sink of a device) or all together (`step`); the result is the same.
class Adam final : public GradientSink {
 public:
  using Moments = detail::AdamMoments;

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
  /// whose gradient is not finite, or was finished in this step before.
  void finished(Parameter& parameter) override {
    const std::string& name = name_of(parameter);
    detail::require(finished_.insert(&parameter).second, "the gradient of ", name,
                    " was finished twice in one step, because its layer runs several times in the network: weights "
                    "would change between its backward passes. Set TrainOptions::keep_gradients, with which they "
                    "change when all gradients of a step are there.");
    waiting_.push_back(&parameter);
    waiting_bytes_ += parameter.grad.bytes();
    if (waiting_bytes_ >= (batched_ ? batched_->gradient_batch() : 0)) take_waiting();
  }

  /// Ends a step whose gradients came one by one: takes those that wait, and those that nobody said are finished, as
  /// a layer of one's own does not.
  void finish() {
    take_waiting();
    take(learning());
    finished_.clear();
  }
  /// Drops the gradients that wait, after a step that failed.
  void drop() {
    waiting_.clear();
    waiting_bytes_ = 0;
    finished_.clear();
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
    const Parameter* const bad = deferred_updates_.settle(
        first_bad, [&](const Parameter& parameter) { moments_.take_back(name_of(parameter)); });
    defer(nullptr);
    return bad ? name_of(*bad) : "";
  }

  /// What was asked of the step at hand so far.
  const detail::DeferredUpdates& deferred_updates() const { return deferred_updates_; }
  /// Before `step`, which was recorded with these updates, is repeated: counts them as made once more and gives them
  /// today's rate. `settle` must follow.
  void repeat(DeferredStep& step, const detail::DeferredUpdates& recorded) {
    defer(&step);
    for (const auto& together : recorded.all())
      count(together.parameters, [&](const std::vector<AdamCall>& calls, std::size_t&) {
        step.renew(together.update.number, calls);
        deferred_updates_.add(together);
      });
  }

  /// Has what is derived from the values of parameters that learn (packed weights) be made anew, and lets go of it.
  void drop_derived() {
    for (Parameter* parameter : parameters_)
      if (parameter->trainable && !parameter->value.empty()) {
        parameter->value.storage()->mutable_data();
        parameter->value.storage()->forget_derived();
      }
  }

  /// How many parameters it is in charge of.
  std::size_t parameters() const { return parameters_.size(); }
  /// What is thrown for the gradient of the parameter of this name.
  static Error not_finite(const std::string& name) {
    return Error(detail::sentence("the gradient of ", name, " is not finite."));
  }

  /// Moments by parameter name; parameters that were never updated have none.
  const std::map<std::string, Moments>& moments() const { return moments_.all(); }
  void set_moments(std::map<std::string, Moments> moments) { moments_.set(std::move(moments)); }

  /// Bytes of all moments.
  std::size_t bytes() const { return moments_.bytes(); }

  /// Takes over the moments of parameters of the same name and shape: a network grew, or some of it was frozen.
  void adopt(Adam&& earlier) {
    for (const Parameter* parameter : parameters_)
      moments_.adopt(earlier.moments_, name_of(*parameter), parameter->value.shape());
    earlier.set_moments({});
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

  /// One step for parameters whose gradients are finished and then released.
  void take(const std::vector<Parameter*>& parameters) {
    if (parameters.empty()) return;
    search(parameters);
    update(parameters);
    for (Parameter* parameter : parameters) parameter->grad = {};
  }
  void take_waiting() {
    waiting_bytes_ = 0;
    take(std::exchange(waiting_, {}));
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

  /// Counts one more update of these parameters and has `ask(calls, made)` ask for it. If that throws, the updates from
  /// number `made` on are not counted.
  template <class Ask>
  void count(const std::vector<Parameter*>& parameters, Ask&& ask) {
    std::vector<std::pair<std::string, Shape>> named;
    for (const Parameter* parameter : parameters) named.emplace_back(name_of(*parameter), parameter->value.shape());
    moments_.count(device_, named);
    std::size_t made = 0;
    try {
      std::vector<AdamCall> calls;
      for (std::size_t i = 0; i < named.size(); ++i)
        calls.push_back(moments_.call(named[i].first, *parameters[i], options_, rate_));
      ask(calls, made);
    } catch (...) {
      for (; made < named.size(); ++made) moments_.take_back(named[made].first);
      throw;
    }
  }

  /// One step for parameters that have been searched.
  void update(const std::vector<Parameter*>& parameters) {
    count(parameters, [&](const std::vector<AdamCall>& calls, std::size_t& made) {
      if (deferred_) return deferred_updates_.put(deferred_->adam_of_all(calls));
      if (batched_) return batched_->adam_of_all(calls);
      for (; made < calls.size(); ++made) device_.backend().adam(calls[made]);
    });
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
  std::set<const Parameter*> finished_;  ///< in the step at hand
  detail::MomentsByName moments_;
};

}  // namespace pix2pixhd::inline v0
