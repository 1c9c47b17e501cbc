#pragma once
/// How Trainer::step makes a step.

#include <pix2pixhd/training/trainer.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace pix2pixhd::inline v0 {

template <class G, class D, class E>
Losses Trainer<G, D, E>::step(std::span<const Batch> batches, const std::function<void()>& meanwhile) {
  detail::require(!batches.empty(), "Trainer: a step needs at least one batch.");
  bool encodes = false;
  with_encoder([&](const auto&) { encodes = true; });
  const auto put_one = [&](const Batch& batch) { return put({&batch, 1}); };
  std::shared_ptr<detail::StepLosses> losses;
  std::exception_ptr failure;
  ImagePool<SemanticMap> pool_before = pool_;  // shares the pictures
  try {
    losses = detail::recordable(device_, options_, batches.size(), encodes)
                 ? recorder_(device_, batches.front(),
                             detail::step_kind(generator_, discriminator_, options_.perceptual), adams(), put_one)
                 : put(batches);
    try {
      if (meanwhile) meanwhile();
    } catch (...) {
      failure = std::current_exception();
    }
    settle(*losses, batches);
  } catch (...) {
    pool_ = std::move(pool_before);
    throw;
  }
  ++steps_;
  averages_.update(device_, generator_, "G/");
  with_encoder([&](auto& network) { averages_.update(device_, network, "E/"); });
  if (failure) std::rethrow_exception(failure);
  return losses->sum();
}

template <class G, class D, class E>
std::shared_ptr<detail::StepLosses> Trainer<G, D, E>::put(std::span<const Batch> batches) {
  int pictures = 0;
  for (const Batch& batch : batches) pictures += batch.image.shape().n;
  // G's weights are read once a batch and then change: packed forms of them are not worth keeping.
  detail::StepDevices keeping{device_, device_.keeping_derived(false), device_}, delivering = keeping;
  if (!options_.keep_gradients) {
    delivering.generator = keeping.generator.delivering(&generator_adam_);
    delivering.discriminator = device_.delivering(&discriminator_adam_);
  }
  for (Adam* adam : adams()) adam->drop();
  zero_gradients();
  auto losses = std::make_shared<detail::StepLosses>(device_, batches.size(),
                                                     generator_adam_.parameters() + discriminator_adam_.parameters());
  for (Adam* adam : adams()) adam->defer(losses->deferred());
  for (const Batch& batch : batches) {
    const bool last = &batch == &batches.back();
    const double share = static_cast<double>(batch.image.shape().n) / pictures;
    step_.accumulate(last ? delivering : keeping, batch, share, pool_, *losses);
    if (!losses->finite_so_far()) settle(*losses, batches);
    losses->next_batch();
  }
  if (options_.keep_gradients)
    Adam::step_together({&generator_adam_, &discriminator_adam_});
  else
    for (Adam* adam : adams()) adam->finish();
  return losses;
}

template <class G, class D, class E>
void Trainer<G, D, E>::zero_gradients() {
  const auto clear = [&](auto& network) {
    if (options_.keep_gradients) return detail::mark_gradients_zero(device_, network, false);
    for_each_parameter(network, [](const std::string&, Parameter& parameter) { parameter.grad = {}; });
  };
  clear(generator_);
  clear(discriminator_);
  with_encoder(clear);
}

template <class G, class D, class E>
void Trainer<G, D, E>::settle(detail::StepLosses& losses, std::span<const Batch> batches) {
  const std::size_t first_bad = losses.read();
  std::string name;
  for (Adam* adam : adams()) name += adam->settle(first_bad);
  step_.check_finite(device_, losses, batches);
  if (!name.empty()) throw Adam::not_finite(name);
}

}  // namespace pix2pixhd::inline v0
