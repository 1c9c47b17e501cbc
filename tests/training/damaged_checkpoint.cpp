/// Checkpoints that are whole files but hold what this version does not write: they are refused before anything is
/// changed, or read where an earlier version wrote them.

#include "../devices.hpp"
#include "training_run.hpp"

#include <pix2pixhd/store/safetensors.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

using namespace tests;

namespace {

/// Everything in a checkpoint, to be changed and written anew.
struct Content {
  std::vector<TensorEntry> entries = {};
  std::vector<std::vector<std::byte>> values = {};
  Metadata texts = {};

  explicit Content(const std::filesystem::path& path) {
    const auto file = open_tensor_file(path);
    texts = file->metadata();
    for (const TensorEntry& entry : file->entries()) {
      entries.push_back(entry);
      values.emplace_back(file->count(entry) * size_of(entry.type));
      file->read_bytes(entry, values.back());
    }
  }
  void write(const std::filesystem::path& path) const {
    write_safetensors(
        path, entries,
        [&](const TensorEntry&, std::size_t i) { return TensorValues(std::span<const std::byte>(values[i])); }, texts);
  }
  std::size_t find(const std::string& name) const {
    for (std::size_t i = 0; i < entries.size(); ++i)
      if (entries[i].name == name) return i;
    FAIL("the checkpoint has no " << name);
    return 0;
  }
  /// Gives an array so many values, whatever its parameter has.
  void resize(const std::string& name, std::int64_t count) {
    const std::size_t i = find(name);
    entries[i].shape = {count};
    values[i].assign(static_cast<std::size_t>(count) * size_of(entries[i].type), std::byte{0});
  }
  void set_number(const std::string& name, std::int64_t number) {
    std::memcpy(values[find(name)].data(), &number, sizeof number);
  }
  void erase(const std::string& name) {
    const auto i = static_cast<std::ptrdiff_t>(find(name));
    entries.erase(entries.begin() + i);
    values.erase(values.begin() + i);
  }
};

/// Damages a checkpoint of `options` and tries to resume from it: an Error that says `parts`, and nothing has changed.
void refused(Device device, const std::function<void(Content&)>& damage, const std::vector<std::string>& parts) {
  const TemporaryFolder folder;
  const TrainOptions options{.pool = 1, .average = 0.5};
  Run run(device, options);
  run.trainer.step(batch(device, 0));
  run.trainer.save(folder.path() / "good");
  Content content(folder.path() / "good");
  damage(content);
  content.write(folder.path() / "damaged");

  Run other(device, options);
  const auto before = other.state();
  std::string message;
  try {
    other.trainer.resume(folder.path() / "damaged");
  } catch (const Error& error) {
    message = error.what();
  }
  CAPTURE(message);
  CHECK(message.find((folder.path() / "damaged").string()) != std::string::npos);
  CHECK(message.find("Resume from another one") != std::string::npos);
  for (const std::string& part : parts) {
    CAPTURE(part);
    CHECK(message.find(part) != std::string::npos);
  }
  CHECK(other.state() == before);
  CHECK(other.trainer.steps() == 0);
  other.trainer.step(batch(device, 0));
  CHECK(other.state() == run.state());  // as if nothing had been tried
}

const std::string weight = "G/model1_1.1.weight";

}  // namespace

TEST_CASE("moments and averages of another shape than their parameter's are refused") {
  for (auto& on : all_devices()) {
    CAPTURE(on.name);
    for (const char* kind : {"m/", "v/", "average/"}) {
      CAPTURE(kind);
      const std::string key = kind + weight;
      refused(on.device, [&](Content& c) { c.resize(key, 3); }, {key, "3x1x1x1", "4x5x7x7"});
      refused(on.device, [&](Content& c) { c.resize(key, 100'000); }, {key, "100000x1x1x1", "4x5x7x7"});
    }
  }
}

TEST_CASE("moments that are not complete, and numbers that no run reaches, are refused") {
  Device device = cpu({.threads = 1});
  refused(device, [](Content& c) { c.erase("m/" + weight); }, {"lacks m/" + weight});
  refused(device, [](Content& c) { c.erase("v/" + weight); }, {"lacks v/" + weight});
  refused(device, [](Content& c) { c.set_number("step/" + weight, 0); }, {"step/" + weight, "is 0", "at least 1"});
  refused(device, [](Content& c) { c.set_number("steps", -1); }, {"steps is -1"});
  refused(device, [](Content& c) { c.set_number("pool/drawn", -5); }, {"pool/drawn is -5"});
  for (const char* rate : {"", "fast", "0x1,8p-13", "inf", "-0x1p-13"}) {
    CAPTURE(rate);
    refused(device, [&](Content& c) { c.texts["rate"] = rate; }, {"rate is \"" + std::string(rate) + "\""});
  }
}

TEST_CASE("maps of the pool whose labels are no classes of theirs are refused") {
  Device device = cpu({.threads = 1});
  refused(device, [](Content& c) { c.set_number("pool/0/classes", 1000); }, {"pool/0/classes is 1000", "at most 255"});
  refused(device, [](Content& c) { c.set_number("pool/0/classes", -1); }, {"pool/0/classes is -1"});
  refused(device, [](Content& c) { c.values[c.find("pool/0/labels")][7] = std::byte{200}; },
          {"pool/0/labels holds 200 at place 7"});
  refused(device, [](Content& c) { c.values[c.find("pool/0/edges")][9] = std::byte{2}; },
          {"pool/0/edges holds 2 at place 9"});
}

TEST_CASE("checkpoints of the first versions, whose identity says nothing of seed and VGG's input, are still resumed") {
  const TemporaryFolder folder;
  Device device = cpu({.threads = 1});
  const TrainOptions options{.pool = 1, .seed = 5};
  Run run(device, options), other(device, options);
  run.trainer.step(batch(device, 0));
  run.trainer.save(folder.path() / "state");
  Content content(folder.path() / "state");
  std::string& identity = content.texts.at("identity");
  REQUIRE(identity.ends_with("; seed 5"));
  identity.resize(identity.size() - std::string("; seed 5").size());
  content.write(folder.path() / "early");
  other.trainer.resume(folder.path() / "early");
  CHECK(other.state() == run.state());
}

TEST_CASE("averages of earlier checkpoints, which say nothing of their updates, were updated in each step") {
  const TemporaryFolder folder;
  Device device = cpu({.threads = 1});
  const TrainOptions options{.average = 0.999};
  Run run(device, options), other(device, options);
  for (std::uint64_t k = 0; k < 3; ++k) run.trainer.step(batch(device, k));
  run.trainer.save(folder.path() / "state");
  Content content(folder.path() / "state");
  std::size_t counts = 0;
  for (std::size_t i = content.entries.size(); i-- > 0;)
    if (const std::string name = content.entries[i].name; name.starts_with("average_step/")) {
      content.erase(name);
      ++counts;
    }
  CHECK(counts > 0);
  content.write(folder.path() / "early");
  other.trainer.resume(folder.path() / "early");
  for (Run* one : {&run, &other}) one->trainer.step(batch(device, 3));
  CHECK(other.checkpoint() == run.checkpoint());
}

TEST_CASE("Adam goes on after its memory ran out between the two moments of a parameter") {
  constexpr Shape shape{3, 2, 3, 3};
  Device device = reference({.budget = 8 * shape.count() * sizeof(double)});
  const auto step = [&](Adam& adam, Parameter& parameter) {
    parameter.grad = upload<double>(device, shape, std::vector<double>(shape.count(), 0.5), Role::parameter);
    adam.step();
  };
  Parameter whole, broken;
  for (Parameter* one : {&whole, &broken})
    one->value = upload<double>(device, shape, std::vector<double>(shape.count(), 1.0), Role::parameter);
  const auto optimiser = [&](Parameter& parameter) {
    auto adam = std::make_unique<Adam>(device);
    struct One {
      Parameter* parameter;
      void visit(Names& names, Visitor& visitor) {
        visitor.parameter(names.of("weight"), *parameter,
                          {.shape = {3, 2, 3, 3}, .rank = 4, .role = ParameterRole::weight});
      }
    } network{&parameter};
    adam->add(network, "");
    return adam;
  };
  const auto expected = optimiser(whole), adam = optimiser(broken);
  step(*expected, whole);  // held now: two values, a gradient, two moments
  {
    const Tensor blocking = device.empty(shape);
    CHECK_THROWS_AS(step(*adam, broken), OutOfMemory);  // its gradient and one moment fit
    CHECK(adam->moments().empty());
  }
  step(*adam, broken);
  CHECK(download(device, broken.value) == download(device, whole.value));
  CHECK(adam->moments().at("model.0.weight").step == 1);
}

TEST_CASE("Adam and the averages check what they were given") {
  Device device = cpu({.threads = 1});
  D network;
  initialize(device, network, 1);
  for (const NamedArray& array : named_arrays(network)) {
    if (!array.parameter) continue;
    const auto zeros = [&](const Shape& shape) { return detail::zero_parameter(device, shape); };
    const Shape fitting = array.value->shape(), other{3, 1, 1, 1};
    Adam adam(device);
    adam.add(network, "");
    zero_gradients(device, network);
    adam.set_moments({{array.name, {zeros(fitting), zeros(other), 1}}});
    CHECK_THROWS_WITH_AS(adam.step(), doctest::Contains("3x1x1x1"), Error);
    WeightAverages averages(0.5);
    averages.set({{array.name, {zeros(other), 1}}});
    CHECK_THROWS_WITH_AS(averages.update(device, network, ""), doctest::Contains("3x1x1x1"), Error);
    break;
  }
}
