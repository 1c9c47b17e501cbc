// Makes pictures from label maps (or from plain images) with a trained generator, in one style or in many.

#include <CLI/CLI.hpp>
#include <pix2pixhd/images/files.hpp>
#include <pix2pixhd/images/in_order.hpp>
#include <pix2pixhd/networks/presets.hpp>
#include <pix2pixhd/pix2pixhd.hpp>
#include <pix2pixhd/store/npy.hpp>
#include <pix2pixhd/store/state_dict.hpp>

#include "tools/background.hpp"
#include "tools/matching.hpp"
#include "tools/network_keys.hpp"
#include "tools/outputs.hpp"
#include "tools/progress.hpp"
#include "tools/synthesize/diversity.hpp"
#include "tools/synthesize/input.hpp"
#include "tools/synthesize/styles.hpp"
#include "tools/tool.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>
#include <iostream>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace pix2pixhd;
using detail::require;
using detail::sentence;
using namespace tools::synthesize;

/// The job of one of several styles.
tools::Job of_style(tools::Job job, int number) {
  for (std::filesystem::path* file : {&job.output, &job.raw})
    if (!file->empty())
      file->replace_filename(sentence(file->stem().string(), "_style", number + 1, file->extension().string()));
  return job;
}

/// Error, before any work, unless the results can be written where they shall lie.
void check_outputs(const Options& options, const std::vector<tools::Job>& jobs, bool folders) {
  tools::Outputs outputs{options.weights, options.styles.clusters, options.styles.encoder};
  for (const tools::Job& job : jobs)
    for (const std::filesystem::path& input : {job.input, job.instances, job.style, job.features}) outputs.reads(input);
  const auto check = [&](const tools::Job& job) {
    output_format(job.output);
    require(job.raw.empty() || job.raw.extension() == ".npy", job.raw, " must end in .npy.");
    for (const std::filesystem::path& output : {job.output, job.raw})
      folders ? outputs.writes_in_folder(output) : outputs.writes(output);
  };
  for (const tools::Job& job : jobs)
    for (int i = 0; i < options.styles.styles; ++i) check(options.styles.styles > 1 ? of_style(job, i) : job);
  outputs.writes(options.gallery, ".html");
}

/// Pictures that could not be made. They are named by whichever thread finds out.
class BadPictures {
 public:
  /// Runs `work` for a picture, and says what it throws.
  void guard(const tools::Job& job, tools::Progress& progress, const std::function<void()>& work) {
    try {
      work();
    } catch (const std::bad_alloc&) {
      name(job, progress, "the memory of the machine does not suffice");
    } catch (const std::exception& error) {
      name(job, progress, error.what());
    }
  }
  /// After all work.
  std::size_t count() const { return count_; }

 private:
  void name(const tools::Job& job, tools::Progress& progress, const char* problem) {
    const std::lock_guard lock(mutex_);
    ++count_;
    progress.clear();
    std::cerr << sentence("synthesize: ", job.input.string(), ": error: ", problem, '\n');
  }

  std::mutex mutex_;
  std::size_t count_ = 0;
};

void write(const tools::Job& job, const xt::xtensor<float, 4>& picture, bool folders) {
  if (folders) tools::make_folder_of(job.output);
  write_image(job.output, picture);
  if (job.raw.empty()) return;
  if (folders) tools::make_folder_of(job.raw);
  write_npy(job.raw, picture);
}

template <class Net>
void synthesize(const Options& options) {
  using Clock = std::chrono::steady_clock;
  const std::vector<tools::Job> jobs = tools::list_jobs(options.files);
  const bool folders = std::filesystem::is_directory(options.files.input);
  check_outputs(options, jobs, folders);

  Device device = options.device.open();
  std::cerr << "device: " << device.name() << ", " << device.description() << '\n';
  Net generator;
  tools::load_of_preset(options.weights, [&] {
    load(device, generator, options.weights, tools::network_keys("synthesize", options.weights, options.load));
  });
  const int channels = input_channels(generator);
  check_channels(options, channels);
  StyleSource style(device, options.styles, options.files, channels, options.classes, !options.files.instances.empty());
  StyleReport report(options.plain ? 1 : options.classes, options.gallery);

  tools::Progress progress("forward");
  SessionOptions session_options{.budget = options.device.budget};
  // A pass that somebody follows is not recorded for a GPU, where it is over before one has looked.
  const int file_threads = folders ? tools::file_threads(device) : 0;
  if (progress.shown() && !tools::is_gpu(device))
    session_options.progress = [&](double fraction) { progress(fraction); };
  Session session(device, generator, session_options);

  // While a picture is made, the next ones are read and those before it written.
  constexpr std::size_t ahead = 2;
  BadPictures bad;
  auto next = jobs.begin();
  const auto begin_reading = [&]() -> detail::InOrder<Scene>::Job {
    if (next == jobs.end()) return {};
    return [&options, &job = *next++, channels](const std::stop_token&) { return read_scene(options, job, channels); };
  };
  detail::InOrder<Scene> scenes(begin_reading, file_threads, ahead);
  tools::Background writing(file_threads);

  const auto paint = [&](const tools::Job& job, const auto& input) {
    const Clock::time_point begin = Clock::now();
    const Tensor y = session(input);
    auto picture = std::make_shared<const ImageArray>(download(device, y));
    const std::chrono::duration<double> taken = Clock::now() - begin;  // a GPU is waited for by the download only
    progress.clear();
    if (file_threads == 0)
      write(job, *picture, folders);
    else
      writing.add([&bad, &progress, job, picture] { bad.guard(job, progress, [&] { write(job, *picture, true); }); });
    std::printf("forward %.3f s\n", taken.count());
    std::fflush(stdout);
    std::cerr << sentence(job.output.string(), ": ", y.shape().w, " x ", y.shape().h, " pixels, at most ",
                          device.memory().peak() / 1'000'000, " MB held\n");
    return picture;
  };
  const auto make = [&](const tools::Job& job) {
    const Scene scene = scenes.next().value();  // as many as jobs
    if (options.plain) {
      paint(job, upload(device, scene.image));
      return;
    }
    const SceneMaps& maps = scene.maps;
    const SemanticMap map = semantic_map(device, maps.labels, maps.instances, options.classes, no_class);
    const int styles = style.empty() ? 1 : options.styles.styles;
    std::vector<ImageArray> pictures;
    for (int i = 0; i < styles; ++i) {
      const auto picture = style.empty()
                               ? paint(job, map)
                               : paint(styles > 1 ? of_style(job, i) : job,
                                       join(map, upload(device, style(job, maps, static_cast<std::uint64_t>(i)))));
      if (i < report.takes(styles)) pictures.push_back(*picture);
    }
    if (!pictures.empty()) report.add(job, maps, pictures);
  };
  if (!folders) {
    make(jobs.front());
    return report.finish();
  }
  // One bad picture among thousands must not cost a night: the others are made all the same.
  for (const tools::Job& job : jobs) bad.guard(job, progress, [&] { make(job); });
  writing.finish();
  report.finish();
  require(bad.count() == 0, bad.count(), " of ", jobs.size(),
          " pictures could not be made; the errors above name them.");
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  std::filesystem::path labels, image;
  CLI::App app("Makes pictures from label maps, or from plain images, with a trained generator.", "synthesize");
  tools::add_preset(app, options.preset);
  app.add_option("--weights", options.weights, "Weights of the generator, .safetensors or .pth")->required();
  app.add_option("--prefix", options.load.prefix, "Of the generator's keys, where the file holds more than them");
  app.add_option("--labels", labels, "Label map, PNG or .npy, or a folder of them");
  app.add_option("--instances", options.files.instances,
                 "Instance map, PNG or .npy, or a folder of them; files of one picture have the same name");
  app.add_option("--input", image, "Image, PNG, JPEG or .npy, or a folder of them: for networks on plain images");
  app.add_option("--classes", options.classes, "Number of classes of the label maps")
      ->check(CLI::Range(1, 255))
      ->capture_default_str();
  app.add_option("--ignore-label", options.ignore, "Label that stands for no class")->check(CLI::Range(0, 255));
  app.add_option("--output", options.files.output, "The picture, .png or .jpg, or a folder")->required();
  app.add_option("--raw", options.files.raw, "The same as float32 [1, out, H, W] in [-1, 1]: .npy, or a folder");
  options.styles.add_to(app, options.files);
  app.add_option(
      "--gallery", options.gallery,
      "A page to write, .html, with the first 24 maps and their pictures, which lie beside it in NAME_pictures");
  options.device.add_to(app);
  app.footer(
      "Pictures have any size from 16x16 on. Prints \"forward 1.234 s\" for each; all else goes to stderr. In a "
      "folder, "
      "bad pictures are named and passed over, and the exit status is then 1.");
  return tools::run(app, argc, argv, [&] {
    if (labels.empty() == image.empty()) throw tools::UsageError("give one of --labels and --input");
    options.plain = labels.empty();
    if (options.plain && !options.files.instances.empty()) throw tools::UsageError("--instances needs --labels");
    if (options.plain && options.ignore) throw tools::UsageError("--ignore-label needs --labels");
    if (options.plain && !options.gallery.empty()) throw tools::UsageError("--gallery needs --labels");
    if (options.plain) tools::refuse(app, {"--classes"}, "needs --labels");
    options.styles.finish(app, options.files, options.plain);
    options.files.input = options.plain ? image : labels;
    with_preset(options.preset, [&]<class Net>(std::type_identity<Net>) { synthesize<Net>(options); });
  });
}
