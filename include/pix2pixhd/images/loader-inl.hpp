#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/images/loader.hpp>

#include <algorithm>
#include <exception>
#include <stop_token>
#include <utility>

namespace pix2pixhd::inline v0 {
namespace detail {

PIX2PIXHD_INLINE const LoaderOptions& checked(const LoaderOptions& options) {
  require(options.batch >= 1 && options.ahead >= 1 && options.threads >= 1, "A loader was asked for batches of ",
          options.batch, " samples, to hold ", options.ahead, " of them ready, and for ", options.threads,
          " threads; each must be at least 1.");
  return options;
}

/// Stacks one part of all samples, if the first has it.
template <class Stacked, class Part>
std::optional<Stacked> stack_part(const std::vector<Sample>& samples, std::optional<Part> Sample::*part,
                                  const char* what) {
  const Sample& first = samples.front();
  const std::optional<Part>& wanted = first.*part;
  for (const Sample& sample : samples) {
    const std::optional<Part>& given = sample.*part;
    require(given.has_value() == wanted.has_value(), "Samples ", first.name, " and ", sample.name,
            " cannot form a batch: only one of them has ", what, ".");
    if (!given) continue;
    const std::size_t rank = given->dimension();
    const auto side = [rank](const Part& array, std::size_t i) { return array.shape()[rank - i]; };
    require(given->shape() == wanted->shape(), "Samples ", first.name, " and ", sample.name,
            " cannot form a batch: ", what, " are ", side(*wanted, 1), "x", side(*wanted, 2), " and ", side(*given, 1),
            "x", side(*given, 2), " pixels. Crop or resize all to the same size, or train on batches of one.");
  }
  if (!wanted) return std::nullopt;
  typename Stacked::shape_type shape{};
  std::copy(wanted->shape().rbegin(), wanted->shape().rbegin() + static_cast<std::ptrdiff_t>(shape.size()) - 1,
            shape.rbegin());
  shape[0] = samples.size();
  Stacked result = Stacked::from_shape(shape);
  auto* to = result.data();
  for (const Sample& sample : samples) to = std::copy_n((sample.*part)->data(), wanted->size(), to);
  return result;
}

}  // namespace detail

PIX2PIXHD_INLINE Loader::Loader(Source source, Sampler sampler, const LoaderOptions& options)
    : source_(std::move(source)),
      sampler_(std::move(sampler)),
      batch_(detail::checked(options).batch),
      state_(sampler_.state()),
      batches_([this] { return draw(); }, options.threads, options.ahead) {}

PIX2PIXHD_INLINE detail::InOrder<LoadedBatch>::Job Loader::draw() {
  LoadedBatch batch{.epoch = sampler_.epoch()};
  std::vector<SampleKey> keys;
  while (keys.size() < batch_ && sampler_.epoch() == batch.epoch) keys.push_back(sampler_.next());
  batch.ends_epoch = sampler_.epoch() != batch.epoch;
  batch.state = sampler_.state();
  return [this, batch = std::move(batch), keys = std::move(keys)](const std::stop_token& stop) mutable {
    for (const SampleKey& key : keys)
      if (!stop.stop_requested()) batch.samples.push_back(source_(key));
    return std::move(batch);
  };
}

PIX2PIXHD_INLINE LoadedBatch Loader::next() {
  if (failure_) std::rethrow_exception(failure_);
  try {
    LoadedBatch batch = std::move(batches_.next().value());  // there is no last one
    state_ = batch.state;
    return batch;
  } catch (...) {
    failure_ = std::current_exception();
    throw;
  }
}

PIX2PIXHD_INLINE StackedSamples stack(const std::vector<Sample>& samples) {
  detail::require(!samples.empty(), "A batch of no samples cannot be made into arrays.");
  using Labels = xt::xtensor<std::uint8_t, 3>;
  using Ids = xt::xtensor<std::int32_t, 3>;
  return {.labels = detail::stack_part<Labels>(samples, &Sample::labels, "label maps"),
          .instances = detail::stack_part<Ids>(samples, &Sample::instances, "instance maps"),
          .input = detail::stack_part<ImageArray>(samples, &Sample::input, "pictures to translate"),
          .image = detail::stack_part<ImageArray>(samples, &Sample::image, "photographs")};
}

PIX2PIXHD_INLINE StackedSamples stack(std::vector<Sample>&& samples) {
  if (samples.size() != 1) return stack(std::as_const(samples));
  Sample& only = samples.front();
  std::optional<ImageArray> input = std::exchange(only.input, {}), image = std::exchange(only.image, {});
  StackedSamples result = stack(std::as_const(samples));
  result.input = std::move(input);
  result.image = std::move(image);
  return result;
}

}  // namespace pix2pixhd::inline v0
