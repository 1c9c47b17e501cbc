#pragma once
/// Running the tools as a user does.

#include "../store/store_testing.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <pix2pixhd/images/files.hpp>
#include <pix2pixhd/networks/presets.hpp>
#include <pix2pixhd/pix2pixhd.hpp>
#include <pix2pixhd/store/state_dict.hpp>

#include <cstddef>
#include <cstdlib>
#include <string>
#include <vector>

namespace tool_testing {

using namespace pix2pixhd;
using store_testing::contains;
using store_testing::slurp;
using store_testing::spill;
using store_testing::TemporaryFolder;
namespace fs = std::filesystem;

/// How a tool ended.
struct Ended {
  int status = -1;  ///< -1: not by itself
  std::string out, err;
};

/// Words of a command line; paths and texts alike.
struct Word {
  std::string text;
  Word(const char* word) : text(word) {}
  Word(const std::string& word) : text(word) {}
  Word(const fs::path& path) : text(path.string()) {}
};

inline std::string shell_word(const std::string& text) {
  std::string result(1, '\'');
  for (const char c : text) {
    if (c == '\'')
      result.append("'\\''");
    else
      result.push_back(c);
  }
  result.push_back('\'');
  return result;
}

/// Runs a program of the build with these words, after `before` on the shell's command line.
inline Ended run(const std::string& tool, const std::vector<Word>& words, const std::string& before = "") {
  const TemporaryFolder folder;
  std::string command = before + shell_word(std::string(PIX2PIXHD_TOOLS).append("/").append(tool));
  for (const Word& word : words) command.append(" ").append(shell_word(word.text));
  command.append(" > ").append(shell_word((folder / "out").string()));
  command.append(" 2> ").append(shell_word((folder / "err").string())).append(" < /dev/null");
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, slurp(folder / "out"), slurp(folder / "err")};
}

/// The same with a GPU, which the tests' stand-in plays.
inline Ended run_with_gpu(const std::string& tool, std::vector<Word> words) {
  std::string before = "PIX2PIXHD_CACHE= ";
  for (const char* library : {"PIX2PIXHD_CUDA_DRIVER", "PIX2PIXHD_NVRTC", "PIX2PIXHD_CUDNN"})
    before.append(library).append("=").append(shell_word(PIX2PIXHD_STAND_IN)).append(" ");
  for (std::size_t i = 0; i + 1 < words.size(); ++i)
    if (words[i].text == "--device")
      words.erase(words.begin() + static_cast<std::ptrdiff_t>(i), words.begin() + static_cast<std::ptrdiff_t>(i) + 2);
  for (const char* word : {"--device", "cuda"}) words.emplace_back(word);
  return run(tool, words, before);
}

/// Checks that a run failed as it should: exit status, a sentence on stderr with these parts, nothing on stdout.
inline void check_refused(const Ended& ended, int status, const std::vector<std::string>& parts) {
  CAPTURE(ended.err);
  CHECK(ended.status == status);
  CHECK(ended.out.empty());
  for (const std::string& part : parts) CHECK_MESSAGE(contains(ended.err, part), part);
}

/// A label map of `classes` classes with an instance id for each 8x8 block.
struct Maps {
  LabelArray labels;
  InstanceArray instances;

  Maps(std::size_t height, std::size_t width, int classes, std::uint64_t seed = 1)
      : labels(LabelArray::from_shape({height, width})), instances(InstanceArray::from_shape({height, width})) {
    const RandomStream random(seed, "maps");
    for (std::size_t y = 0; y < height; ++y)
      for (std::size_t x = 0; x < width; ++x) {
        const std::size_t block = y / 8 * 100 + x / 8;
        labels(y, x) = static_cast<std::uint8_t>(random.uniform(block) * classes);
        instances(y, x) = static_cast<std::int32_t>(block);
      }
  }
};

/// A folder with the maps of one picture, label.png and instance.png of 5 classes, and demo.safetensors, which takes
/// them.
struct Workplace {
  TemporaryFolder folder;
  Maps maps{40, 56, 5};
  fs::path labels = folder / "label.png", instances = folder / "instance.png", weights = folder / "demo.safetensors";
  fs::path output = folder / "picture.png", raw = folder / "picture.npy";

  Workplace() {
    write_labels(labels, maps.labels);
    write_instances(instances, maps.instances);
    write_weights(weights, 6);
  }

  static void write_weights(const fs::path& path, int channels) {
    Device device = cpu();
    DemoGenerator network(channels);
    initialize(device, network, 1);
    save(device, network, path);
  }

  /// The command line that works, and what is to be appended to it.
  std::vector<Word> words(const std::vector<Word>& more = {}) const {
    std::vector<Word> all = {"--preset", "demo",      "--weights", weights,    "--labels", labels,     "--instances",
                             instances,  "--classes", "5",         "--output", output,     "--device", "cpu"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
};

}  // namespace tool_testing
