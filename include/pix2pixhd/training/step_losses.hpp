#pragma once
/// The losses of a training step.

#include <pix2pixhd/core/deferred_step.hpp>
#include <pix2pixhd/core/device.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {

/// The terms of one step: G_GAN, G_GAN_Feat, G_VGG, D_real, D_fake, and the caller's own. A structured binding has the
/// first five: `const auto [gan, matching, perceptual, real, fake] = trainer.step(batch);`.
struct Losses {
  float gan = 0, matching = 0, perceptual = 0, real = 0, fake = 0;
  float own = 0;
};

/// The term of that number, for structured bindings.
template <std::size_t Term>
constexpr float get(const Losses& losses) {
  return std::array{losses.gan, losses.matching, losses.perceptual, losses.real, losses.fake}[Term];
}

}  // namespace pix2pixhd::inline v0

template <>
struct std::tuple_size<pix2pixhd::Losses> : std::integral_constant<std::size_t, 5> {};
template <std::size_t Term>
struct std::tuple_element<Term, pix2pixhd::Losses> : std::type_identity<float> {};

namespace pix2pixhd::inline v0 {
namespace detail {

/// What a loss that is not finite is called in messages; null: all are finite.
inline const char* first_non_finite(const Losses& losses) {
  for (const auto& [value, name] :
       {std::pair{losses.gan, "the adversarial loss"}, std::pair{losses.matching, "the feature matching loss"},
        std::pair{losses.perceptual, "the perceptual loss"}, std::pair{losses.own, "the caller's own loss"},
        std::pair{losses.real, "D's loss on the real picture"},
        std::pair{losses.fake, "D's loss on the synthesised picture"}})
    if (!std::isfinite(value)) return name;
  return nullptr;
}

/// Sums the losses of a step's batches, one batch after the other: on the device, whose values are known at the step's
/// end, or at once where the backend does not defer. The caller's own losses are always known at once.
class StepLosses {
 public:
  enum class Term : std::size_t { gan, matching, perceptual, real, fake };

  /// For steps that search the gradients of at most so many parameters.
  StepLosses(const Device& device, std::size_t batches, std::size_t parameters) {
    if (auto* deferring = dynamic_cast<DeferringBackend*>(&device.backend()))
      deferred_ = deferring->begin_step(terms * batches, parameters);
    sums_.resize(terms * batches);
    own_.resize(batches);
    for (std::size_t term = 0; term < terms; ++term) {
      sinks_[term] = {this, term};
      devices_.push_back(device.summing(&sinks_[term]));
    }
  }
  StepLosses(const StepLosses&) = delete;
  StepLosses& operator=(const StepLosses&) = delete;

  /// Null: values are known at once.
  DeferredStep* deferred() const { return deferred_.get(); }

  /// The device whose losses count as this term of the batch at hand.
  Device& device(Term term) { return devices_[static_cast<std::size_t>(term)]; }
  void set_own(double value) { own_[batch_] = value; }
  /// Goes on to the next batch.
  void next_batch() { ++batch_; }

  /// The losses of a batch, as far as they are known: 0 where they are not.
  Losses of(std::size_t batch) const {
    const auto sum = [&](Term term) {
      return static_cast<float>(sums_[batch * terms + static_cast<std::size_t>(term)]);
    };
    return {.gan = sum(Term::gan),
            .matching = sum(Term::matching),
            .perceptual = sum(Term::perceptual),
            .real = sum(Term::real),
            .fake = sum(Term::fake),
            .own = static_cast<float>(own_[batch])};
  }
  /// Those of all batches.
  Losses sum() const {
    Losses sum;
    for (std::size_t batch = 0; batch < own_.size(); ++batch) {
      const Losses one = of(batch);
      sum.gan += one.gan;
      sum.matching += one.matching;
      sum.perceptual += one.perceptual;
      sum.real += one.real;
      sum.fake += one.fake;
      sum.own += one.own;
    }
    return sum;
  }
  /// Whether those of the batch at hand are finite, as far as they are known.
  bool finite_so_far() const { return first_non_finite(of(batch_)) == nullptr; }

  /// Waits until all losses so far are known. Returns the number of the first gradient whose update was not made, as
  /// DeferredStep::search numbers them.
  std::size_t read() {
    if (!deferred_) return 0;
    DeferredStep::Findings found = deferred_->read();
    sums_ = std::move(found.sums);
    for (std::size_t batch = 0; batch < own_.size(); ++batch)
      if (first_non_finite(of(batch))) return 0;
    return found.first_bad;
  }

 private:
  static constexpr std::size_t terms = 5;
  /// D learns from half the sum of its two terms, which are reported whole.
  static constexpr std::array<double, terms> factors{1, 1, 1, 2, 2};

  struct Sink final : LossSink {
    StepLosses* losses = nullptr;
    std::size_t term = 0;

    Sink() = default;
    Sink(StepLosses* all, std::size_t which) : losses(all), term(which) {}
    void take(Backend& backend, const LossCall& call) override {
      const std::size_t sum = losses->batch_ * terms + term;
      if (losses->deferred_)
        losses->deferred_->add_loss(call, factors[term], sum);
      else
        losses->sums_[sum] += factors[term] * backend.loss(call);
    }
  };

  std::unique_ptr<DeferredStep> deferred_;
  std::vector<double> sums_, own_;
  std::size_t batch_ = 0;
  std::array<Sink, terms> sinks_;
  std::vector<Device> devices_;  ///< one a term
};

}  // namespace detail
}  // namespace pix2pixhd::inline v0
