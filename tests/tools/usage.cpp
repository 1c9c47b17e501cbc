/// Options that would have no effect, or contradict each other, and numbers out of their range: wrong usage, which is
/// said before any file is looked for.

#include "tool_testing.hpp"

#include <string>
#include <vector>

using namespace tool_testing;

namespace {

/// Checks that the words, with one more option, are wrong usage, and what is said of it.
void refuse_with(const std::string& tool, std::vector<Word> words, const std::vector<Word>& more,
                 const std::vector<std::string>& parts) {
  words.insert(words.end(), more.begin(), more.end());
  CAPTURE(more.front().text);
  check_refused(run(tool, words), 2, parts);
}

const std::vector<Word> from_labels = {"--preset", "demo", "--weights", "w", "--labels", "l", "--output", "o.png"};
const std::vector<Word> for_training = {"--data", "/proc/d", "--output", "/proc/o"};

}  // namespace

TEST_CASE("evaluate: options of a generator and of a data set say nothing of two folders") {
  const std::vector<Word> folders = {"--synthesised", "a", "--real", "b"};
  for (const std::vector<Word>& more : std::vector<std::vector<Word>>{{"--encoder", "e"},
                                                                      {"--prefix", "G"},
                                                                      {"--features-on", "labels"},
                                                                      {"--instance-rule", "red"},
                                                                      {"--device", "cpu"},
                                                                      {"--precision", "bf16"},
                                                                      {"--threads", "1"},
                                                                      {"--budget", "1GB"}})
    refuse_with("evaluate", folders, more, {more[0].text + " goes with --weights"});
  refuse_with("evaluate", folders, {"--width", "64"}, {"--width goes with --data"});
  refuse_with("evaluate", folders, {"--phase", "test"}, {"--phase goes with --data"});
  refuse_with("evaluate", folders, {"--classes", "8"}, {"--classes goes with --labels"});
  refuse_with("evaluate", folders, {"--ignore-label", "8"}, {"--ignore-label goes with --labels"});
}

TEST_CASE("encode_features and street_scene: sizes and counts need what they are of") {
  const std::vector<Word> encode = {"--encoder", "e", "--data", "d", "--output", "o.safetensors"};
  refuse_with("encode_features", encode, {"--load-width", "64"}, {"--load-width needs --resize scale_width"});
  for (const char* share : {"x/y", "1/0", "-1/-2", "3/2", "a", ""})
    refuse_with("encode_features", encode, {"--min-area", share}, {"it must be a share of the picture"});
  const std::vector<Word> one = {"--labels", "/proc/a.png", "--instances", "/proc/b.png"};
  for (const char* option : {"--train", "--test"})
    refuse_with("street_scene", one, {option, "3"}, {std::string(option) + " goes with --dataset"});
}

TEST_CASE("synthesize: options for what is not drawn and not read") {
  refuse_with("synthesize", from_labels, {"--seed", "1"}, {"--seed needs --clusters"});
  refuse_with("synthesize", from_labels, {"--clusters", "c", "--style-from", "p", "--encoder", "e", "--seed", "1"},
              {"no --style-from"});
  std::vector<Word> plain = from_labels;
  plain[4] = "--input";
  refuse_with("synthesize", plain, {"--classes", "3"}, {"--classes needs --labels"});
}

TEST_CASE("edit: a seed chooses among styles") {
  refuse_with("edit", {"--weights", "w", "--labels", "l"}, {"--seed", "5"}, {"--seed", "needs --clusters"});
}

TEST_CASE("synthesize: one style for a class, and one for an instance") {
  refuse_with("synthesize", from_labels,
              {"--clusters", "c", "--style", "class:1=0", "--style", "instance:1=4", "--style", "class:1=2"},
              {"--style gives class 1 the styles 0 and 2"});
  refuse_with("synthesize", from_labels, {"--clusters", "c", "--style", "instance:1=0", "--style", "instance:1=2"},
              {"--style gives instance 1 the styles 0 and 2"});
  std::vector<Word> twice = from_labels;
  for (const char* word : {"--clusters", "c", "--style", "class:1=0", "--style", "class:1=0"}) twice.emplace_back(word);
  check_refused(run("synthesize", twice), 1, {"does not exist"});
}

TEST_CASE("seeds are not negative") {
  const std::string said = "-1 is less than zero; seeds are whole numbers from 0 on";
  refuse_with("random_weights", {"--preset", "demo", "--output", "/proc/o.safetensors"}, {"--seed", "-1"}, {said});
  refuse_with("street_scene", {"--dataset", "/proc/d"}, {"--seed", "-1"}, {said});
  refuse_with("encode_features", {"--encoder", "e", "--data", "d", "--output", "o.safetensors"}, {"--seed", "-1"},
              {said});
  refuse_with("synthesize", from_labels, {"--clusters", "c", "--seed", "-1"}, {said});
  refuse_with("train", for_training, {"--seed", "-1"}, {said});
}

TEST_CASE("a number out of its range is told from what it has to be") {
  for (const char* number : {"0", "-1", "inf", "nan", "ten"})
    refuse_with("train", for_training, {"--rate", number}, {std::string(number) + " is no number that is more than 0"});
  std::vector<Word> with_preset = for_training;
  for (const char* word : {"--preset", "demo"}) with_preset.emplace_back(word);
  for (const char* number : {"1e-60", "1e200"})  // a double, but no float
    refuse_with("train", with_preset, {"--rate", number}, {"which a float cannot hold"});
  for (const char* option : {"--pixel-weight", "--evaluate-every", "--checkpoint-every"})
    refuse_with("train", for_training, {option, "-1"}, {"-1 is no number from 0 on"});
}
