#pragma once
/// One stage of a run: epoch after epoch with a generator of one depth.

#include <pix2pixhd/networks/infer.hpp>
#include <pix2pixhd/training/evaluation.hpp>

#include "reporting.hpp"
#include "run.hpp"
#include "saved_networks.hpp"
#include "step_batches.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace tools::train {

/// What a generator makes of held-out samples.
struct HeldOut {
  pix2pixhd::Figures figures;
  std::vector<pix2pixhd::ImageArray> pictures = {};  ///< of the first scenes, for the report
};

/// Calls paint(sample) for the held-out samples and compares what it returns with their pictures.
template <class Paint>
HeldOut compare_held_out(const Run& run, const pix2pixhd::AugmentOptions& augment, Paint&& paint) {
  using namespace pix2pixhd;
  const Dataset& dataset = *run.data.held_out;
  const std::size_t count = evaluated_pictures(run.data, run.options);
  // As many levels of detail for every picture and in every stage as the smallest one of the first stage has.
  const int halvings = run.stage().depth - run.stages.front().depth;
  const auto side = static_cast<std::size_t>(smallest_picture(dataset, count, augment).side() >> halvings);
  Evaluation evaluation({.classes = dataset.classes(),
                         .channels = static_cast<std::size_t>(run.data.picture_channels),
                         .sliced_wasserstein = {.levels = pyramid_levels(side, side)}});
  HeldOut result;
  for (std::size_t i = 0; i < count; ++i) {
    const Sample sample = prepare(dataset.read(i), augment);
    ImageArray picture = paint(sample);
    if (sample.labels)
      evaluation.add(picture, *sample.image, batch_of_one(*sample.labels));
    else
      evaluation.add(picture, *sample.image);
    if (i < Reporting::scenes) result.pictures.push_back(std::move(picture));
  }
  result.figures = evaluation.figures();
  return result;
}

/// The generator's pictures, with its averaged weights where there are such. An encoder sees the real pictures, so that
/// these are compared with pictures in their own style.
template <class G, class Trainer>
HeldOut evaluate(Run& run, const G& generator, Trainer& trainer, const pix2pixhd::AugmentOptions& augment) {
  using namespace pix2pixhd;
  const auto paint = [&](const Sample& sample) {
    const Batch batch = to_batch(run.device, {sample}, run.data.held_out->classes(), encoded_instances(run));
    SemanticMap input = batch.map;
    if (trainer.encoder())
      input = join(input, infer(run.device, *trainer.encoder(), EncoderInput{batch.image, batch.instances}));
    return download(run.device, infer(run.device, generator, input));
  };
  const auto averaged = trainer.averaged_generator();
  if (!trainer.encoder()) return compare_held_out(run, augment, paint);
  const auto averaged_encoder = trainer.averaged_encoder();
  return compare_held_out(run, augment, paint);
}

/// The figures of painting each class in its mean colour, which a generator should be better than. The colours are
/// those of the first training samples. Nothing without labels or held-out samples.
inline std::optional<pix2pixhd::Figures> mean_colour_figures(const Run& run, const pix2pixhd::AugmentOptions& augment) {
  using namespace pix2pixhd;
  if (!run.data.held_out || !run.data.has_labels()) return {};
  constexpr std::size_t most = 200;
  ClassColours colours(run.data.held_out->classes());
  for (std::size_t i = 0; i < std::min(most, run.data.training->size()); ++i) {
    const Sample sample = prepare(run.data.training->read(i), augment);
    colours.add(batch_of_one(*sample.labels), *sample.image);
  }
  return compare_held_out(run, augment,
                          [&](const Sample& sample) { return colours.paint(batch_of_one(*sample.labels)); })
      .figures;
}

/// Where the generator belongs that a stage makes.
inline fs::path generator_file(const Run& run, int depth, int last_depth) {
  const std::string depth_text = depth == last_depth ? "" : "_depth" + std::to_string(depth);
  return run.checkpoints.path() / ("generator" + depth_text + ".safetensors");
}

/// Makes all steps of a stage that are left. Returns false if it was stopped before the end; there is a checkpoint of
/// the last step then.
template <class G, class Trainer>
bool run_stage(Run& run, Reporting& reporting, G& generator, Trainer& trainer, int last_depth) {
  using namespace pix2pixhd;
  using Clock = std::chrono::steady_clock;
  const Options& options = run.options;
  const Stage& stage = run.stage();
  Position& position = run.position;
  const AugmentOptions augment = augment_options<G>(options, last_depth);
  Loader loader = make_loader(run.device, run.data, options, augment, stage.depth, position.sampler);
  BatchSource source(run, loader);
  reporting.begin_stage(run, augment, mean_colour_figures(run, augment));
  std::int64_t saved = trainer.steps();  // of these there is a checkpoint, or the stage would not begin or go on here
  const auto save = [&] {
    if (saved == trainer.steps()) return;
    run.save(trainer, reporting.sections(), reporting.needed_from());
    saved = trainer.steps();
  };
  // For what may fail although the last step is whole: that shall not cost the steps since the last checkpoint.
  const auto or_save = [&](auto&& work) {
    try {
      return work();
    } catch (...) {
      save();
      throw;
    }
  };
  // What a checkpoint at the end of an epoch is followed by. A run that was killed in between does it when it goes on.
  const auto follow_checkpoint = [&] {
    if (position.epoch == 0) return;
    if (position.best_step == trainer.steps()) {
      run.checkpoints.mark_best(trainer.steps());
      save_networks(run, generator, trainer, run.checkpoints.path() / "best_generator.safetensors");
    }
    if (position.epoch == stage.epochs())
      save_networks(run, generator, trainer, generator_file(run, stage.depth, last_depth));
  };
  if (options.goes_on()) follow_checkpoint();

  while (position.epoch < stage.epochs()) {
    begin_epoch(stage, position.epoch, generator, trainer);
    for (bool epoch_ends = false; !epoch_ends;) {
      const Clock::time_point begin = Clock::now();
      const StepBatches step = or_save([&] { return source.next(); });
      epoch_ends = step.ends_epoch;
      const bool last = epoch_ends && position.epoch + 1 == stage.epochs();
      const Losses losses = trainer.step(step.batches, [&] {
        if (!last) source.get_ahead();
      });
      position.sampler = step.sampler;
      const std::chrono::duration<float> taken = Clock::now() - begin;
      try {
        reporting.step(run, trainer, losses, taken.count());
      } catch (...) {
        if (epoch_ends) ++position.epoch;
        save();
        throw;
      }
      if (epoch_ends) break;
      const bool due = options.checkpoint_every > 0 && trainer.steps() % options.checkpoint_every == 0;
      if (due || run.stopped()) save();
      if (run.stopped()) return false;
    }
    ++position.epoch;
    const bool last = position.epoch == stage.epochs();
    const bool due = options.evaluate_every > 0 && position.epoch % options.evaluate_every == 0;
    // Memory may not suffice for a held-out picture, or the disk for the report.
    const auto look = [&] {
      const HeldOut held_out = evaluate(run, generator, trainer, augment);
      if (stage.depth == last_depth && held_out.figures.texture_distance() < position.best) {
        position.best = held_out.figures.texture_distance();
        position.best_step = trainer.steps();
      }
      reporting.evaluation(run, trainer.steps(), held_out.figures, held_out.pictures);
    };
    if (run.data.held_out && (due || last)) or_save(look);
    save();
    follow_checkpoint();
    if (run.stopped()) return last && stage.depth == last_depth;
  }
  return true;
}

}  // namespace tools::train
