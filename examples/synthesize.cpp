// Makes pictures from label maps (or from plain images) with a trained generator, in one style or in many.

#include <CLI/CLI.hpp>
#include <pix2pixhd/images/checks.hpp>
#include <pix2pixhd/images/files.hpp>
#include <pix2pixhd/networks/presets.hpp>
#include <pix2pixhd/pix2pixhd.hpp>
#include <pix2pixhd/store/npy.hpp>
#include <pix2pixhd/store/state_dict.hpp>

#include "tools/matching.hpp"
#include "tools/progress.hpp"
#include "tools/synthesize/diversity.hpp"
#include "tools/synthesize/styles.hpp"
#include "tools/tool.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace {

using namespace pix2pixhd;
using detail::require;
using detail::sentence;
using namespace tools::synthesize;

struct Options {
  std::string preset;
  std::filesystem::path weights;
  LoadOptions load;
  tools::Job files;
  bool plain = false;  ///< files.input holds images, not label maps
  int classes = 35;
  std::optional<int> ignore;
  StyleOptions styles;
  std::filesystem::path gallery;
  tools::DeviceChoice device;
};

using Input = std::variant<SemanticMap, Tensor>;

constexpr int smallest_side = 16;

void check_size(const NamedSize& size) {
  require(size.width >= smallest_side && size.height >= smallest_side, size.name, " is ", size.width, " x ",
          size.height, " pixels; both sides must be at least ", smallest_side, ".");
}

/// Error unless the weights take what the options give. The sentence says which options would do. Files of features are
/// checked by StyleSource.
void check_channels(const Options& options, int channels) {
  const std::string weights = sentence(options.weights, " takes ", channels, channels == 1 ? " channel" : " channels");
  if (options.plain) {
    require(channels == 1 || channels == 3, weights, ", but an image has 1 (grey) or 3 (red, green, blue); give label ",
            "maps instead: --labels, with --classes ", channels, ", or with --instances and --classes ", channels - 1,
            ".");
    return;
  }
  const bool instances = !options.files.instances.empty();
  const int given = options.classes + (instances ? 1 : 0);
  if (channels == given || (options.styles.any(options.files) && channels > given)) return;
  const std::string have = sentence(given, given == 1 ? " was" : " were", " given: ", options.classes,
                                    options.classes == 1 ? " class" : " classes",
                                    instances ? " and the boundaries of --instances" : " and no --instances");
  std::string remedy;
  if (!instances && channels == given + 1) {
    remedy = sentence("give --instances, or --classes ", channels);
  } else if (instances && channels == options.classes) {
    remedy = sentence("leave --instances away, or give --classes ", channels - 1);
  } else if (channels > given && channels <= given + 16) {
    remedy = sentence("give --classes ", instances ? channels - 1 : channels,
                      ". If the weights were made with an encoder, ", channels - given,
                      " of their channels are its features: give --clusters, or --style-from and "
                      "--encoder, or --features");
  } else {
    remedy = sentence("give --classes ", instances ? channels - 1 : channels);
  }
  throw Error(sentence(weights, ", but ", have, "; ", remedy, "."));
}

SceneMaps read_maps(const Options& options, const tools::Job& job) {
  SceneMaps maps{.labels = read_labels(job.input)};
  const std::string name = sentence(job.input);
  check_size(named_size(maps.labels, name));
  check_labels(maps.labels, options.classes, options.ignore, name);
  if (options.ignore)
    for (std::uint8_t& label : maps.labels)
      if (label == *options.ignore) label = no_class;
  if (!job.instances.empty()) {
    maps.instances = read_instances(job.instances);
    check_same_size(named_size(maps.labels, name), named_size(*maps.instances, sentence(job.instances)));
  }
  return maps;
}

Tensor read_plain(Device& device, const tools::Job& job, int channels) {
  const ImageArray image = read_image(job.input, {.channels = channels});
  check_size(named_size(image, sentence(job.input)));
  return upload(device, image);
}

/// Error, before any work, unless the results can be written where they shall lie.
void check_outputs(const std::vector<tools::Job>& jobs) {
  for (const tools::Job& job : jobs) {
    output_format(job.output);
    require(job.raw.empty() || job.raw.extension() == ".npy", job.raw, " must end in .npy.");
  }
  // Folders are made by the first picture.
  for (const std::filesystem::path& file : {jobs.front().output, jobs.front().raw})
    if (!file.empty() && jobs.size() == 1 && !file.parent_path().empty())
      require(std::filesystem::is_directory(file.parent_path()), file, " cannot be written: the folder ",
              file.parent_path(), " does not exist.");
}

/// The job of one of several styles.
tools::Job of_style(tools::Job job, int number) {
  for (std::filesystem::path* file : {&job.output, &job.raw})
    if (!file->empty())
      file->replace_filename(sentence(file->stem().string(), "_style", number + 1, file->extension().string()));
  return job;
}

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
  check_outputs(jobs);

  Device device = options.device.open();
  std::cerr << "device: " << device.name() << ", " << device.description() << '\n';
  Net generator;
  load(device, generator, options.weights, options.load);
  const int channels = input_channels(generator);
  check_channels(options, channels);
  StyleSource style(device, options.styles, options.files, channels, options.classes, !options.files.instances.empty());
  StyleReport report(options.plain ? 1 : options.classes, options.gallery);

  tools::Progress progress("forward");
  SessionOptions session_options{.budget = options.device.budget};
  // A pass that somebody follows is not recorded for the GPU, so nobody does where nothing is shown.
  if (progress.shown()) session_options.progress = [&](double fraction) { progress(fraction); };
  Session session(device, generator, session_options);
  const auto paint = [&](const tools::Job& job, const Input& input) {
    const Clock::time_point begin = Clock::now();
    const Tensor y = std::visit([&](const auto& x) { return session(x); }, input);
    const std::chrono::duration<double> taken = Clock::now() - begin;
    progress.clear();
    ImageArray picture = download(device, y);
    write(job, picture, folders);
    std::printf("forward %.3f s\n", taken.count());
    std::fflush(stdout);
    std::cerr << job.output.string() << ": " << y.shape().w << " x " << y.shape().h << " pixels, at most "
              << device.memory().peak() / 1'000'000 << " MB held\n";
    return picture;
  };
  const auto make = [&](const tools::Job& job) {
    if (options.plain) {
      paint(job, read_plain(device, job, channels));
      return;
    }
    const SceneMaps maps = read_maps(options, job);
    const SemanticMap map = semantic_map(device, maps.labels, maps.instances, options.classes, no_class);
    if (style.empty()) {
      report.add(job, maps, {paint(job, map)});
      return;
    }
    const int styles = options.styles.styles;
    std::vector<ImageArray> pictures;
    for (int i = 0; i < styles; ++i)
      pictures.push_back(paint(styles > 1 ? of_style(job, i) : job,
                               join(map, upload(device, style(job, maps, static_cast<std::uint64_t>(i))))));
    report.add(job, maps, std::move(pictures));
  };
  if (!folders) {
    make(jobs.front());
    return report.finish();
  }
  // One bad picture among thousands must not cost a night: the others are made all the same.
  std::size_t bad = 0;
  for (const tools::Job& job : jobs) {
    try {
      make(job);
    } catch (const Error& error) {
      progress.clear();
      ++bad;
      std::cerr << "synthesize: " << job.input.string() << ": error: " << error.what() << '\n';
    }
  }
  report.finish();
  require(bad == 0, bad, " of ", jobs.size(), " pictures could not be made; the errors above name them.");
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
  app.add_option("--gallery", options.gallery, "A page with the maps and pictures to write, .html");
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
    options.styles.finish(options.files, options.plain);
    options.files.input = options.plain ? image : labels;
    with_preset(options.preset, [&]<class Net>(std::type_identity<Net>) { synthesize<Net>(options); });
  });
}
