#pragma once
/// One optimisation step after the other.

#include <pix2pixhd/training/adam.hpp>
#include <pix2pixhd/training/averages.hpp>
#include <pix2pixhd/training/checkpoint.hpp>
#include <pix2pixhd/training/recorded_step.hpp>
#include <pix2pixhd/training/step.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

namespace pix2pixhd::inline v0 {

/// Trains a generator against a discriminator, with an encoder of instance features if one is given: G then sees
/// join(map, E(image, instances)), D sees map and image, and E learns with G unless it is frozen.
///
/// A step is that of the paper's section 3; both networks' gradients are those at the weights before it, and one step
/// of Adam follows for both. The networks must be initialised or loaded, outlive the trainer and keep their addresses.
/// Constructors throw Error for options out of range: rates and weights have to be finite and not negative, beta1 and
/// average below 1, pool not negative.
template <class G, class D, class E = NoEncoder>
class Trainer {
 public:
  static constexpr bool has_encoder = !std::is_same_v<E, NoEncoder>;

  Trainer(Device& device, G& generator, D& discriminator, TrainOptions options = {}) requires(!has_encoder)
      : Trainer(device, generator, discriminator, nullptr, options) {}
  Trainer(Device& device, G& generator, D& discriminator, E& encoder, TrainOptions options = {}) requires(has_encoder)
      : Trainer(device, generator, discriminator, &encoder, options) {}
  /// For programs that learn at run time whether there is an encoder; null: there is none.
  Trainer(Device& device, G& generator, D& discriminator, E* encoder, const TrainOptions& options)
      : device_(device),
        generator_(generator),
        discriminator_(discriminator),
        encoder_(encoder),
        options_(options),
        step_(generator, discriminator, encoder, options),
        generator_adam_(device, {.beta1 = options.beta1}),
        discriminator_adam_(device, {.beta1 = options.beta1}),
        averages_(options.average),
        pool_(static_cast<std::size_t>(options.pool), options.seed) {
    detail::check_options(options);
    generator_adam_.add(generator, "G/");
    with_encoder([&](auto& network) { generator_adam_.add(network, "E/"); });
    discriminator_adam_.add(discriminator, "D/");
    set_learning_rate(options.learning_rate);
  }
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;

  /// One step on one batch. Throws Error, before any weight is changed by it, if a loss is not finite, and Error naming
  /// the layer if a gradient is not finite; weights whose gradients were finished before it are changed then, unless
  /// TrainOptions::keep_gradients is set. Throws Error too where one of the library's layers runs several times in a
  /// pass, which needs that option. A step that failed leaves the pool as it was.
  ///
  /// A device that can record steps (CUDA) records the third step of a kind and repeats it for batches of the same size
  /// from then on, with the same results to the bit and in the memory of a step, which it keeps meanwhile, and of one
  /// more batch. It does so only while as much memory again is free, and not with an encoder, a pool, a loss of one's
  /// own, keep_gradients or a budget. Whatever is changed between steps (weights that are loaded, parts that are frozen
  /// or freed) has it begin anew. TrainOptions::record = false keeps it from that.
  ///
  /// `meanwhile` is called when everything has been asked of the device and before the losses are waited for: while a
  /// GPU makes the step, the host may prepare the next batch. What it throws is thrown when the step has been made.
  Losses step(const Batch& batch, const std::function<void()>& meanwhile = {}) {
    return step(std::span(&batch, 1), meanwhile);
  }

  /// One step on several batches, whose gradients are accumulated: the same as on one batch of all their pictures, in
  /// the memory of one at a time. (Batch norm takes the statistics of each batch by itself.) Returns the losses of them
  /// all. Throws Error for no batches, otherwise as above; gradients of a step that failed are dropped by the next.
  Losses step(std::span<const Batch> batches, const std::function<void()>& meanwhile = {});

  /// The generator's learning rate in the steps that follow, for a schedule; D's follows by its factor.
  /// Throws Error unless it is finite and not negative.
  void set_learning_rate(double rate) {
    detail::check_option(std::isfinite(rate) && rate >= 0, "learning_rate", rate, "finite and not negative");
    generator_adam_.set_rate(rate);
    discriminator_adam_.set_rate(rate * options_.discriminator_rate);
  }
  double learning_rate() const { return generator_adam_.rate(); }
  /// Steps made so far.
  std::int64_t steps() const { return steps_; }
  const TrainOptions& options() const { return options_; }
  /// Bytes of Adam's moments.
  std::size_t moment_bytes() const { return generator_adam_.bytes() + discriminator_adam_.bytes(); }

  /// Puts the averaged weights in the generator's place until the result is destroyed. No step may be made meanwhile.
  /// Without averages (TrainOptions::average is 0, or no step was made) it does nothing.
  [[nodiscard]] AveragedScope<G> averaged_generator() { return {averages_, generator_, "G/"}; }
  /// The same for the encoder. Throws Error if there is none.
  [[nodiscard]] AveragedScope<E> averaged_encoder() requires(has_encoder) {
    detail::require(encoder_ != nullptr, "Trainer: there is no encoder whose weights could be averaged.");
    return {averages_, *encoder_, "E/"};
  }
  /// The encoder that learns with the generator; null: there is none.
  E* encoder() const { return encoder_; }

  /// Goes on from the trainer of an earlier stage, whose generator was grown into this one and whose discriminator is
  /// this one's: takes over the moments and averages of every parameter that is still there, and the number of steps.
  /// The pool starts anew, because its pictures have another size.
  template <class EarlierG>
  void carry_over(Trainer<EarlierG, D, E>&& earlier) {
    generator_adam_.adopt(std::move(earlier.generator_adam_));
    discriminator_adam_.adopt(std::move(earlier.discriminator_adam_));
    steps_ = earlier.steps_;
    averages_.set({});
    averages_.adopt(earlier.averages_, generator_, "G/");
    with_encoder([&](auto& network) { averages_.adopt(earlier.averages_, network, "E/"); });
  }

  /// Writes networks, moments, averages, pool, rate and step count, and `sections` (a sampler's state, a schedule's:
  /// any text), to one file, whole or not at all. Throws Error if the file cannot be written; what was there before
  /// then stays.
  void save(const std::filesystem::path& path, const CheckpointSections& sections = {}) const;
  /// Goes on where `save` left off, bit for bit. Returns the sections. Throws Error naming the file if it is no
  /// checkpoint, damaged, or of other networks or options; nothing is changed then.
  CheckpointSections resume(const std::filesystem::path& path);

 private:
  template <class, class, class>
  friend class Trainer;

  /// Calls f(encoder) if there is one.
  template <class F>
  void with_encoder(F&& f) const {
    if constexpr (has_encoder)
      if (encoder_) f(*encoder_);
  }

  std::array<Adam*, 2> adams() { return {&generator_adam_, &discriminator_adam_}; }

  /// Asks the device for a step up to its updates. The losses of the result are to be read.
  std::shared_ptr<detail::StepLosses> put(std::span<const Batch> batches);
  void zero_gradients();
  /// Learns what the device has found out in a step. Throws Error if a loss or a gradient was not finite.
  void settle(detail::StepLosses& losses, std::span<const Batch> batches);

  Device device_;
  G& generator_;
  D& discriminator_;
  E* encoder_;
  TrainOptions options_;
  detail::TrainingStep<G, D, E> step_;
  Adam generator_adam_, discriminator_adam_;
  WeightAverages averages_;
  ImagePool<SemanticMap> pool_;
  std::int64_t steps_ = 0;
  detail::StepRecorder recorder_;
};

template <class G, class D>
Trainer(Device&, G&, D&) -> Trainer<G, D, NoEncoder>;
template <class G, class D>
Trainer(Device&, G&, D&, TrainOptions) -> Trainer<G, D, NoEncoder>;
template <class G, class D, class E>
requires(!std::is_same_v<E, TrainOptions>) Trainer(Device&, G&, D&, E&)
->Trainer<G, D, E>;
template <class G, class D, class E>
Trainer(Device&, G&, D&, E&, TrainOptions) -> Trainer<G, D, E>;

}  // namespace pix2pixhd::inline v0

#include <pix2pixhd/training/trainer_state.hpp>
#include <pix2pixhd/training/trainer_step.hpp>
