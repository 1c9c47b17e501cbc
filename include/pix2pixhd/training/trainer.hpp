#pragma once
/// One optimisation step after the other.

#include <pix2pixhd/networks/discriminator.hpp>
#include <pix2pixhd/networks/feature_encoder.hpp>
#include <pix2pixhd/networks/generator.hpp>
#include <pix2pixhd/ops/maps.hpp>
#include <pix2pixhd/training/adam.hpp>
#include <pix2pixhd/training/checkpoint.hpp>
#include <pix2pixhd/training/image_pool.hpp>
#include <pix2pixhd/training/objective.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <type_traits>
#include <utility>

namespace pix2pixhd::inline v0 {

/// What one step learns from. `instances` is read by the encoder only.
struct Batch {
  SemanticMap map = {};
  Tensor image = {};
  InstanceMap instances = {};
};

/// The terms of one step: G_GAN, G_GAN_Feat, G_VGG, D_real, D_fake.
struct Losses {
  float gan = 0, matching = 0, perceptual = 0, real = 0, fake = 0;
};

struct TrainOptions {
  float learning_rate = 2e-4f;
  float beta1 = 0.5f;
  float matching_weight = 10.0f;
  Gan gan = Gan::least_squares;
  const Vgg19* perceptual = nullptr;  ///< null: no perceptual loss
  int pool = 0;                       ///< earlier pictures kept for the discriminator
  bool keep_gradients = false;        ///< false: each gradient goes into Adam as it is finished and is released
  float perceptual_weight = 10.0f;
  VggInput vgg_input = VggInput::parity;
  std::uint64_t seed = 0;  ///< of the picture pool
};

/// Stands for the encoder where there is none.
struct NoEncoder {};

/// Trains a generator against a discriminator, with an encoder of instance features if one is given: G then sees
/// join(map, E(image, instances)), D sees map and image, and E learns with G.
///
/// A step (paper, section 3; reference: golden.py, training_case): one forward pass of G; D on the synthesised and on
/// the real picture; G's gradient from the adversarial, matching and perceptual terms; D's gradient from half the sum
/// of its two terms, at the weights before the step; one step of Adam for both. D(x, fake) is computed once a step
/// where no pool of earlier pictures intervenes.
///
/// The networks must be initialised or loaded, outlive the trainer and keep their addresses.
template <class G, class D, class E = NoEncoder>
class Trainer {
 public:
  static constexpr bool has_encoder = !std::is_same_v<E, NoEncoder>;

  Trainer(Device& device, G& generator, D& discriminator, TrainOptions options = {}) requires(!has_encoder)
      : Trainer(device, generator, discriminator, nullptr, options) {}
  Trainer(Device& device, G& generator, D& discriminator, E& encoder, TrainOptions options = {}) requires(has_encoder)
      : Trainer(device, generator, discriminator, &encoder, options) {}
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;

  /// One step on one batch. Throws Error, before any weight is changed by it, if a loss is not finite.
  Losses step(const Batch& batch) {
    Device to_generator = options_.keep_gradients ? device_ : device_.delivering(&generator_adam_);
    Device to_discriminator = options_.keep_gradients ? device_ : device_.delivering(&discriminator_adam_);
    zero_gradients();

    typename G::template Context<Mode::train> generator_context;
    Encoded encoded;
    const SemanticMap input = encode(batch, encoded);
    const Tensor fake = resolve(device_, generator_.forward(device_, input, generator_context,
                                                            {.need = has_encoder ? Need::both : Need::parameters}));

    DiscriminatorContext fake_context, real_context;
    const bool pooled = pool_.capacity() > 0;
    const auto on_fake = discriminator_.forward(device_, join(batch.map, fake), fake_context,
                                                {.need = pooled ? Need::input : Need::both});
    const auto on_real =
        discriminator_.forward(device_, join(batch.map, batch.image), real_context, {.need = Need::parameters});

    auto adversarial = generator_loss(device_, options_.gan, on_fake);
    auto matching = feature_matching(device_, on_fake, on_real, options_.matching_weight);
    auto real = discriminator_loss(device_, options_.gan, on_real, true, 0.5);
    Losses losses{.gan = static_cast<float>(adversarial.value),
                  .matching = static_cast<float>(matching.value),
                  .real = static_cast<float>(2 * real.value)};
    Tensor by_picture;
    if (options_.perceptual) {
      auto perceptual = perceptual_loss(device_, *options_.perceptual, fake, batch.image, options_.perceptual_weight,
                                        options_.vgg_input);
      losses.perceptual = static_cast<float>(perceptual.value);
      by_picture = std::move(perceptual.gradient);
    }
    // The terms of D on synthesised pictures: on this one, or on one from the pool.
    DiscriminatorContext pool_context;
    typename D::Output on_pooled;
    if (pooled) {
      auto earlier = pool_.query({batch.map, fake});
      on_pooled =
          discriminator_.forward(device_, join(earlier.map, earlier.image), pool_context, {.need = Need::parameters});
    }
    auto against = discriminator_loss(device_, options_.gan, pooled ? on_pooled : on_fake, false, 0.5);
    losses.fake = static_cast<float>(2 * against.value);
    check_finite(losses);

    add_to(matching.gradient, std::move(adversarial.gradient));
    const Need by_input = pooled ? Need::input : Need::input | Need::keep;
    Tensor by_discriminator = discriminator_.backward(device_, std::move(matching.gradient), fake_context, by_input);
    by_picture = add(device_, std::move(by_picture), std::move(by_discriminator));
    Tensor by_features = generator_.backward(to_generator, std::move(by_picture), generator_context,
                                             has_encoder ? Need::both : Need::parameters);
    if constexpr (has_encoder)
      encoder_->backward(to_generator, std::move(by_features), encoded.context, Need::parameters);

    discriminator_.backward(device_, std::move(real.gradient), real_context, Need::parameters);
    discriminator_.backward(to_discriminator, std::move(against.gradient), pooled ? pool_context : fake_context,
                            Need::parameters);
    if (options_.keep_gradients) {
      generator_adam_.step();
      discriminator_adam_.step();
    }
    ++steps_;
    return losses;
  }

  /// The learning rate of the steps that follow, for a schedule.
  void set_learning_rate(float rate) {
    generator_adam_.set_rate(rate);
    discriminator_adam_.set_rate(rate);
  }
  /// Steps made so far.
  std::int64_t steps() const { return steps_; }

  /// Writes networks, moments, pool, rate and step count, and `sections` (a sampler's state, a schedule's: any text),
  /// to one file, whole or not at all. Throws Error if the file cannot be written; what was there before then stays.
  void save(const std::filesystem::path& path, const CheckpointSections& sections = {}) const;
  /// Goes on where `save` left off, bit for bit. Everything is checked before anything is changed. Returns the
  /// sections.
  CheckpointSections resume(const std::filesystem::path& path);

 private:
  using DiscriminatorContext = typename D::template Context<Mode::train>;
  struct NoContext {};
  template <class Encoder>
  struct EncoderContext {
    using type = typename Encoder::template Context<Mode::train>;
  };
  struct Encoded {
    typename std::conditional_t<has_encoder, EncoderContext<E>, std::type_identity<NoContext>>::type context;
  };

  Trainer(Device& device, G& generator, D& discriminator, E* encoder, const TrainOptions& options)
      : device_(device),
        generator_(generator),
        discriminator_(discriminator),
        encoder_(encoder),
        options_(options),
        generator_adam_(device, {.beta1 = options.beta1}),
        discriminator_adam_(device, {.beta1 = options.beta1}),
        pool_(static_cast<std::size_t>(options.pool), options.seed) {
    detail::require(options.pool >= 0, "TrainOptions::pool must not be negative");
    generator_adam_.add(generator, "G/");
    if constexpr (has_encoder) generator_adam_.add(*encoder, "E/");
    discriminator_adam_.add(discriminator, "D/");
    set_learning_rate(options.learning_rate);
  }

  SemanticMap encode(const Batch& batch, Encoded& encoded) {
    if constexpr (has_encoder)
      return join(batch.map, encoder_->forward(device_, EncoderInput{batch.image, batch.instances}, encoded.context,
                                               {.need = Need::parameters}));
    else
      return batch.map;
  }

  void zero_gradients() {
    const auto clear = [&](auto& network) {
      if (options_.keep_gradients) return pix2pixhd::zero_gradients(device_, network);
      for_each_parameter(network, [](const std::string&, Parameter& parameter) { parameter.grad = {}; });
    };
    clear(generator_);
    clear(discriminator_);
    if constexpr (has_encoder) clear(*encoder_);
  }

  void add_to(typename D::Output& sum, typename D::Output more) {
    for (std::size_t i = 0; i < sum.size(); ++i)
      for (std::size_t j = 0; j < sum[i].size(); ++j)
        sum[i][j] = add(device_, std::move(sum[i][j]), std::move(more[i][j]));
  }

  void check_finite(const Losses& losses) const {
    for (const auto& [value, name] :
         {std::pair{losses.gan, "the adversarial loss"}, std::pair{losses.matching, "the feature matching loss"},
          std::pair{losses.perceptual, "the perceptual loss"}, std::pair{losses.real, "D's loss on the real picture"},
          std::pair{losses.fake, "D's loss on the synthesised picture"}})
      detail::require(
          std::isfinite(value), "step ", steps_ + 1, ": ", name,
          " is not finite; no weight was changed by this step. Go on from an earlier checkpoint with a lower "
          "learning rate");
  }

  Device device_;
  G& generator_;
  D& discriminator_;
  E* encoder_;
  TrainOptions options_;
  Adam generator_adam_, discriminator_adam_;
  ImagePool<SemanticMap> pool_;
  std::int64_t steps_ = 0;
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
