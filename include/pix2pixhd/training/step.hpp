#pragma once
/// Forward and backward of one optimisation step.

#include <pix2pixhd/layers/trainable.hpp>
#include <pix2pixhd/networks/discriminator.hpp>
#include <pix2pixhd/networks/feature_encoder.hpp>
#include <pix2pixhd/networks/generator.hpp>
#include <pix2pixhd/ops/maps.hpp>
#include <pix2pixhd/training/diagnosis.hpp>
#include <pix2pixhd/training/image_pool.hpp>
#include <pix2pixhd/training/objective.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>

namespace pix2pixhd::inline v0 {

/// What one step learns from. `instances` is read by the encoder only. For plain image-to-image data `map` is
/// plain_map(device, picture to translate).
struct Batch {
  SemanticMap map = {};
  Tensor image = {};
  InstanceMap instances = {};
};

/// The terms of one step: G_GAN, G_GAN_Feat, G_VGG, D_real, D_fake, and the caller's own.
struct Losses {
  float gan = 0, matching = 0, perceptual = 0, real = 0, fake = 0;
  float own = 0;
};

/// A term of one's own in the generator's objective: `weight` times a mean over the synthesised pictures, and its
/// gradient by them, like absolute_difference(device, synthesised, real, weight).
using PictureLoss =
    std::function<LossResult(Device& device, const Tensor& synthesised, const Tensor& real, double weight)>;

/// The objective of a training run, and how its steps are made.
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
  std::uint64_t seed = 0;           ///< of the picture pool
  float discriminator_rate = 1.0f;  ///< D's learning rate as a multiple of the generator's
  double average = 0;               ///< decay of averaged weights of G and E; 0: none are kept
  PictureLoss own_loss = {};        ///< empty: none. Its weight is 1; multiply it within as you like
  bool recompute = false;           ///< residual blocks and front ends save their inputs only
};

/// Stands for the encoder where there is none.
struct NoEncoder {};

namespace detail {

/// The device of a step as each network sees it: in whether it keeps packed weights, and whether its backward passes
/// deliver gradients to an optimiser.
struct StepDevices {
  Device compute, generator, discriminator;
};

/// The networks of a step and what it is made of (paper, section 3; reference: golden.py, training_case): one forward
/// pass of G; D on the synthesised and on the real picture; G's gradient from the adversarial, matching and perceptual
/// terms; D's gradient from half the sum of its two terms. D(x, fake) is computed once where no pool of earlier
/// pictures intervenes.
template <class G, class D, class E>
class TrainingStep {
 public:
  static constexpr bool has_encoder = !std::is_same_v<E, NoEncoder>;

  TrainingStep(G& generator, D& discriminator, E* encoder, const TrainOptions& options)
      : generator_(generator), discriminator_(discriminator), encoder_(encoder), options_(options) {}

  /// Adds the gradients of `share` times the objectives to those of the networks. Throws Error, before any weight is
  /// changed, if a loss is not finite.
  Losses accumulate(StepDevices on, const Batch& batch, double share, ImagePool<SemanticMap>& pool) {
    Device& device = on.compute;
    typename G::template Context<Mode::train> generator_context;
    Encoded encoded;
    const SemanticMap input = encode(on.generator, batch, encoded);
    const bool encoder_learns = learns(encoder_);
    const Need of_generator = encoder_learns ? Need::both : Need::parameters;
    const Tensor fake = resolve(device, generator_.forward(on.generator, input, generator_context,
                                                           {.need = of_generator, .recompute = options_.recompute}));

    DiscriminatorContext fake_context, real_context;
    const bool pooled = pool.capacity() > 0;
    // One picture after the other, to keep little at a time: of the real one D's features stay until their places are
    // taken by the gradient of matching; and D is gone through to its end before G.
    auto on_real =
        discriminator_.forward(device, join(batch.map, batch.image), real_context, {.need = Need::parameters});
    auto real = discriminator_loss(device, options_.gan, on_real, true, share / 2);
    discriminator_.backward(device, std::move(real.gradient), real_context, Need::parameters);
    auto on_fake = discriminator_.forward(device, join(batch.map, fake), fake_context,
                                          {.need = pooled ? Need::input : Need::both});

    auto adversarial = generator_loss(device, options_.gan, on_fake, share);
    auto matching = feature_matching(device, on_fake, std::move(on_real), share * options_.matching_weight);
    Losses losses{.gan = static_cast<float>(adversarial.value),
                  .matching = static_cast<float>(matching.value),
                  .real = static_cast<float>(2 * real.value)};
    Tensor by_picture;
    if (options_.perceptual) {
      auto perceptual = perceptual_loss(device, *options_.perceptual, fake, batch.image,
                                        share * options_.perceptual_weight, options_.vgg_input);
      losses.perceptual = static_cast<float>(perceptual.value);
      by_picture = std::move(perceptual.gradient);
    }
    if (options_.own_loss) {
      LossResult own = options_.own_loss(device, fake, batch.image, share);
      losses.own = static_cast<float>(own.value);
      by_picture = add(device, std::move(by_picture), std::move(own.gradient));
    }
    // The terms of D on synthesised pictures: on this one, or on one from the pool.
    DiscriminatorContext pool_context;
    typename D::Output on_pooled;
    if (pooled) {
      auto earlier = pool.query({batch.map, fake});
      on_pooled =
          discriminator_.forward(device, join(earlier.map, earlier.image), pool_context, {.need = Need::parameters});
    }
    auto against = discriminator_loss(device, options_.gan, pooled ? on_pooled : on_fake, false, share / 2);
    losses.fake = static_cast<float>(2 * against.value);
    check_finite(device, losses, batch, input);
    on_fake = {};
    on_pooled = {};

    add_to(device, matching.gradient, std::move(adversarial.gradient));
    const Need by_input = pooled ? Need::input : Need::input | Need::keep;
    Tensor by_discriminator = discriminator_.backward(device, std::move(matching.gradient), fake_context, by_input);
    by_picture = add(device, std::move(by_picture), std::move(by_discriminator));
    discriminator_.backward(on.discriminator, std::move(against.gradient), pooled ? pool_context : fake_context,
                            Need::parameters);
    Tensor by_features = generator_.backward(on.generator, std::move(by_picture), generator_context, of_generator);
    if constexpr (has_encoder)
      if (encoder_learns) encoder_->backward(on.generator, std::move(by_features), encoded.context, Need::parameters);
    return losses;
  }

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

  static bool learns(const E* encoder) {
    if constexpr (has_encoder)
      return encoder && has_trainable(*encoder);
    else
      return false;
  }

  /// What G sees. A frozen encoder runs as in inference.
  SemanticMap encode(Device& device, const Batch& batch, Encoded& encoded) {
    if constexpr (has_encoder) {
      if (!encoder_) return batch.map;
      const EncoderInput input{batch.image, batch.instances};
      if (learns(encoder_))
        return join(batch.map, encoder_->forward(device, input, encoded.context,
                                                 {.need = Need::parameters, .recompute = options_.recompute}));
      typename E::template Context<Mode::infer> context;
      return join(batch.map, resolve(device, encoder_->forward(device, input, context)));
    } else {
      return batch.map;
    }
  }

  static void add_to(Device& device, typename D::Output& sum, typename D::Output more) {
    for (std::size_t i = 0; i < sum.size(); ++i)
      for (std::size_t j = 0; j < sum[i].size(); ++j)
        sum[i][j] = add(device, std::move(sum[i][j]), std::move(more[i][j]));
  }

  void check_finite(Device& device, const Losses& losses, const Batch& batch, const SemanticMap& input) const {
    for (const auto& [value, name] :
         {std::pair{losses.gan, "the adversarial loss"}, std::pair{losses.matching, "the feature matching loss"},
          std::pair{losses.perceptual, "the perceptual loss"}, std::pair{losses.own, "the caller's own loss"},
          std::pair{losses.real, "D's loss on the real picture"},
          std::pair{losses.fake, "D's loss on the synthesised picture"}})
      if (!std::isfinite(value))
        throw Error(sentence(name, " is not finite: ",
                             describe_non_finite(device, generator_, discriminator_, input, batch.map, batch.image),
                             "; no weight was changed by it."));
  }

  G& generator_;
  D& discriminator_;
  E* encoder_;
  TrainOptions options_;
};

}  // namespace detail
}  // namespace pix2pixhd::inline v0
