#pragma once
/// What is trained when, and at which learning rate.

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/networks/visit.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace pix2pixhd::inline v0 {

/// A learning rate that is constant for some epochs and then falls linearly towards zero (paper, section 4):
///   rate(e) = rate (1 - max(0, e - epochs) / decay_epochs),  e counted from 0
/// so that the last epoch still has rate / decay_epochs.
struct LearningRate {
  double rate = 2e-4;
  int epochs = 100;
  int decay_epochs = 100;

  int total_epochs() const { return epochs + decay_epochs; }
  /// The rate in an epoch, a function of the epoch alone: it is right whatever epoch training is resumed in. 0 beyond
  /// the last.
  double at(int epoch) const {
    if (epoch >= total_epochs()) return 0;
    return epoch <= epochs ? rate : rate * (1 - static_cast<double>(epoch - epochs) / decay_epochs);
  }
};

/// The training of a generator of one depth. With an inner network, this is frozen for the first epochs, while the
/// new enhancer learns to go with it; then all learn together (paper, section 3.1).
struct Stage {
  int depth = 0;
  int frozen_epochs = 0;
  LearningRate rate = {};

  int epochs() const { return rate.total_epochs(); }
  /// Whether the inner network rests: a question about a range of epochs, so that it is freed in whatever epoch
  /// training is resumed.
  bool inner_frozen(int epoch) const { return depth > 0 && epoch < frozen_epochs; }
  /// "G1", "enhancer 1" or "joint 1": what is trained in an epoch.
  std::string phase(int epoch) const {
    if (depth == 0) return "G1";
    return detail::sentence(inner_frozen(epoch) ? "enhancer " : "joint ", depth);
  }
};

/// Throws Error unless the stage can be run.
inline void check_stage(const Stage& stage) {
  using detail::require;
  require(stage.depth >= 0, "a stage's depth is ", stage.depth, "; it must not be negative.");
  require(stage.rate.rate > 0, "the learning rate is ", stage.rate.rate, "; it must be more than 0.");
  require(stage.rate.epochs >= 0 && stage.rate.decay_epochs >= 0 && stage.epochs() > 0, "a stage has ",
          stage.rate.epochs, " epochs and ", stage.rate.decay_epochs,
          " epochs of decay; neither may be negative, and there must be one at least.");
  require(stage.frozen_epochs >= 0 && stage.frozen_epochs <= stage.epochs(), "the inner network is frozen for ",
          stage.frozen_epochs, " epochs; a stage of ", stage.epochs(), " epochs allows 0 to as many.");
}

/// The paper's order for a generator with `depth` enhancers: G1 alone, then for each enhancer outwards the new one with
/// everything inside it frozen, then all jointly. `stage` says how long each of them is; its depth is not read.
inline std::vector<Stage> coarse_to_fine(int depth, const Stage& stage) {
  std::vector<Stage> stages;
  for (int d = 0; d <= depth; ++d)
    stages.push_back({.depth = d, .frozen_epochs = d > 0 ? stage.frozen_epochs : 0, .rate = stage.rate});
  for (const Stage& one : stages) check_stage(one);
  return stages;
}

/// Sets what learns in an epoch of a stage, and how fast. Call it at the beginning of each epoch, and after resuming.
/// The trainer's learning rate is the stage's from then on. Moments of what is frozen stay. An encoder rests while the
/// inner network does, because that reads its features.
///
/// What rests is the member `trunk.inner` of the generator, which Generator<N> has from N = 1 on, and a generator of
/// one's own whose member `trunk` is a Refine. Throws Error if the stage has frozen epochs and there is no such member.
template <class G, class Trainer>
void begin_epoch(const Stage& stage, int epoch, G& generator, Trainer& trainer) {
  if constexpr (requires { generator.trunk.inner; })
    set_trainable(generator.trunk.inner, !stage.inner_frozen(epoch));
  else
    detail::require(!stage.inner_frozen(epoch), "the stage freezes an inner network in epoch ", epoch,
                    ", and the generator has no member trunk.inner; name it so, or set frozen_epochs to 0.");
  if constexpr (requires { requires Trainer::has_encoder; })
    if (trainer.encoder()) set_trainable(*trainer.encoder(), !stage.inner_frozen(epoch));
  trainer.set_learning_rate(stage.rate.at(epoch));
}

}  // namespace pix2pixhd::inline v0
