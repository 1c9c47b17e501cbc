// Trains a generator: from folders of label maps and photographs to weights, coarse to fine, resumable to the bit.

#include <CLI/CLI.hpp>
#include <pix2pixhd/networks/any_encoder.hpp>
#include <pix2pixhd/networks/presets.hpp>
#include <pix2pixhd/pix2pixhd.hpp>
#include <pix2pixhd/store/folder_lock.hpp>
#include <pix2pixhd/training/step_plan.hpp>

#include "tools/tool.hpp"
#include "tools/train/command_line.hpp"
#include "tools/train/options.hpp"
#include "tools/train/run.hpp"
#include "tools/train/stage.hpp"

#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using namespace pix2pixhd;
using namespace tools::train;
using detail::require;
using detail::sentence;

/// The keys of a network in a file: a file of weights has them as they are, a checkpoint of a run under a prefix.
LoadOptions keys_in(const std::filesystem::path& file, const std::string& network) {
  const auto opened = open_tensor_file(file);
  if (!opened->metadata().contains("pix2pixhd.checkpoint")) return {};
  return {.prefix = "value/" + network + "/"};
}

bool is_checkpoint(const std::filesystem::path& file) { return !keys_in(file, "G").prefix.empty(); }

/// Trains with generators of one preset: the depths from 0 to that of `Net`.
template <class Net>
class Session {
 public:
  using D = DiscriminatorOf<Net>;
  static constexpr int last_depth = Net::depth;
  static constexpr int scales = static_cast<int>(std::tuple_size_v<typename D::Output>);

  Session(Run& run, Vgg19* vgg) : run_(run), discriminator_(discriminator_channels(run)) {
    run_.options.training.perceptual = vgg;
    if (run.options.features > 0) encoder_.emplace(preset_encoder_shape(run.options.preset, run.options.features));
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
  using At = Generator<Depth, Net::shape>;
  template <int Depth>
  using TrainerAt = Trainer<At<Depth>, D, AnyEncoder>;

  static int discriminator_channels(const Run& run) { return run.data.channels + run.data.picture_channels; }

  template <int Depth>
  At<Depth> make() const {
    return At<Depth>(run_.data.channels + run_.options.features);
  }

  AnyEncoder* encoder() { return encoder_ ? &*encoder_ : nullptr; }

  template <int Depth>
  void plan_depth() {
    const auto generator = make<Depth>();
    for (const Stage& stage : run_.stages) {
      if (stage.depth != Depth) continue;
      const AugmentOptions augment = augment_options<At<Depth>>(run_.options, last_depth);
      const Sample sample = pix2pixhd::augment(run_.data.training->read(0), augment, {});
      const auto& sides = sample.image->shape();
      const BatchShape shape{.image = {run_.options.batch, run_.data.picture_channels, static_cast<int>(sides[2]),
                                       static_cast<int>(sides[3])},
                             .classes = run_.data.training->classes(),
                             .instances = run_.data.has_instances(),
                             .input_channels = run_.data.channels,
                             .batches = run_.options.accumulate};
      const auto budget = static_cast<std::size_t>(run_.options.device.budget);
      const StepPlan plan =
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
    load(run_.device, generator, file, keys_in(file, "G"));
    load_others(file, "--fine-tune");
    start(std::move(generator));
  }

  /// The discriminators and the encoder of a checkpoint; the encoder of other weights is in a file of its own.
  void load_others(const std::filesystem::path& file, const char* option) {
    const bool checkpoint = is_checkpoint(file);
    if (checkpoint) load(run_.device, discriminator_, file, keys_in(file, "D"));
    if (!encoder_) return;
    const auto& other = run_.options.encoder;
    require(checkpoint || !other.empty(), option, " ", file.string(),
            " holds a generator alone, which reads the features of an encoder; give its weights by --encoder.");
    if (other.empty())
      load(run_.device, *encoder_, file, keys_in(file, "E"));
    else
      load(run_.device, *encoder_, other, keys_in(other, "E"));
  }

  void around_inner() {
    if constexpr (last_depth > 0) {
      auto generator = make<last_depth>();
      initialize(run_.device, generator, run_.options.seed + last_depth);
      const auto& file = run_.options.inner;
      LoadOptions keys = keys_in(file, "G");
      keys.extra = {last_depth > 1 ? "model" + std::to_string(last_depth - 1) : "model"};  // the head it had
      load(run_.device, generator.trunk.inner, file, keys);
      load_others(file, "--inner");
      start(std::move(generator));
    }
  }

  /// Goes on in the stage of the checkpoint, whose depth is known at run time only.
  template <int Depth>
  void resume_at() {
    if (run_.stage().depth != Depth) {
      if constexpr (Depth < last_depth) return resume_at<Depth + 1>();
      throw Error(sentence("the run's stage has depth ", run_.stage().depth, ", the preset at most ", last_depth, "."));
    }
    auto generator = make<Depth>();
    allocate_parameters(run_.device, generator);  // the checkpoint's values take the place of these
    allocate_parameters(run_.device, discriminator_);
    if (encoder_) allocate_parameters(run_.device, *encoder_);
    TrainerAt<Depth> trainer(run_.device, generator, discriminator_, encoder(), run_.options.training);
    const auto path = run_.checkpoints.latest().value();
    const CheckpointSections sections = trainer.resume(path);
    Reporting reporting(run_, trainer.steps(), sections, scales);
    std::cerr << "going on from " << path.string() << ", step " << trainer.steps() << '\n';
    follow(reporting, generator, trainer);
  }

  template <int Depth>
  void start(At<Depth> generator) {
    TrainerAt<Depth> trainer(run_.device, generator, discriminator_, encoder(), run_.options.training);
    run_.save(trainer, {{"log", ""}});  // first of all, so that a run that was begun can be resumed
    Reporting reporting(run_, std::nullopt, {}, scales);
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
  std::optional<AnyEncoder> encoder_;
};

/// Error where a run is to go on and there is none.
void require_run(bool there, const Options& options) {
  require(!options.goes_on() || there, options.output.string(), " holds no checkpoint; start without ",
          options.resume ? "--resume" : "--extend", ", or give the folder of the run.");
}

/// Error unless the folder is as the way to begin wants it.
void check_folder(const Options& options, const CheckpointFolder& checkpoints) {
  const auto latest = checkpoints.latest();
  require(options.goes_on() || !latest, options.output.string(), " holds a training run, whose last checkpoint is ",
          latest ? latest->filename().string() : "",
          "; go on with --resume, go beyond its end with --extend, or choose another folder.");
  require_run(latest.has_value(), options);
}

template <class Net>
void train(Options options) {
  // What is wrong with the options is said before a folder is made.
  require_run(fs::is_directory(options.output), options);
  std::vector<Stage> stages;
  if (!options.goes_on()) stages = options.stages(Net::depth);
  CheckpointFolder checkpoints(options.output, static_cast<std::size_t>(options.keep));
  const FolderLock lock(options.output);
  check_folder(options, checkpoints);
  Position position;
  if (options.goes_on()) {
    const std::filesystem::path latest = checkpoints.latest().value();
    const CheckpointSections sections = read_sections(latest);
    check_same_options(options, sections, latest);
    options.begin = begin_of(sections, latest);
    position = position_of(sections, latest);
    stages = stages_of(sections, latest, position, options, Net::depth);
  }

  Device device = options.device.open();
  std::cerr << "device: " << device.name() << ", " << device.description() << '\n';
  Data data = open_data(options);
  std::cerr << "data: " << data.training->size() << " training samples"
            << (data.held_out ? sentence(", ", data.held_out->size(), " held out") : ", none held out") << "; "
            << data.channels + options.features << " channels for the generator"
            << (options.features > 0 ? sentence(", of which ", options.features, " are features") : "") << '\n';
  std::optional<Vgg19> vgg;
  if (!options.vgg.empty()) load(device, vgg.emplace(), options.vgg);

  Run run{.options = std::move(options),
          .device = device,
          .data = std::move(data),
          .checkpoints = std::move(checkpoints),
          .stages = std::move(stages),
          .position = position};
  Session<Net> session(run, vgg ? &*vgg : nullptr);
  session.plan();
  session.train();
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app(
      "Trains a generator on folders of label maps and photographs: G1 alone at low resolution, then each enhancer "
      "around it.",
      "train");
  options.add_to(app);
  app.footer(
      "In --output afterwards: generator.safetensors for synthesize, best_generator.safetensors (fewest texture "
      "differences on held-out pictures), with --features encoder.safetensors beside each, checkpoints, steps.csv, "
      "evaluations.csv, report.html. Control-C stops after "
      "the step that is being made, with a checkpoint; --resume goes on from there as if nothing had happened.");
  return tools::run(app, argc, argv, [&] {
    options.finish();
    with_preset(options.preset, [&]<class Net>(std::type_identity<Net>) { train<Net>(options); });
  });
}
