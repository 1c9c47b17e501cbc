#pragma once
/// Samples, loaded ahead on a thread of their own.

#include <pix2pixhd/images/dataset_sample.hpp>
#include <pix2pixhd/images/loader_queue.hpp>
#include <pix2pixhd/images/sampler.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace pix2pixhd::inline v0 {

/// Samples of one batch, all of one epoch.
struct LoadedBatch {
  std::vector<Sample> samples = {};
  std::uint64_t epoch = 0;
  bool ends_epoch = false;
  std::string state = {};  ///< Sampler::state() after this batch
};

/// How many samples make a batch, and how many batches are held ready.
struct LoaderOptions {
  /// Samples in a batch; the last one of an epoch may have fewer.
  std::size_t batch = 1;
  /// Batches that are held ready.
  std::size_t ahead = 3;
};

/// Gives batch after batch, epoch after epoch, without end. Belongs to one thread.
class Loader {
 public:
  /// Makes one sample: reads it from a Dataset and augments it, or invents it. Called on the loader's thread, and on
  /// no other.
  using Source = std::function<Sample(const SampleKey&)>;

  /// Starts loading where `sampler` is. Error for a batch or a queue of none.
  Loader(Source source, Sampler sampler, const LoaderOptions& options = {});
  /// Ends as soon as the sample that is being loaded is there; those held ready are dropped.
  ~Loader() = default;
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  /// The next batch; waits for it. What loading threw is thrown here after the batches that were ready before it, and
  /// again by each call that follows.
  LoadedBatch next();

  /// The sampler's state after the last batch that next() gave, whatever has been loaded ahead: a checkpoint with this
  /// goes on with the batch that follows.
  const std::string& state() const { return state_; }

 private:
  void run(const std::stop_token& stop);
  std::optional<LoadedBatch> load(const std::stop_token& stop);

  Source source_;
  Sampler sampler_;  // of the loading thread
  std::size_t batch_;
  std::string state_;
  detail::LoaderQueue<LoadedBatch> queue_;
  std::jthread thread_;  // last: ends before what it uses
};

/// The samples of a batch as arrays. `labels` and `instances` are empty where the samples have none, as are pictures.
struct StackedSamples {
  std::optional<xt::xtensor<std::uint8_t, 3>> labels = {};     ///< (N, H, W)
  std::optional<xt::xtensor<std::int32_t, 3>> instances = {};  ///< (N, H, W)
  std::optional<ImageArray> input = {};                        ///< (N, C, H, W)
  std::optional<ImageArray> image = {};                        ///< (N, C, H, W)
};

/// Error where there is no sample, or samples differ in their sides or in the parts that they have; both are named.
StackedSamples stack(const std::vector<Sample>& samples);

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/images/loader-inl.hpp>
#endif
