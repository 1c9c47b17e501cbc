#pragma once
/// Samples, loaded ahead on threads of their own.

#include <pix2pixhd/images/dataset_sample.hpp>
#include <pix2pixhd/images/in_order.hpp>
#include <pix2pixhd/images/sampler.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <string>
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
  /// Threads that load a batch each. One is enough for training on a CPU; a GPU may need more to be kept busy.
  int threads = 1;
};

/// Gives batch after batch, epoch after epoch, without end. Belongs to one thread.
class Loader {
 public:
  /// Makes one sample: reads it from a Dataset and augments it, or invents it. Called on the loader's threads, by as
  /// many at once as there are, and on no other.
  using Source = std::function<Sample(const SampleKey&)>;

  /// Starts loading where `sampler` is: the same batches in the same order by any number of threads. Error for a batch
  /// or a queue of none, or no thread.
  Loader(Source source, Sampler sampler, const LoaderOptions& options = {});
  /// Ends as soon as the samples that are being loaded are there; those held ready are dropped.
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
  detail::InOrder<LoadedBatch>::Job draw();

  Source source_;
  Sampler sampler_;  // of the thread that draws
  std::size_t batch_;
  std::string state_;
  std::exception_ptr failure_;
  detail::InOrder<LoadedBatch> batches_;  // last: its threads end before what they use
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
/// The same; of a single sample the pictures are taken over, not copied.
StackedSamples stack(std::vector<Sample>&& samples);

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/images/loader-inl.hpp>
#endif
