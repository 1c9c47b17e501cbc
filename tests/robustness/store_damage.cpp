/// Truncated and randomly changed files: each either loads or gives an Error. Worth most under sanitizers.

#include <pix2pixhd/store/npy.hpp>
#include <pix2pixhd/store/safetensors.hpp>
#include <pix2pixhd/store/tensor_file.hpp>

#include <doctest/doctest.h>

#include <functional>
#include <random>

#include "../store/store_testing.hpp"

using namespace store_testing;

namespace {

/// A small file of one kind and what reads it.
struct Sample {
  std::string name, bytes;
  std::function<void(const fs::path&)> read;
};

std::vector<Sample> samples() {
  const TemporaryFolder folder;
  const auto read = [](const fs::path& path) { read_all(*pix2pixhd::open_tensor_file(path)); };
  std::vector<Sample> all;
  for (const char* name : {"tiny_zip", "tiny_legacy", "tiny_protocol4_zip", "first_release_legacy", "strided_zip",
                           "strided_legacy", "nested_zip", "nested_legacy", "types_zip", "types_legacy"})
    all.push_back({name, slurp(golden("containers/" + std::string(name) + ".pth")), read});
  const std::vector<float> numbers{1, 2, 3, 4, 5, 6};
  pix2pixhd::write_safetensors(
      folder / "s", {{.name = "b", .shape = {2, 3}}, {.name = "a", .type = pix2pixhd::StoredType::f16, .shape = {6}}},
      [&](const auto&, std::size_t) -> pix2pixhd::TensorValues { return std::span<const float>(numbers); },
      {{"config", "text"}});
  all.push_back({"safetensors", slurp(folder / "s"), read});
  pix2pixhd::write_npy(folder / "n", xt::xtensor<float, 2>{{1, 2, 3}, {4, 5, 6}});
  all.push_back({"npy", slurp(folder / "n"), [](const fs::path& path) { pix2pixhd::read_npy<double, 2>(path); }});
  return all;
}

/// Whether the file loads; anything but success and Error leaves the test.
bool loads(const Sample& sample, const fs::path& path) {
  try {
    sample.read(path);
    return true;
  } catch (const pix2pixhd::Error&) {
    return false;
  }
}

}  // namespace

TEST_CASE("files cut at any length give an Error") {
  const TemporaryFolder folder;
  for (const Sample& sample : samples()) {
    CAPTURE(sample.name);
    spill(folder / "file", sample.bytes);
    REQUIRE(loads(sample, folder / "file"));
    std::size_t loaded = 0;
    for (std::size_t length = 0; length < sample.bytes.size(); ++length) {
      spill(folder / "file", std::string_view(sample.bytes).substr(0, length));
      if (loads(sample, folder / "file")) ++loaded;
    }
    CHECK(loaded == 0);
  }
}

TEST_CASE("files with changed bytes load or give an Error") {
  const TemporaryFolder folder;
  std::mt19937 random(20180101);
  for (const Sample& sample : samples()) {
    CAPTURE(sample.name);
    int loaded = 0, refused = 0;
    for (int round = 0; round < 3000; ++round) {
      std::string bytes = sample.bytes;
      const auto changes = 1U + random() % (round % 3 == 0 ? 1U : 8U);
      for (unsigned i = 0; i < changes; ++i) {
        char& byte = bytes[random() % bytes.size()];
        const auto value = static_cast<unsigned char>(byte);
        // Single bits, the values that lengths and counts dislike, and anything.
        const std::array<unsigned, 4> choices{value ^ (1U << (random() % 8U)), 0xffU, 0U,
                                              static_cast<unsigned>(random() & 0xffU)};
        byte = static_cast<char>(choices[random() % choices.size()]);
      }
      if (round % 10 == 9) {  // Move a stretch of bytes, so that lengths are right but in the wrong place.
        const std::size_t from = random() % bytes.size(), to = random() % bytes.size();
        const std::size_t length = std::min<std::size_t>({random() % 32, bytes.size() - from, bytes.size() - to});
        bytes.replace(to, length, sample.bytes.substr(from, length));
      }
      spill(folder / "file", bytes);
      ++(loads(sample, folder / "file") ? loaded : refused);
    }
    CHECK(refused > 100);
    CHECK(loaded + refused == 3000);
  }
}
