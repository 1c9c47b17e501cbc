#pragma once
/// A pass of a Session that a device has recorded, to be repeated on other inputs of the same size.

#include <pix2pixhd/core/device.hpp>
#include <pix2pixhd/core/fnv1a.hpp>
#include <pix2pixhd/core/recorded_work.hpp>
#include <pix2pixhd/networks/visit.hpp>
#include <pix2pixhd/ops/check.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0::detail {

/// Tells whether a network computes with the same weights, in the same memory, as before: FNV-1a of the ids and
/// versions of its arrays' storages.
template <class Net>
std::uint64_t fingerprint(const Net& network) {
  Fnv1a result;
  for (const NamedArray& array : named_arrays(network)) {
    const Storage* storage = array.value->storage().get();
    result.add_number(storage ? storage->id() : 0);
    result.add_number(storage ? storage->version() : 0);
  }
  return result.value();
}

/// The memory that an input lies in, in a fixed order. Empty if it cannot be copied as it is.
inline std::vector<std::shared_ptr<Storage>> storages_of(const Tensor& x) {
  if (x.pending()) return {};
  return {x.storage()};
}
inline std::vector<std::shared_ptr<Storage>> storages_of(const SemanticMap& map) {
  std::vector<std::shared_ptr<Storage>> result{map.labels()};
  if (map.edges()) result.push_back(map.edges());
  for (const Tensor& part : map.parts()) {
    if (part.pending()) return {};
    result.push_back(part.storage());
  }
  return result;
}

/// The same input in other memory.
inline Tensor in_memory(const Tensor& x, const std::vector<std::shared_ptr<Storage>>& memory) {
  return {x.shape(), x.format(), memory.front()};
}
inline SemanticMap in_memory(const SemanticMap& map, const std::vector<std::shared_ptr<Storage>>& memory) {
  std::size_t next = 1;
  const std::shared_ptr<Storage> edges = map.edges() ? memory[next++] : nullptr;
  SemanticMap result = map.without_parts(memory.front(), edges, map.plane());
  for (const Tensor& part : map.parts()) result = result.joined(Tensor(part.shape(), part.format(), memory[next++]));
  return result;
}

/// A recorded pass with an input and a result of its own.
class RecordedPass {
 public:
  /// `run` makes the result from an input like `like`; what it asks of the device is recorded.
  template <class X, class Run>
  RecordedPass(Device& device, RecordingBackend& recorder, const X& like, Run&& run) : recorder_(&recorder) {
    for (const auto& storage : storages_of(like)) inputs_.push_back(device.backend().allocate(storage->bytes()));
    const X input = in_memory(like, inputs_);
    work_ = recorder.record([&] { result_ = run(input); });
  }

  /// The result for `x`, in memory that belongs to the caller. Throws Error for what a pass that is put together
  /// refuses.
  template <class X>
  Tensor operator()(Device& device, const X& x) {
    check_input(device, x, "the input of a repeated pass");  // the recorded operations see its copy alone
    const auto from = storages_of(x);
    for (std::size_t i = 0; i < inputs_.size(); ++i) recorder_->copy(*from[i], *inputs_[i]);
    work_->repeat();
    Tensor y(result_.shape(), result_.format(), device.backend().allocate(result_.bytes()));
    recorder_->copy(*result_.storage(), *y.storage());
    return y;
  }

 private:
  RecordingBackend* recorder_;
  std::vector<std::shared_ptr<Storage>> inputs_;
  Tensor result_;
  std::unique_ptr<RecordedWork> work_;
};

}  // namespace pix2pixhd::inline v0::detail
