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
#include <pix2pixhd/training/step_losses.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
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

/// A term of one's own in the generator's objective: `weight` times a mean over the synthesised pictures, and its
/// gradient by them, like absolute_difference(device, synthesised, real, weight). Its value is known when it returns,
/// for which a step waits, unlike for the losses of its own.
using PictureLoss =
    std::function<LossResult(Device& device, const Tensor& synthesised, const Tensor& real, double weight)>;

/// The objective of a training run, and how its steps are made.
struct TrainOptions {
  float learning_rate = 2e-4f;    ///< of G and E until set_learning_rate or begin_epoch gives another
  float beta1 = 0.5f;             ///< of Adam, see AdamOptions
  float matching_weight = 10.0f;  ///< of feature matching, beside an adversarial term of weight 1
  Gan gan = Gan::least_squares;
  const Vgg19* perceptual = nullptr;  ///< null: no perceptual loss
  int pool = 0;  ///< earlier synthesised pictures kept for the discriminator; those of a batch stay together as one
  /// False: each gradient goes into Adam as it is finished and is released, which takes less memory. Networks that run
  /// one of the library's layers several times in a pass need true.
  bool keep_gradients = false;
  float perceptual_weight = 10.0f;  ///< of the perceptual loss, likewise
  VggInput vgg_input = VggInput::parity;
  std::uint64_t seed = 0;           ///< of the picture pool
  float discriminator_rate = 1.0f;  ///< D's learning rate as a multiple of the generator's
  double average = 0;               ///< decay of averaged weights of G and E; 0: none are kept
  PictureLoss own_loss = {};        ///< empty: none. Its weight is 1; multiply it within as you like
  bool recompute = false;  ///< front ends save their inputs only, and residual blocks unless that is little (Residual)
  bool record = true;      ///< repeat recorded steps where the device can; see Trainer::step
};

/// Stands for the encoder where there is none.
struct NoEncoder {};

namespace detail {

/// Throws Error unless an option of TrainOptions is as it has to be.
inline void check_option(bool right, const char* name, double value, const char* allowed) {
  require(right, "TrainOptions::", name, " is ", value, "; it has to be ", allowed, ".");
}

/// Throws Error for options with which the first step would destroy the weights, or that mean nothing.
inline void check_options(const TrainOptions& options) {
  const auto weight = [](const char* name, double value) {
    check_option(std::isfinite(value) && value >= 0, name, value, "finite and not negative");
  };
  weight("learning_rate", options.learning_rate);
  weight("discriminator_rate", options.discriminator_rate);
  weight("matching_weight", options.matching_weight);
  weight("perceptual_weight", options.perceptual_weight);
  check_option(options.beta1 >= 0 && options.beta1 < 1, "beta1", options.beta1, "at least 0 and less than 1");
  check_option(options.average >= 0 && options.average < 1, "average", options.average, "at least 0 and less than 1");
  check_option(options.pool >= 0, "pool", options.pool, "a number of pictures; 0 keeps none");
}

/// The device of a step as each network sees it: in whether it keeps packed weights, and whether its backward passes
/// deliver gradients to an optimiser.
struct StepDevices {
  Device compute, generator, discriminator;
};

/// The networks of a step and what it is made of (paper, section 3; in PyTorch: tests/golden/training_cases.py): one
/// forward pass of G; D on the synthesised and on the real picture; G's gradient from the adversarial, matching and
/// perceptual terms; D's gradient from half the sum of its two terms. D(x, fake) is computed once where no pool of
/// earlier pictures intervenes, and where PyTorch's code computes it twice: running statistics of a batch norm in D
/// then take in each picture once.
template <class G, class D, class E>
class TrainingStep {
 public:
  static constexpr bool has_encoder = !std::is_same_v<E, NoEncoder>;

  TrainingStep(G& generator, D& discriminator, E* encoder, const TrainOptions& options)
      : generator_(generator), discriminator_(discriminator), encoder_(encoder), options_(options) {}

  /// Adds the gradients of `share` times the objectives to those of the networks, and the losses to `losses`. Where one
  /// is known not to be finite it returns before anything is handed to an optimiser; `check_finite` then says why.
  void accumulate(StepDevices on, const Batch& batch, double share, ImagePool<SemanticMap>& pool, StepLosses& losses) {
    using Term = StepLosses::Term;
    Device& device = on.compute;
    require(batch.map.labels() != nullptr, "Trainer: Batch::map is empty; make one by semantic_map.");
    typename G::template Context<Mode::train> generator_context;
    Encoded encoded;
    const SemanticMap input = encode(on.generator, batch, encoded);
    const bool encoder_learns = learns(encoder_);
    const Need of_generator = encoder_learns ? Need::both : Need::parameters;
    const Tensor fake = resolve(device, generator_.forward(on.generator, input, generator_context,
                                                           {.need = of_generator, .recompute = options_.recompute}));

    // One network and one picture after the other, to keep little at a time: VGG, which takes most, before anything of
    // D is there; of the real picture D's features stay until their places are taken by the gradient of matching; and D
    // is gone through to its end before G.
    Tensor by_picture;
    if (options_.perceptual)
      by_picture = perceptual_loss(losses.device(Term::perceptual), *options_.perceptual, fake, batch.image,
                                   share * options_.perceptual_weight, options_.vgg_input)
                       .gradient;
    DiscriminatorContext fake_context, real_context;
    const bool pooled = pool.capacity() > 0;
    // What the map adds to D's first layer is looked up for each picture anew: to keep the sums would save less than a
    // thousandth of a step (bench/layers/label_part.cpp).
    auto on_real =
        discriminator_.forward(device, join(batch.map, batch.image), real_context, {.need = Need::parameters});
    auto real = discriminator_loss(losses.device(Term::real), options_.gan, on_real, true, share / 2);
    discriminator_.backward(device, std::move(real.gradient), real_context, Need::parameters);
    auto on_fake = discriminator_.forward(device, join(batch.map, fake), fake_context,
                                          {.need = pooled ? Need::input : Need::both});

    auto adversarial = generator_loss(losses.device(Term::gan), options_.gan, on_fake, share);
    auto matching =
        feature_matching(losses.device(Term::matching), on_fake, std::move(on_real), share * options_.matching_weight);
    if (options_.own_loss) {
      LossResult own = options_.own_loss(device, fake, batch.image, share);
      losses.set_own(own.value);
      by_picture = add(device, std::move(by_picture), std::move(own.gradient));
    }
    // The terms of D on synthesised pictures: on this one, or on one from the pool.
    DiscriminatorContext pool_context;
    typename D::Output on_pooled;
    if (pooled) {
      if (!losses.finite_so_far()) return;
      auto earlier = pool.query({batch.map, fake});
      on_pooled =
          discriminator_.forward(device, join(earlier.map, earlier.image), pool_context, {.need = Need::parameters});
    }
    auto against =
        discriminator_loss(losses.device(Term::fake), options_.gan, pooled ? on_pooled : on_fake, false, share / 2);
    if (!losses.finite_so_far()) return;
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
  }

  /// Throws Error that says where it came from, if a loss of one of these batches is known and not finite.
  void check_finite(Device& device, const StepLosses& losses, std::span<const Batch> batches) const {
    for (std::size_t i = 0; i < batches.size(); ++i)
      if (const char* const name = first_non_finite(losses.of(i))) {
        const Batch& batch = batches[i];
        throw Error(sentence(name, " is not finite: ",
                             describe_non_finite(device, generator_, discriminator_, encode_frozen(device, batch),
                                                 batch.map, batch.image),
                             "; no weight was changed by it."));
      }
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

  /// What G sees while a step is made. A frozen encoder runs as in inference.
  SemanticMap encode(Device& device, const Batch& batch, Encoded& encoded) {
    if constexpr (has_encoder) {
      if (learns(encoder_))
        return join(batch.map, encoder_->forward(device, {batch.image, batch.instances}, encoded.context,
                                                 {.need = Need::parameters, .recompute = options_.recompute}));
    }
    return encode_frozen(device, batch);
  }

  /// What G sees where nothing is learnt from it.
  SemanticMap encode_frozen(Device& device, const Batch& batch) const {
    if constexpr (has_encoder)
      if (encoder_) {
        typename E::template Context<Mode::infer> context;
        return join(batch.map, resolve(device, encoder_->forward(device, {batch.image, batch.instances}, context)));
      }
    return batch.map;
  }

  static void add_to(Device& device, typename D::Output& sum, typename D::Output more) {
    for (std::size_t i = 0; i < sum.size(); ++i)
      for (std::size_t j = 0; j < sum[i].size(); ++j)
        sum[i][j] = add(device, std::move(sum[i][j]), std::move(more[i][j]));
  }

  G& generator_;
  D& discriminator_;
  E* encoder_;
  TrainOptions options_;
};

}  // namespace detail
}  // namespace pix2pixhd::inline v0
