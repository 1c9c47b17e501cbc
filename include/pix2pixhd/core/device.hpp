#pragma once
/// The handle by which networks and operations reach a backend.

#include <pix2pixhd/core/backend.hpp>
#include <pix2pixhd/core/frozen_statistics.hpp>
#include <pix2pixhd/core/parameter.hpp>

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>

namespace pix2pixhd::inline v0 {

/// Where results of operations are allocated: by default the backend's own memory.
class Allocator {
 public:
  virtual ~Allocator() = default;
  virtual std::shared_ptr<Storage> allocate(Backend& backend, std::size_t bytes) = 0;
};

/// Follows a pass: may stop it between two operations, hears how far it is and sees what each block made.
struct Watch {
  std::stop_token stop = {};
  std::function<void(double fraction)> progress = {};  ///< called after each block, fraction in [0, 1]
  double total = 0;                                    ///< multiply-adds of the whole pass
  double done = 0;
  /// Called after each block's forward with its weight and the convolution's output.
  std::function<void(const Tensor& weight, const Tensor& raw)> block = {};
};

/// Takes gradients as soon as a backward pass has finished them, so that not all of them are held at once.
class GradientSink {
 public:
  virtual ~GradientSink() = default;
  /// No later operation of the pass reads `parameter` or adds to its gradient. Throws Error if that was
  /// said before and is not so, because a layer runs several times.
  virtual void finished(Parameter& parameter) = 0;
};

/// Takes the values of losses, so that who asks for one does not wait until the device knows it.
class LossSink {
 public:
  virtual ~LossSink() = default;
  /// Has `backend` compute the loss and its gradient.
  virtual void take(Backend& backend, const LossCall& call) = 0;
};

/// One device, by shared handle: a backend, and how a pass over it allocates and is watched. Copies share the backend.
class Device {
 public:
  explicit Device(std::shared_ptr<Backend> backend) : backend_(std::move(backend)) {}

  Backend& backend() const { return *backend_; }
  const std::shared_ptr<Backend>& shared_backend() const { return backend_; }
  std::string name() const { return backend_->name(); }
  std::string description() const { return backend_->description(); }
  const DeviceOptions& options() const { return backend_->options(); }
  /// Bytes held on the device by this library, now and at most: what was asked for, as plans count it. What a backend
  /// keeps besides is not in it: memory for later tensors, and that of a recorded pass between its repetitions, which
  /// is at least what the pass needs for itself (CUDA: DeviceMemory::held() counts all).
  MemoryMeter& memory() const { return backend_->memory(); }

  std::shared_ptr<Storage> allocate(std::size_t bytes) {
    return allocator_ ? allocator_->allocate(*backend_, bytes) : backend_->allocate(bytes);
  }
  /// A tensor with undefined values.
  Tensor empty(const Shape& shape, Role role = Role::activation) {
    const Format format = backend_->format(shape, role);
    return {shape, format, allocate(format.bytes(shape))};
  }
  /// The same of the size of `x`, stored like it.
  Tensor empty_like(const Tensor& x) { return {x.shape(), x.format(), allocate(x.bytes())}; }

  /// The same device, computing in another precision, see Backend::in_precision.
  Device in_precision(Precision precision) const {
    Device result = *this;
    result.backend_ = backend_->in_precision(precision);
    return result;
  }
  /// The same device with other ways to allocate and to be watched (either may be null).
  Device with(std::shared_ptr<Allocator> allocator, std::shared_ptr<Watch> watch) const {
    Device result = *this;
    result.allocator_ = std::move(allocator);
    result.watch_ = std::move(watch);
    return result;
  }
  /// The same device whose backward passes hand each finished gradient to `sink`, which must outlive them.
  Device delivering(GradientSink* sink) const {
    Device result = *this;
    result.sink_ = sink;
    return result;
  }
  GradientSink* gradient_sink() const { return sink_; }
  /// The same device whose losses give their values to `sink`, which must outlive it, and return 0.
  Device summing(LossSink* sink) const {
    Device result = *this;
    result.loss_sink_ = sink;
    return result;
  }
  LossSink* loss_sink() const { return loss_sink_; }

  /// Whether packed weights stay for the next call (they do unless a Session's budget forbids it).
  bool keeps_derived() const { return keep_derived_; }
  Device keeping_derived(bool keep) const {
    Device result = *this;
    result.keep_derived_ = keep;
    return result;
  }

  /// The same device whose inference passes note the statistics of their blocks in `to`, of one picture.
  Device recording(std::shared_ptr<FrozenStatistics> to) const {
    Device result = *this;
    result.recorded_ = std::move(to);
    return result;
  }
  /// The same device whose inference passes take the statistics of their blocks from `from`, as far as it has them.
  Device freezing(std::shared_ptr<const FrozenStatistics> from) const {
    Device result = *this;
    result.frozen_ = std::move(from);
    return result;
  }
  FrozenStatistics* recorded_statistics() const { return recorded_.get(); }
  const FrozenStatistics* frozen_statistics() const { return frozen_.get(); }

  /// Called by operations before their work: throws Stopped if the pass was asked to stop.
  void before_work() const {
    if (watch_ && watch_->stop.stop_requested()) throw Stopped("the pass was stopped on request; its result is lost.");
  }
  void after_block(const Tensor& weight, const Tensor& raw) const {
    if (watch_ && watch_->block) watch_->block(weight, raw);
  }
  void after_work(double multiply_adds) const {
    if (!watch_) return;
    watch_->done += multiply_adds;
    if (watch_->progress && watch_->total > 0) watch_->progress(std::min(1.0, watch_->done / watch_->total));
  }

 private:
  std::shared_ptr<Backend> backend_;
  std::shared_ptr<Allocator> allocator_;
  std::shared_ptr<Watch> watch_;
  GradientSink* sink_ = nullptr;
  LossSink* loss_sink_ = nullptr;
  std::shared_ptr<FrozenStatistics> recorded_;
  std::shared_ptr<const FrozenStatistics> frozen_;
  bool keep_derived_ = true;
};

}  // namespace pix2pixhd::inline v0
