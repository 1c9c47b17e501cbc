#pragma once
/// A small data set and the command lines that train on it.

#include "running_tool.hpp"

#include <pix2pixhd/images/street_scene.hpp>
#include <pix2pixhd/training/checkpoint_folder.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace tool_testing {

/// Appends options; one that is there already gets its new value.
inline std::vector<Word> with(std::vector<Word> words, const std::vector<Word>& more) {
  for (std::size_t i = 0; i < more.size(); ++i) {
    const bool option = more[i].text.starts_with("--");
    const auto found =
        option ? std::find_if(words.begin(), words.end(), [&](const Word& word) { return word.text == more[i].text; })
               : words.end();
    if (found != words.end() && i + 1 < more.size() && found + 1 != words.end())
      *(found + 1) = more[++i];
    else
      words.push_back(more[i]);
  }
  return words;
}

/// Six street scenes of 64x32 to train on and two held out.
struct TrainingCase {
  TemporaryFolder folder;
  fs::path data = folder / "data";

  TrainingCase() {
    const PictureSize size{.width = 64, .height = 32};
    write_street_folders(data, {.phase = "train", .count = 6, .size = size});
    write_street_folders(data, {.phase = "test", .count = 2, .first_seed = 100, .size = size});
  }

  fs::path output(const std::string& name) const { return folder / name.c_str(); }

  /// The words of a run that works, and what is to be appended to them.
  std::vector<Word> words(const std::string& name, const std::vector<Word>& more = {},
                          const std::string& preset = "demo") const {
    std::vector<Word> all = {"--preset",  preset, "--data",   data,  "--output", output(name),
                             "--classes", "8",    "--device", "cpu", "--seed",   "3"};
    return with(all, more);
  }
};

/// A checkpoint without the seconds that its log counted for a line to come: header and data.
inline std::string without_seconds(const std::string& checkpoint) {
  constexpr std::size_t length_bytes = 8, seconds_word = 11;  // of "log 1 every 2 steps 1", the losses and the seconds
  std::uint64_t length = 0;
  std::memcpy(&length, checkpoint.data(), length_bytes);
  nlohmann::json header = nlohmann::json::parse(checkpoint.substr(length_bytes, length));
  auto& log = header.at("__metadata__").at("section.log");
  std::istringstream words(log.get<std::string>());
  std::string kept;
  std::size_t place = 0;
  for (std::string word; words >> word; ++place)
    if (place != seconds_word) kept += word + ' ';
  log = kept;
  return header.dump() + checkpoint.substr(length_bytes + length);
}

/// The bytes of all that a run leaves, by file name; of steps.csv and checkpoints without the seconds, of pages
/// nothing.
inline std::map<std::string, std::string> left_by(const fs::path& run) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator(run)) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_regular_file() || name.ends_with(".html")) continue;
    std::string text = slurp(entry.path());
    if (name == "steps.csv") {
      std::istringstream lines(text);
      std::string kept;
      for (std::string line; std::getline(lines, line);) kept += line.substr(0, line.rfind(',')) + '\n';
      text = kept;
    } else if (name.find("checkpoint") != std::string::npos) {
      text = without_seconds(text);
    }
    files[name] = text;
  }
  return files;
}

/// Checks that two runs left the same, byte by byte.
inline void check_same_run(const fs::path& got, const fs::path& expected) {
  const auto a = left_by(got), b = left_by(expected);
  std::string names_a, names_b;
  for (const auto& [name, text] : a) names_a += name + " ";
  for (const auto& [name, text] : b) names_b += name + " ";
  CHECK(names_a == names_b);
  for (const auto& file : b)
    if (a.contains(file.first)) CHECK_MESSAGE(a.at(file.first) == file.second, file.first);
}

}  // namespace tool_testing
