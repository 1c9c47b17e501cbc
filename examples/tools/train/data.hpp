#pragma once
/// Training and held-out samples, on their way from folders to the device.

#include <pix2pixhd/images/loader.hpp>
#include <pix2pixhd/ops/maps.hpp>
#include <pix2pixhd/ops/transfer.hpp>
#include <pix2pixhd/training/metrics.hpp>

#include "../encoding.hpp"
#include "../open_dataset.hpp"
#include "options.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tools::train {

/// The data of a run: what is trained on, and what is held out.
struct Data {
  std::unique_ptr<pix2pixhd::Dataset> training;
  std::unique_ptr<pix2pixhd::Dataset> held_out;  ///< null: nothing is
  std::string vgg = "none";                      ///< by which the weights of the perceptual loss are recognised
  int channels = 0;                              ///< of the map: classes and boundaries, or the picture to translate
  int picture_channels = 3;

  bool has_labels() const { return training->has_labels(); }
  bool has_instances() const { return training->has_instances(); }
};

/// The check that a sample's ids and classes do not contradict each other, for runs whose encoder reads the classes of
/// instances from their ids; for others nothing.
inline std::function<void(const pix2pixhd::RawSample&, const pix2pixhd::SampleFiles&)> instance_check(
    const Options& options) {
  const InstanceChoice& choice = options.instances_of;
  if (options.features == 0 || choice.on_labels() || choice.id_rule() == pix2pixhd::IdRule::labels) return {};
  return [choice](const pix2pixhd::RawSample& sample, const pix2pixhd::SampleFiles& files) {
    if (!sample.labels || !sample.instances) return;
    try {
      choice.find(*sample.labels, sample.instances);
    } catch (const pix2pixhd::Error& error) {
      throw pix2pixhd::Error(pix2pixhd::detail::sentence(files.instances, ": ", error.what()));
    }
  };
}

/// Finds and checks all files before training starts. Held out is the phase `test`, where it has pictures.
inline Data open_data(const Options& options) {
  Data data;
  pix2pixhd::DatasetOptions looked_at = options.dataset;
  looked_at.further_check = instance_check(options);
  data.training = open_dataset(options.data, looked_at, "note: ");
  const auto has = [&](const char* folder) { return fs::is_directory(options.data / folder); };
  const bool labels = data.has_labels();
  if (!labels) options.check_without_labels();
  if (labels ? has("test_label") && has("test_img") : has("test_A") && has("test_B")) {
    pix2pixhd::DatasetOptions held_out = looked_at;
    held_out.phase = "test";
    held_out.instances = data.has_instances() ? pix2pixhd::FolderUse::required : pix2pixhd::FolderUse::left_out;
    data.held_out = open_dataset(options.data, held_out, "note: ");
  }
  pix2pixhd::detail::require(options.features == 0 || labels,
                             "--features needs label maps (train_label and train_img); ", options.data,
                             " holds pairs of pictures.");
  if (options.features > 0) options.instances_of.check(data.has_instances(), options.data);
  data.channels = labels ? data.training->classes() + (data.has_instances() ? 1 : 0) : options.dataset.channels;
  data.picture_channels = options.dataset.channels;
  return data;
}

/// What of a sample's preparation depends on the generator: its depth says how far pictures are reduced, its alignment
/// which sides it takes.
template <class Generator>
pix2pixhd::AugmentOptions augment_options(const Options& options, int last_depth) {
  pix2pixhd::AugmentOptions augment = options.augment;
  augment.reduce = 1 << (last_depth - Generator::depth);
  augment.multiple = Generator::alignment;
  return augment;
}

/// The largest picture that augmentation makes of a sample of the set, whose memory a step has to have. Error naming a
/// sample that cannot be prepared or has a side below `least_side` or twice the alignment, or two that cannot form a
/// batch: before an epoch is spent on the others.
inline pix2pixhd::PictureSize largest_picture(const pix2pixhd::Dataset& data, const pix2pixhd::AugmentOptions& augment,
                                              int batch, int least_side) {
  const auto pixels = [](const pix2pixhd::PictureSize& size) { return std::int64_t{size.width} * size.height; };
  const int least = std::max(2 * augment.multiple, least_side);
  pix2pixhd::PictureSize first{}, largest{};
  for (std::size_t i = 0; i < data.size(); ++i) {
    const pix2pixhd::PictureSize size = pix2pixhd::prepared_size(data.sizes().at(i), augment, data.files(i).name);
    if (i == 0) first = size;
    pix2pixhd::detail::require(size.width >= least && size.height >= least, "Sample ", data.files(i).name, " would be ",
                               size.width, "x", size.height, " pixels; the networks need sides of ", least,
                               " at least. Use larger pictures.");
    pix2pixhd::detail::require(batch == 1 || (size.width == first.width && size.height == first.height), "Samples ",
                               data.files(0).name, " and ", data.files(i).name, " cannot form a batch: they would be ",
                               first.width, "x", first.height, " and ", size.width, "x", size.height,
                               " pixels. Crop or resize all to the same size by --resize, or give --batch 1.");
    if (pixels(size) > pixels(largest)) largest = size;
  }
  return largest;
}

/// Held-out pictures that an evaluation looks at: the first ones.
inline std::size_t evaluated_pictures(const Data& data, const Options& options) {
  return data.held_out ? std::min(data.held_out->size(), static_cast<std::size_t>(options.evaluate_pictures)) : 0;
}

/// A held-out picture with the shortest side of all that are evaluated, once they are prepared.
struct SmallestPicture {
  std::size_t index = 0;
  pix2pixhd::PictureSize size = {};

  int side() const { return std::min(size.width, size.height); }
};

/// Of the first `count` held-out samples, one at least. Error naming the sample that cannot be prepared.
inline SmallestPicture smallest_picture(const pix2pixhd::Dataset& held_out, std::size_t count,
                                        const pix2pixhd::AugmentOptions& augment) {
  SmallestPicture smallest;
  for (std::size_t i = 0; i < count; ++i) {
    const SmallestPicture picture{i, pix2pixhd::prepared_size(held_out.sizes().at(i), augment, held_out.files(i).name)};
    if (i == 0 || picture.side() < smallest.side()) smallest = picture;
  }
  return smallest;
}

/// Error unless the first `count` held-out pictures can be compared with others: before an epoch is spent on what they
/// are to judge. What compares the smallest one compares the others.
inline void check_comparable(const pix2pixhd::Dataset& held_out, std::size_t count,
                             const pix2pixhd::AugmentOptions& augment) {
  const SmallestPicture smallest = smallest_picture(held_out, count, augment);
  const pix2pixhd::Sample sample = pix2pixhd::prepare(held_out.read(smallest.index), augment);
  try {
    pix2pixhd::ssim(*sample.image, *sample.image);
  } catch (const pix2pixhd::Error& error) {
    throw pix2pixhd::Error(pix2pixhd::detail::sentence(
        sample.name, ", which is held out, cannot be compared with what is made of it. ", error.what()));
  }
}

/// Samples of the training set in the order and with the augmentation that seed, stage and epoch say, for a run on
/// `device`.
inline pix2pixhd::Loader make_loader(const pix2pixhd::Device& device, const Data& data, const Options& options,
                                     const pix2pixhd::AugmentOptions& augment, int depth,
                                     const std::optional<std::string>& state) {
  const pix2pixhd::Dataset& dataset = *data.training;
  pix2pixhd::Sampler sampler(dataset.size(), {.seed = options.seed + 1'000'003 * static_cast<std::uint64_t>(depth)});
  if (state) sampler.restore(*state);
  const int threads = options.load_threads > 0 ? options.load_threads : std::max(1, file_threads(device));
  return pix2pixhd::Loader(
      [&dataset, augment](const pix2pixhd::SampleKey& key) {
        return pix2pixhd::augment(dataset.read(key.index), augment, key);
      },
      std::move(sampler), {.batch = static_cast<std::size_t>(options.batch), .threads = threads});
}

/// What a generator sees of samples, and what it should make of them; with `instances` also what an encoder reads.
inline pix2pixhd::Batch to_batch(pix2pixhd::Device& device, std::vector<pix2pixhd::Sample> samples, int classes,
                                 const InstanceChoice* instances = nullptr) {
  using namespace pix2pixhd;
  Batch batch;
  const StackedSamples stacked = instances ? stack(samples) : stack(std::move(samples));
  if (instances) batch.instances = encoder_instances(device, samples, *instances);
  batch.image = upload(device, stacked.image.value());
  if (stacked.labels) {
    batch.map = semantic_map(device, *stacked.labels, stacked.instances, classes, no_class);
  } else {
    batch.map = plain_map(device, upload(device, stacked.input.value()));
  }
  return batch;
}

}  // namespace tools::train
