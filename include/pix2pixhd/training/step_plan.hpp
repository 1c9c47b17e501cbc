#pragma once
/// What a training step will cost, before anything is allocated.

#include <pix2pixhd/networks/plan.hpp>
#include <pix2pixhd/training/trainer.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

namespace pix2pixhd::inline v0 {

/// What one batch looks like.
struct BatchShape {
  Shape image = {};        ///< of the photographs
  int classes = 0;         ///< 0: plain pictures, of `input_channels`
  bool instances = false;  ///< whether boundaries of instances are given
  int input_channels = 3;
  int batches = 1;  ///< whose gradients are accumulated
};

/// The cost of one training step on a device.
struct StepPlan {
  std::size_t peak_bytes = 0;       ///< held at most: networks, moments, averages, batch, activations and gradients
  std::size_t parameter_bytes = 0;  ///< of all networks
  std::size_t moment_bytes = 0;     ///< of Adam
  double multiply_adds = 0;
  bool recompute = false;
};

namespace detail {

/// A network of the same type, channels and frozen parts, on the device of a plan.
template <class Net>
Net planned_network(Device& planned, const Net& network) {
  Net result = unfilled(network);
  allocate_parameters(planned, result);
  const auto from = named_arrays(network), to = named_arrays(result);
  for (std::size_t i = 0; i < to.size(); ++i)
    if (to[i].trainable) *to[i].trainable = *from[i].trainable;
  return result;
}

inline Batch planned_batch(Device& planned, const BatchShape& shape, bool encoded) {
  const Shape plane = shape.image.with_channels(1);
  const auto bytes = [&] { return planned.allocate(plane.count()); };
  Batch batch;
  if (shape.classes > 0) {
    auto labels = bytes();
    batch.map = SemanticMap(std::move(labels), shape.instances ? bytes() : nullptr, plane, shape.classes);
  } else {
    batch.map = plain_map(planned, planned.empty(shape.image.with_channels(shape.input_channels)));
  }
  batch.image = planned.empty(shape.image);
  if (shape.instances || encoded)
    batch.instances = InstanceMap(planned.allocate(plane.count() * sizeof(std::int32_t)), plane,
                                  std::vector<int>(static_cast<std::size_t>(plane.n), 1));
  return batch;
}

/// What a step reads of a batch, and as much as a pool keeps of one.
inline std::size_t bytes_read(const Batch& batch) {
  std::size_t sum = 0;
  for (const auto& storage : storages_of(batch)) sum += storage->bytes();
  return sum;
}

template <class G, class D, class E>
StepPlan plan_training_step(Device& device, const G& generator, const D& discriminator, const E* encoder,
                            TrainOptions options, const BatchShape& shape) {
  const auto meta = std::make_shared<MetaBackend>(device.shared_backend());
  Device planned(meta);
  G planned_generator = planned_network(planned, generator);
  D planned_discriminator = planned_network(planned, discriminator);
  std::optional<Vgg19> vgg;
  if (options.perceptual) options.perceptual = &vgg.emplace(planned_network(planned, *options.perceptual));
  if (options.own_loss)  // there are no pictures to give it
    options.own_loss = [](Device& on, const Tensor& synthesised, const Tensor&, double) {
      return LossResult{.value = 0, .gradient = on.empty(synthesised.shape())};
    };
  // Pictures in the pool are of one size; beyond a few, they need not be made to know what they take.
  const int pooled = options.pool;
  options.pool = std::min(pooled, 4);
  StepPlan plan{.recompute = options.recompute};
  const auto run = [&](auto& trainer) {
    plan.parameter_bytes = meta->memory().current();
    std::vector<Batch> batches;
    // The first step makes moments and averages, and each puts a picture of its own into the pool until that is full.
    for (int steps = 2 + options.pool; steps > 0; --steps) {
      batches.clear();
      for (int i = 0; i < shape.batches; ++i) batches.push_back(planned_batch(planned, shape, encoder != nullptr));
      const double before = meta->multiply_adds();
      trainer.step(batches);
      plan.multiply_adds = meta->multiply_adds() - before;
    }
    plan.moment_bytes = trainer.moment_bytes();
    plan.peak_bytes = meta->memory().peak();
    // Up to the end of a step the pool holds what has left it: with each batch but the last, if chance has it so.
    plan.peak_bytes += static_cast<std::size_t>(pooled - options.pool + std::min(shape.batches - 1, pooled)) *
                       bytes_read(batches.front());
    if (recordable(device, options, batches.size(), encoder != nullptr))  // a recorded step has a batch of its own
      plan.peak_bytes += bytes_read(batches.front());
  };
  if constexpr (std::is_same_v<E, NoEncoder>) {
    Trainer trainer(planned, planned_generator, planned_discriminator, options);
    run(trainer);
  } else {
    E planned_encoder;
    if (encoder) planned_encoder = planned_network(planned, *encoder);
    Trainer<G, D, E> trainer(planned, planned_generator, planned_discriminator, encoder ? &planned_encoder : nullptr,
                             options);
    run(trainer);
  }
  return plan;
}

}  // namespace detail

/// Plans the steps of Trainer(device, generator, discriminator, options) on batches of one shape, byte by byte (with a
/// pool and several batches a step, at most so many). Of the networks, types, input channels and frozen parts are read,
/// not values: they need none. A loss of one's own is not called: what it takes beside its gradient is not in the plan.
/// Throws what a step would throw for unsuitable sizes or channels.
template <class G, class D>
StepPlan plan_step(Device& device, const G& generator, const D& discriminator, const TrainOptions& options,
                   const BatchShape& shape) {
  return detail::plan_training_step<G, D, NoEncoder>(device, generator, discriminator, nullptr, options, shape);
}

/// The same with an encoder.
template <class G, class D, class E>
StepPlan plan_step(Device& device, const G& generator, const D& discriminator, const E& encoder,
                   const TrainOptions& options, const BatchShape& shape) {
  return detail::plan_training_step(device, generator, discriminator, &encoder, options, shape);
}

/// A plan that fits into `budget` bytes (0: no limit): as the options say, or else with recomputation. `encoder` may be
/// null. Throws OutOfMemory that says what would be needed and what would help, if neither fits.
template <class G, class D, class E>
StepPlan plan_step_within(std::size_t budget, Device& device, const G& generator, const D& discriminator,
                          const E* encoder, TrainOptions options, const BatchShape& shape) {
  StepPlan plan = detail::plan_training_step(device, generator, discriminator, encoder, options, shape);
  if (budget == 0 || plan.peak_bytes <= budget) return plan;
  if (!options.recompute) {
    options.recompute = true;
    plan = detail::plan_training_step(device, generator, discriminator, encoder, options, shape);
    if (plan.peak_bytes <= budget) return plan;
  }
  throw OutOfMemory(detail::sentence(
      "a training step on ", shape.image.n, " pictures of ", shape.image.w, " x ", shape.image.h, " pixels holds ",
      plan.peak_bytes, " bytes even with recomputation, of which ", plan.parameter_bytes + plan.moment_bytes,
      " are weights and moments; the budget is ", budget, " bytes. Use smaller pictures or crops",
      shape.image.n > 1 ? ", fewer pictures in a batch (gradients can be accumulated over several batches)" : "",
      options.perceptual ? ", no perceptual loss" : "", " or a larger budget."));
}

/// The same without an encoder.
template <class G, class D>
StepPlan plan_step_within(std::size_t budget, Device& device, const G& generator, const D& discriminator,
                          const TrainOptions& options, const BatchShape& shape) {
  return plan_step_within<G, D, NoEncoder>(budget, device, generator, discriminator, nullptr, options, shape);
}

}  // namespace pix2pixhd::inline v0
