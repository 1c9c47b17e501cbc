#pragma once
/// A backend that computes nothing and counts what another one would do.

#include <pix2pixhd/core/backend.hpp>
#include <pix2pixhd/core/batched_updates.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {

/// One operation as the meta backend saw it.
struct OperationRecord {
  enum class Kind { block, block_backward, pass } kind = Kind::pass;
  const Storage* weight = nullptr;  ///< of a block: tells which one
  ConvGeometry geometry = {};
  Shape input = {}, output = {};
  double multiply_adds = 0;   ///< as a dense convolution
  std::size_t workspace = 0;  ///< bytes, for the duration of the call
};

/// Runs networks without memory or arithmetic: formats, workspace and derived bytes are those of `target`, whose
/// tensors it accepts beside its own. Its MemoryMeter then reads what the target's would read, byte by byte in the same
/// order; `operations()` lists the work. Values that a layer reads on the host are zeros, what it writes is forgotten.
class MetaBackend final : public Backend, public BatchedUpdates {
 public:
  explicit MetaBackend(std::shared_ptr<Backend> target)
      : Backend(without_budget(target->options())), target_(std::move(target)) {}

  std::string name() const override { return target_->name() + " (planned)"; }
  std::string description() const override { return "a plan for " + target_->description(); }
  Format format(const Shape& shape, Role role) const override { return target_->format(shape, role); }
  bool accepts(const Backend& other) const override { return this == &other || target_->accepts(other); }
  bool normalises_on_load() const override { return target_->normalises_on_load(); }
  bool tells_kinds() const override { return target_->tells_kinds(); }
  std::size_t workspace(const ConvBlockCall& call) const override { return target_->workspace(call); }
  std::size_t workspace(const ConvBlockBackwardCall& call) const override { return target_->workspace(call); }
  std::vector<DerivedBytes> derived(const ConvBlockCall& call) const override { return target_->derived(call); }
  std::vector<DerivedBytes> derived(const ConvBlockBackwardCall& call) const override { return target_->derived(call); }

  const std::vector<OperationRecord>& operations() const { return operations_; }
  double multiply_adds() const {
    double sum = 0;
    for (const OperationRecord& operation : operations_) sum += operation.multiply_adds;
    return sum;
  }
  /// Bytes of packed weights and tables that the pass makes and keeps.
  std::size_t derived_bytes() const { return derived_bytes_; }

  void conv_block(const ConvBlockCall& call) override {
    const auto temporary = derive(*call.weight->storage(), target_->derived(call), call.keep_derived);
    operations_.push_back({.kind = OperationRecord::Kind::block,
                           .weight = call.weight->storage().get(),
                           .geometry = call.geometry,
                           .input = call.x->shape(),
                           .output = call.raw.shape(),
                           .multiply_adds = pix2pixhd::multiply_adds(call.geometry, call.x->shape(), call.raw.shape()),
                           .workspace = call.workspace ? call.workspace->bytes() : 0});
  }
  void conv_block_backward(const ConvBlockBackwardCall& call) override {
    const auto temporary = derive(*call.weight->storage(), target_->derived(call), call.keep_derived);
    const double once = pix2pixhd::multiply_adds(call.geometry, call.input, call.dy->shape());
    operations_.push_back({.kind = OperationRecord::Kind::block_backward,
                           .weight = call.weight->storage().get(),
                           .geometry = call.geometry,
                           .input = call.input,
                           .output = call.dy->shape(),
                           .multiply_adds = once * ((call.d_weight ? 1 : 0) + (call.dx.empty() ? 0 : 1)),
                           .workspace = call.workspace ? call.workspace->bytes() : 0});
  }

  double loss(const LossCall& call) override {
    pass(call.x->shape(), call.x->shape());
    return 0;
  }
  void adam(const AdamCall& call) override {
    pass(call.value.shape(), call.value.shape());
    call.value.storage()->mutable_data();  // what was derived from it is out of date
  }
  void move_towards(const Tensor& x, double, Tensor& y) override { pass(x.shape(), y.shape()); }
  bool all_finite(const Tensor&) override { return true; }
  std::size_t gradient_batch() const override {
    const auto* target = dynamic_cast<const BatchedUpdates*>(target_.get());
    return target ? target->gradient_batch() : 0;
  }
  void adam_of_all(std::span<const AdamCall> calls) override {
    for (const AdamCall& call : calls) adam(call);
  }
  std::size_t first_non_finite(std::span<const Tensor* const> tensors) override { return tensors.size(); }

  void normalise(const Normalise& call) override { pass(call.x->shape(), call.y.shape()); }
  void add(const Tensor& a, const Tensor&, Tensor& y) override { pass(a.shape(), y.shape()); }
  void pool(const Tensor& x, Pooling, Tensor& y) override { pass(x.shape(), y.shape()); }
  void pool_backward(const Tensor& dy, const Tensor&, Pooling, Tensor& dx) override { pass(dy.shape(), dx.shape()); }
  void instance_mean(const Tensor& x, const InstanceMap&, Tensor& y) override { pass(x.shape(), y.shape()); }
  void extend(const Tensor& x, Tensor& y) override { pass(x.shape(), y.shape()); }
  void extend_plane(const Storage&, const Shape& from, Storage&, const Shape& to) override { pass(from, to); }

  void write(Tensor&, const void*, DataType) override {}
  void write_bytes(Storage&, const void*, std::size_t) override {}
  void read(const Tensor& x, void* values, DataType type) override {
    std::memset(values, 0, x.shape().count() * size_of(type));
  }
  void read_bytes(const Storage&, void* bytes, std::size_t count) override { std::memset(bytes, 0, count); }

  // The parts of a block are never called one by one: conv_block stands for them.
  void convolve(const Convolution&) override {}
  void convolve_backward_data(const ConvolutionBackwardData&) override {}
  void convolve_backward_weights(const ConvolutionBackwardWeights&) override {}
  void statistics(const Statistics&) override {}
  void normalise_backward(const NormaliseBackward&) override {}

 protected:
  std::shared_ptr<void> allocate_bytes(std::size_t) override { return nullptr; }

 private:
  /// What a layer may ask of its device; the budget is for whoever reads the plan.
  static DeviceOptions without_budget(DeviceOptions options) {
    options.budget = 0;
    return options;
  }

  void pass(const Shape& input, const Shape& output) {
    operations_.push_back(
        {.kind = OperationRecord::Kind::pass, .weight = nullptr, .geometry = {}, .input = input, .output = output});
  }

  /// Counts what the target would derive from a weight now: kept ones once, others for the duration of the call.
  std::vector<std::shared_ptr<Storage>> derive(const Storage& weight, const std::vector<DerivedBytes>& wanted,
                                               bool keep) {
    std::vector<std::shared_ptr<Storage>> temporary;
    for (const DerivedBytes& one : wanted) {
      const std::pair key{&weight, one.key};
      // What is not to be kept is made anew, though the weight may have it.
      if (keep && (derived_.contains(key) || weight.has_derived(one.key))) continue;
      if (keep) {
        derived_.insert(key);
        memory().add(one.bytes);  // counted, not held: a storage here would keep this backend alive for ever
        derived_bytes_ += one.bytes;
      } else {
        temporary.push_back(allocate(one.bytes));
      }
    }
    return temporary;
  }

  std::shared_ptr<Backend> target_;
  std::vector<OperationRecord> operations_;
  std::set<std::pair<const Storage*, std::uint64_t>> derived_;
  std::size_t derived_bytes_ = 0;
};

}  // namespace pix2pixhd::inline v0
