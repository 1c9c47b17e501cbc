#pragma once
/// The order in which samples are trained on.

#include <pix2pixhd/core/error.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace pix2pixhd::inline v0 {

/// In which order the samples of a data set are gone through.
struct SamplerOptions {
  std::uint64_t seed = 0;
  /// False: in the order of the data set.
  bool shuffle = true;
};

/// What the random choices for one sample depend on, and nothing else: they are the same whatever came before.
struct SampleKey {
  std::uint64_t seed = 0;
  std::uint64_t epoch = 0;
  std::size_t index = 0;  ///< of the sample, in the data set

  friend bool operator==(const SampleKey&, const SampleKey&) = default;
};

/// The order of the samples of an epoch: a permutation that is a function of (seed, epoch) alone.
std::vector<std::uint32_t> epoch_order(std::size_t count, std::uint64_t epoch, const SamplerOptions& options);

/// Walks through one epoch after the other.
class Sampler {
 public:
  /// Error unless there are 1 to 2^32 - 1 samples.
  explicit Sampler(std::size_t count, const SamplerOptions& options = {});

  /// The next sample.
  SampleKey next();

  std::size_t count() const { return count_; }
  /// The epoch of the next sample, from 0, and how many samples of it were given.
  std::uint64_t epoch() const { return epoch_; }
  std::size_t position() const { return position_; }

  /// Text for a checkpoint, in one line.
  std::string state() const;
  /// Goes on where state() was taken. Error, before anything is changed, where the text is damaged or belongs to a
  /// sampler of another number of samples, seed or order.
  void restore(const std::string& state);
  /// Goes on at the beginning of an epoch.
  void start(std::uint64_t epoch);

 private:
  std::size_t count_;
  SamplerOptions options_;
  std::uint64_t epoch_ = 0;
  std::size_t position_ = 0;
  std::vector<std::uint32_t> order_;  ///< of the current epoch; empty until it is needed
};

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/images/sampler-inl.hpp>
#endif
