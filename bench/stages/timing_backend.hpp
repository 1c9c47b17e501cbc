#pragma once
/// A backend that hands every call on to another one and writes down how long it took.

#include <pix2pixhd/core/backend.hpp>
#include <pix2pixhd/core/batched_updates.hpp>
#include <pix2pixhd/core/deferred_step.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "stages/clock.hpp"
#include "stages/timed_call.hpp"

namespace stages {

using namespace pix2pixhd;

/// Tensors of the target may be used in its calls, and its own are of the target's formats. A virtual function that
/// Backend gains must be handed on here too: with its default body the target's own would not be measured.
class TimingBackend final : public Backend, public BatchedUpdates, public DeferringBackend {
 public:
  explicit TimingBackend(std::shared_ptr<Backend> target)
      : Backend(target->options()),
        target_(std::move(target)),
        batched_(dynamic_cast<BatchedUpdates*>(target_.get())),
        clock_(clock_of(*target_)) {}

  /// The calls since the last take(); waits until the device has done them.
  std::vector<TimedCall> take() {
    for (TimedCall& call : calls_) call.seconds = clock_->between(call.begin, call.end);
    clock_->clear();
    return std::exchange(calls_, {});
  }

  std::string name() const override { return target_->name(); }
  std::string description() const override { return target_->description(); }
  Format format(const Shape& shape, Role role) const override { return target_->format(shape, role); }
  bool accepts(const Backend& other) const override { return this == &other || target_->accepts(other); }
  bool normalises_on_load() const override { return target_->normalises_on_load(); }
  bool tells_kinds() const override { return target_->tells_kinds(); }
  std::size_t workspace(const ConvBlockCall& call) const override { return target_->workspace(call); }
  std::size_t workspace(const ConvBlockBackwardCall& call) const override { return target_->workspace(call); }
  std::vector<DerivedBytes> derived(const ConvBlockCall& call) const override { return target_->derived(call); }
  std::vector<DerivedBytes> derived(const ConvBlockBackwardCall& call) const override { return target_->derived(call); }

  void write(Tensor& y, const void* values, DataType type) override { target_->write(y, values, type); }
  void read(const Tensor& x, void* values, DataType type) override { target_->read(x, values, type); }
  void write_bytes(Storage& y, const void* bytes, std::size_t count) override { target_->write_bytes(y, bytes, count); }
  void read_bytes(const Storage& x, void* bytes, std::size_t count) override { target_->read_bytes(x, bytes, count); }
  std::size_t gradient_batch() const override { return batched_ ? batched_->gradient_batch() : 0; }

  void conv_block(const ConvBlockCall& call) override {
    const Tensor& y = call.y.empty() ? call.raw : call.y;
    TimedCall record{.kind = "block",
                     .weight = call.weight->storage().get(),
                     .geometry = call.geometry,
                     .input = call.x->shape(),
                     .output = y.shape(),
                     .multiply_adds = pix2pixhd::multiply_adds(call.geometry, call.x->shape(), y.shape()),
                     .bytes = bytes_of(*call.x) + sum({call.weight, call.skip, &y})};
    timed(std::move(record), [&] { target_->conv_block(call); });
  }
  void conv_block_backward(const ConvBlockBackwardCall& call) override {
    const double once = pix2pixhd::multiply_adds(call.geometry, call.x->shape(), call.dy->shape());
    TimedCall record{.kind = "block backward",
                     .weight = call.weight->storage().get(),
                     .geometry = call.geometry,
                     .input = call.x->shape(),
                     .output = call.dy->shape(),
                     .multiply_adds = once * ((call.d_weight ? 1 : 0) + (call.dx.empty() ? 0 : 1)),
                     .bytes = (call.d_weight ? bytes_of(*call.x) : 0) +
                              sum({call.dy, call.saved, call.d_weight, &call.dx}) +
                              (call.dx.empty() ? 0 : sum({call.weight}))};
    timed(std::move(record), [&] { target_->conv_block_backward(call); });
  }

  void convolve(const Convolution& call) override {
    timed({.kind = "convolution", .weight = call.weight->storage().get(), .geometry = call.geometry},
          [&] { target_->convolve(call); });
  }
  void convolve_backward_data(const ConvolutionBackwardData& call) override {
    timed({.kind = "convolution, gradient of its input", .weight = call.weight->storage().get()},
          [&] { target_->convolve_backward_data(call); });
  }
  void convolve_backward_weights(const ConvolutionBackwardWeights& call) override {
    timed({.kind = "convolution, gradient of its weight"}, [&] { target_->convolve_backward_weights(call); });
  }
  void statistics(const Statistics& call) override {
    timed(pass("statistics", *call.x, call.statistics), [&] { target_->statistics(call); });
  }
  void normalise(const Normalise& call) override {
    timed(pass("normalise", *call.x, call.y, sum({call.skip})), [&] { target_->normalise(call); });
  }
  void normalise_backward(const NormaliseBackward& call) override {
    timed(pass("normalise backward", *call.dy, call.dx, sum({call.z})), [&] { target_->normalise_backward(call); });
  }
  void add(const Tensor& a, const Tensor& b, Tensor& y) override {
    timed(pass("add", a, y, sum({&b})), [&] { target_->add(a, b, y); });
  }
  void pool(const Tensor& x, Pooling pooling, Tensor& y) override {
    timed(pass("pool", x, y), [&] { target_->pool(x, pooling, y); });
  }
  void pool_backward(const Tensor& dy, const Tensor& x, Pooling pooling, Tensor& dx) override {
    timed(pass("pool backward", dy, dx, pooling == Pooling::max2 ? sum({&x}) : 0),
          [&] { target_->pool_backward(dy, x, pooling, dx); });
  }
  void instance_mean(const Tensor& x, const InstanceMap& instances, Tensor& y) override {
    timed(pass("instance mean", x, y), [&] { target_->instance_mean(x, instances, y); });
  }
  void extend(const Tensor& x, Tensor& y) override {
    timed(pass("extend", x, y), [&] { target_->extend(x, y); });
  }
  void extend_plane(const Storage& x, const Shape& from, Storage& y, const Shape& to) override {
    timed({.kind = "extend plane", .input = from, .output = to}, [&] { target_->extend_plane(x, from, y, to); });
  }

  double loss(const LossCall& call) override {
    double value = 0;
    timed(loss_record(call), [&] { value = target_->loss(call); });
    return value;
  }
  void adam(const AdamCall& call) override {
    TimedCall record{.kind = "Adam", .weight = call.value.storage().get(), .output = call.value.shape()};
    record.bytes = sum({call.gradient}) + 2 * sum({&call.value, &call.m, &call.v});  // read and written
    timed(std::move(record), [&] { target_->adam(call); });
  }
  void adam_of_all(std::span<const AdamCall> calls) override {
    if (!batched_) {
      for (const AdamCall& call : calls) adam(call);
      return;
    }
    timed(adam_record(calls), [&] { batched_->adam_of_all(calls); });
  }
  std::size_t first_non_finite(std::span<const Tensor* const> tensors) override {
    std::size_t found = 0;
    if (!batched_) {
      while (found < tensors.size() && all_finite(*tensors[found])) ++found;
      return found;
    }
    timed(search_record(tensors), [&] { found = batched_->first_non_finite(tensors); });
    return found;
  }
  std::unique_ptr<DeferredStep> begin_step(std::size_t sums, std::size_t tensors) override {
    auto* const deferring = dynamic_cast<DeferringBackend*>(target_.get());
    std::unique_ptr<DeferredStep> step = deferring ? deferring->begin_step(sums, tensors) : nullptr;
    if (!step) return nullptr;
    return std::make_unique<TimedStep>(*this, std::move(step));
  }
  void move_towards(const Tensor& x, double share, Tensor& y) override {
    timed(pass("move towards", x, y, sum({&y})), [&] { target_->move_towards(x, share, y); });
  }
  bool all_finite(const Tensor& x) override {
    bool finite = false;
    timed(pass("all finite", x, Tensor()), [&] { finite = target_->all_finite(x); });
    return finite;
  }

 protected:
  std::shared_ptr<void> allocate_bytes(std::size_t bytes) override {
    auto storage = target_->allocate(bytes);
    void* const memory = storage->mutable_data();
    return {std::move(storage), memory};
  }

 private:
  /// Hands the calls of a step on and writes them down with the others.
  class TimedStep final : public DeferredStep {
   public:
    TimedStep(TimingBackend& backend, std::unique_ptr<DeferredStep> step)
        : backend_(&backend), step_(std::move(step)) {}
    void add_loss(const LossCall& call, double factor, std::size_t sum) override {
      backend_->timed(loss_record(call), [&] { step_->add_loss(call, factor, sum); });
    }
    std::size_t search(std::span<const Tensor* const> tensors) override {
      std::size_t first = 0;
      backend_->timed(search_record(tensors), [&] { first = step_->search(tensors); });
      return first;
    }
    Update adam_of_all(std::span<const AdamCall> calls) override {
      Update update;
      backend_->timed(adam_record(calls), [&] { update = step_->adam_of_all(calls); });
      return update;
    }
    void renew(std::size_t number, std::span<const AdamCall> calls) override { step_->renew(number, calls); }
    Findings read() override { return step_->read(); }

   private:
    TimingBackend* backend_;
    std::unique_ptr<DeferredStep> step_;
  };

  template <class Call>
  void timed(TimedCall record, Call&& call) {
    record.begin = clock_->mark();
    call();
    record.end = clock_->mark();
    calls_.push_back(std::move(record));
  }

  std::shared_ptr<Backend> target_;
  BatchedUpdates* batched_;  ///< the target, if it is that too
  std::unique_ptr<Clock> clock_;
  std::vector<TimedCall> calls_;
};

}  // namespace stages
