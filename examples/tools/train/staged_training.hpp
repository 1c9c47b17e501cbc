#pragma once
/// Training over depths: how it begins or goes on, and how a generator grows from one stage to the next.

#include <pix2pixhd/networks/any_encoder.hpp>
#include <pix2pixhd/networks/presets.hpp>
#include <pix2pixhd/pix2pixhd.hpp>
#include <pix2pixhd/training/step_plan.hpp>

#include "beginning.hpp"
#include "reporting.hpp"
#include "run.hpp"
#include "stage.hpp"

#include <cstddef>
#include <cstdio>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

namespace tools::train {

/// Training with generators of one preset: the depths from 0 to that of `Net`, each grown from the one before.
template <class Net>
class StagedTraining {
 public:
  using D = pix2pixhd::DiscriminatorOf<Net>;
  static constexpr int last_depth = Net::depth;
  static constexpr int scales = static_cast<int>(std::tuple_size_v<typename D::Output>);

  StagedTraining(Run& run, pix2pixhd::Vgg19* vgg) : run_(run), discriminator_(discriminator_channels(run)) {
    run_.options.training.perceptual = vgg;
    if (run.options.features > 0)
      encoder_.emplace(pix2pixhd::preset_encoder_shape(run.options.preset, run.options.features));
  }

  /// Plans every stage, takes recomputation where the budget asks for it, and says what is needed.
  void plan() { plan_depth<0>(); }

  void train() {
    if (run_.options.goes_on()) return resume_at<0>();
    initialize(run_.device, discriminator_, run_.options.seed + 1'000'000);
    if (encoder_) initialize(run_.device, *encoder_, run_.options.seed + 2'000'000);
    if (run_.options.begin == Begin::fine_tune) return fine_tune();
    if (run_.options.begin == Begin::inner) return around_inner();
    auto generator = make<0>();
    initialize(run_.device, generator, run_.options.seed);
    start(std::move(generator));
  }

 private:
  template <int Depth>
  using At = pix2pixhd::Generator<Depth, Net::shape>;
  template <int Depth>
  using TrainerAt = pix2pixhd::Trainer<At<Depth>, D, pix2pixhd::AnyEncoder>;

  static int discriminator_channels(const Run& run) { return run.data.channels + run.data.picture_channels; }

  template <int Depth>
  At<Depth> make() const {
    return At<Depth>(run_.data.channels + run_.options.features);
  }

  pix2pixhd::AnyEncoder* encoder() { return encoder_ ? &*encoder_ : nullptr; }

  template <int Depth>
  void plan_depth() {
    const auto generator = make<Depth>();
    for (const pix2pixhd::Stage& stage : run_.stages) {
      if (stage.depth != Depth) continue;
      const pix2pixhd::AugmentOptions augment = augment_options<At<Depth>>(run_.options, last_depth);
      const pix2pixhd::PictureSize picture =
          largest_picture(*run_.data.training, augment, run_.options.batch,
                          run_.options.vgg.empty() ? 1 : pix2pixhd::Vgg19::least_side);
      if (run_.data.held_out) {
        const std::size_t count = evaluated_pictures(run_.data, run_.options);
        check_comparable(*run_.data.held_out, count, augment);
      }
      const pix2pixhd::BatchShape shape{
          .image = {run_.options.batch, run_.data.picture_channels, picture.height, picture.width},
          .classes = run_.data.training->classes(),
          .instances = run_.data.has_instances(),
          .input_channels = run_.data.channels,
          .batches = run_.options.accumulate};
      const auto budget = static_cast<std::size_t>(run_.options.device.budget);
      const pix2pixhd::StepPlan plan =
          plan_step_within(budget, run_.device, generator, discriminator_, encoder(), run_.options.training, shape);
      run_.options.training.recompute = run_.options.training.recompute || plan.recompute;
      std::fprintf(stderr,
                   "depth %d: pictures of %d x %d, %.2f TFLOP a step, %.0f MB at most (%.0f MB weights, %.0f MB "
                   "moments)%s\n",
                   Depth, shape.image.w, shape.image.h, 2e-12 * plan.multiply_adds,
                   1e-6 * static_cast<double>(plan.peak_bytes), 1e-6 * static_cast<double>(plan.parameter_bytes),
                   1e-6 * static_cast<double>(plan.moment_bytes),
                   plan.recompute ? ", recomputing activations to fit the budget" : "");
    }
    if constexpr (Depth < last_depth) plan_depth<Depth + 1>();
  }

  void fine_tune() {
    auto generator = make<last_depth>();
    const auto& file = run_.options.fine_tune;
    load(run_.device, generator, file, keys_of(file, "G"));
    load_beside(run_, file, "--fine-tune", discriminator_, encoder());
    start(std::move(generator));
  }

  void around_inner() {
    if constexpr (last_depth > 0) {
      // The whole smaller generator is loaded, its head too, which is dropped: a file of any other is refused.
      auto smaller = make<last_depth - 1>();
      const auto& file = run_.options.inner;
      const pix2pixhd::LoadOptions keys = keys_of(file, "G");
      check_smaller(file, keys.prefix, last_depth);
      load(run_.device, smaller, file, keys);
      load_beside(run_, file, "--inner", discriminator_, encoder());
      start(grow(run_.device, std::move(smaller), run_.options.seed + last_depth));
    }
  }

  /// Goes on in the stage of the checkpoint, whose depth is known at run time only.
  template <int Depth>
  void resume_at() {
    if (run_.stage().depth != Depth) {
      if constexpr (Depth < last_depth) return resume_at<Depth + 1>();
      // stages_of() has made the stages from the preset's depth, so that this is a mistake of the program.
      throw pix2pixhd::Error(pix2pixhd::detail::sentence("the run's stage has depth ", run_.stage().depth,
                                                         ", the preset at most ", last_depth, "."));
    }
    auto generator = make<Depth>();
    allocate_parameters(run_.device, generator);  // the checkpoint's values take the place of these
    allocate_parameters(run_.device, discriminator_);
    if (encoder_) allocate_parameters(run_.device, *encoder_);
    TrainerAt<Depth> trainer(run_.device, generator, discriminator_, encoder(), run_.options.training);
    const auto path = run_.checkpoints.latest().value();
    check_same_data(run_.data, run_.options, pix2pixhd::read_sections(path), path);
    const pix2pixhd::CheckpointSections sections = trainer.resume(path);
    Reporting reporting(run_, trainer.steps(), sections, scales);
    run_.remove_old_checkpoints(trainer.steps(), reporting.needed_from());  // a run that was killed may still owe it
    std::cerr << "going on from " << path.string() << ", step " << trainer.steps() << '\n';
    follow(reporting, generator, trainer);
  }

  template <int Depth>
  void start(At<Depth> generator) {
    TrainerAt<Depth> trainer(run_.device, generator, discriminator_, encoder(), run_.options.training);
    Reporting reporting(run_, std::nullopt, {}, scales);  // refuses a folder with tables of an earlier run
    run_.save(trainer, {{"log", ""}});  // before the first step, so that a run that was begun can be resumed
    follow(reporting, generator, trainer);
  }

  /// This stage and those after it.
  template <int Depth>
  void follow(Reporting& reporting, At<Depth>& generator, TrainerAt<Depth>& trainer) {
    bool complete = false;
    try {
      complete = run_stage(run_, reporting, generator, trainer, last_depth);
    } catch (const std::exception& error) {
      reporting.failed(run_, error.what());
      throw;
    }
    if (!complete) {
      reporting.stopped(run_, trainer.steps());
      return;
    }
    if constexpr (Depth < last_depth) {
      ++run_.position.stage;
      run_.position.epoch = 0;
      run_.position.sampler.reset();
      auto grown = grow(run_.device, std::move(generator), run_.options.seed + Depth + 1);
      TrainerAt<Depth + 1> next(run_.device, grown, discriminator_, encoder(), run_.options.training);
      next.carry_over(std::move(trainer));
      follow(reporting, grown, next);
    } else {
      reporting.finish(run_, trainer.steps());
    }
  }

  Run& run_;
  D discriminator_;
  std::optional<pix2pixhd::AnyEncoder> encoder_;
};

}  // namespace tools::train
