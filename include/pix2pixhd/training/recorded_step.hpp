#pragma once
/// Training steps that a device has recorded.

#include <pix2pixhd/core/fnv1a.hpp>
#include <pix2pixhd/core/recorded_work.hpp>
#include <pix2pixhd/networks/pass_key.hpp>
#include <pix2pixhd/networks/recorded_pass.hpp>
#include <pix2pixhd/ops/check.hpp>
#include <pix2pixhd/training/adam.hpp>
#include <pix2pixhd/training/step.hpp>
#include <pix2pixhd/training/step_losses.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0::detail {

/// The memory that a step reads of a batch (its instances are the encoder's). Empty if it cannot be copied as it is.
inline std::vector<std::shared_ptr<Storage>> storages_of(const Batch& batch) {
  std::vector<std::shared_ptr<Storage>> result = storages_of(batch.map);
  if (result.empty() || batch.image.pending()) return {};
  result.push_back(batch.image.storage());
  return result;
}
inline Batch in_memory(const Batch& batch, const std::vector<std::shared_ptr<Storage>>& memory) {
  return {.map = in_memory(batch.map, memory), .image = in_memory(batch.image, {memory.back()}), .instances = {}};
}

/// Whether a device may repeat steps like this without asking anybody: it can, and nothing in them is decided on the
/// host; the numbers of instances that an encoder sees are the same for no two batches.
inline bool recordable(const Device& device, const TrainOptions& options, std::size_t batches, bool encodes) {
  return dynamic_cast<RecordingBackend*>(&device.backend()) && dynamic_cast<DeferringBackend*>(&device.backend()) &&
         device.options().budget == 0 && options.record && batches == 1 && !encodes && !options.keep_gradients &&
         options.pool == 0 && !options.own_loss;
}

/// Adds what a recorded step takes for granted of a network: where its arrays lie, which of them learn, and the values
/// of those that do not, because forms derived from them are not made anew.
template <class Net>
void add_kind(Fnv1a& kind, const Net& network, bool learns) {
  for (const NamedArray& array : named_arrays(network)) {
    const bool learnt = learns && array.trainable && *array.trainable;
    const Storage* storage = array.value->storage().get();
    kind.add_number(storage ? storage->id() : 0);
    kind.add_number(learnt ? 0 : 1);
    if (!learnt && array.parameter) kind.add_number(storage ? storage->version() : 0);
  }
}

/// What steps that are alike have in common, batches and optimisers aside. `perceptual` may be null.
template <class G, class D>
Fnv1a step_kind(const G& generator, const D& discriminator, const Vgg19* perceptual) {
  Fnv1a kind;
  add_kind(kind, generator, true);
  add_kind(kind, discriminator, true);
  if (perceptual) add_kind(kind, *perceptual, false);
  return kind;
}

/// Has a device repeat a step instead of being asked for it operation by operation. A step is recorded when one of its
/// kind has just been put together, which made everything that a first step makes. One recording is held at a time. If
/// it is of no use for long, because sizes of batches change, more steps of a kind are awaited before the next.
class StepRecorder {
 public:
  using Adams = std::array<Adam*, 2>;

  /// The losses of a step on `batch`, to be read. `put(batch)` asks the device for a whole step, with updates by
  /// `adams`, and returns its losses. Steps are alike that are of one `kind` and on batches of one shape. Throws Error
  /// for a batch that a step which is put together refuses.
  template <class Put>
  std::shared_ptr<StepLosses> operator()(Device& device, const Batch& batch, Fnv1a kind, const Adams& adams,
                                         Put&& put) {
    for (const PassKey& key : {key_of(batch.map), key_of(batch.image)})
      for (const int number : key) kind.add_number(static_cast<std::uint64_t>(number));
    for (const Adam* adam : adams)
      for (const auto& [name, moments] : adam->moments()) kind.add_number(moments.m.storage()->id());
    if (kind.value() != kind_) begin(kind.value());
    const bool due = state_ == State::none && put_together_ >= awaited_;
    if (due || state_ == State::recorded) {  // the recorded operations see a copy of the batch alone
      check_input(device, batch.map, "the map of a repeated step");
      check_activation(device, batch.image, "the photograph of a repeated step");
    }
    if (due) record(device, batch, adams, put);
    if (state_ == State::recorded) return repeat(batch, adams);
    std::shared_ptr<StepLosses> losses = put(batch);
    if (!storages_of(batch).empty()) ++put_together_;
    return losses;
  }

 private:
  enum class State { none, recorded, refused };
  /// Repetitions that make up for the time of a recording.
  static constexpr int worth = 64;

  /// Begins with steps of another kind.
  void begin(std::uint64_t kind) {
    constexpr int more = 4, most = 1 << 20;
    if (state_ == State::recorded && repeated_ < worth) awaited_ = std::min(awaited_ * more, most);
    work_.reset();
    losses_.reset();
    inputs_.clear();
    kind_ = kind;
    state_ = State::none;
    put_together_ = repeated_ = 0;
  }

  template <class Put>
  void record(Device& device, const Batch& like, const Adams& adams, Put& put) {
    auto& recorder = dynamic_cast<RecordingBackend&>(device.backend());
    inputs_.clear();
    try {
      for (const auto& storage : storages_of(like)) inputs_.push_back(device.backend().allocate(storage->bytes()));
      const Batch batch = in_memory(like, inputs_);
      for (Adam* adam : adams) adam->drop_derived();  // what is made of weights that learn has to be part of the step
      work_ = recorder.record([&] {
        losses_ = put(batch);
        for (std::size_t i = 0; i < adams.size(); ++i) updates_[i] = adams[i]->deferred_updates();
      });
      recorder_ = &recorder;
      state_ = State::recorded;
    } catch (const std::exception&) {  // what could not be recorded is put together each time
      losses_.reset();
      inputs_.clear();
      state_ = State::refused;
    }
    for (Adam* adam : adams) {
      adam->drop_derived();  // was recorded, but never made; and lies in memory that belongs to the recording
      adam->settle(0);       // nothing was done yet
    }
  }

  std::shared_ptr<StepLosses> repeat(const Batch& batch, const Adams& adams) {
    const auto from = storages_of(batch);
    for (Adam* adam : adams) adam->drop();
    for (std::size_t i = 0; i < inputs_.size(); ++i) recorder_->copy(*from[i], *inputs_[i]);
    try {
      for (std::size_t i = 0; i < adams.size(); ++i) adams[i]->repeat(*losses_->deferred(), updates_[i]);
      work_->repeat();
    } catch (...) {
      for (Adam* adam : adams) adam->settle(0);  // nothing was done
      throw;
    }
    if (repeated_ < worth) ++repeated_;
    return losses_;
  }

  std::uint64_t kind_ = 0;
  State state_ = State::none;
  int awaited_ = 1;                      ///< steps of a kind that are put together before one is recorded
  int put_together_ = 0, repeated_ = 0;  ///< of this kind; repetitions are counted as far as they matter
  RecordingBackend* recorder_ = nullptr;
  std::vector<std::shared_ptr<Storage>> inputs_;
  std::shared_ptr<StepLosses> losses_;
  std::array<DeferredUpdates, 2> updates_;
  std::unique_ptr<RecordedWork> work_;  ///< last: what it is bound to outlives it
};

}  // namespace pix2pixhd::inline v0::detail
