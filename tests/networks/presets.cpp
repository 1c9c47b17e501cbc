/// Generators by name.

#include <pix2pixhd/networks/presets.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <type_traits>

using namespace pix2pixhd;

namespace {

template <class Net>
std::size_t parameters(int channels) {
  Net network(channels);
  std::size_t count = 0;
  for (const NamedArray& array : named_arrays(network)) count += array.info.sizes().count();
  return count;
}

}  // namespace

TEST_CASE("every name is a preset") {
  for (const std::string_view name : preset_names)
    CHECK(with_preset(name, []<class Net>(std::type_identity<Net>) { return Net::in_channels == dynamic; }));
  CHECK_THROWS_WITH_AS(with_preset("1080p", [](auto) {}),
                       "there is no preset \"1080p\"; the presets are demo, demo_enhanced, 512p, 1024p, 2048p.", Error);
}

TEST_CASE("the preset within a preset") {
  CHECK(preset_within("2048p", 0) == "2048p");
  CHECK(preset_within("2048p", 1) == "1024p");
  CHECK(preset_within("2048p", 2) == "512p");
  CHECK(preset_within("demo_enhanced", 1) == "demo");
  CHECK_THROWS_WITH_AS(preset_within("demo", 1), "there is no preset 1 enhancers within \"demo\".", Error);
  CHECK_THROWS_AS(preset_within("1024p", -1), Error);
}

TEST_CASE("presets are the paper's generators") {
  const auto depth = []<class Net>(std::type_identity<Net>) { return Net::depth; };
  CHECK(with_preset("512p", depth) == 0);
  CHECK(with_preset("1024p", depth) == 1);
  CHECK(with_preset("2048p", depth) == 2);
  const auto size = []<class Net>(std::type_identity<Net>) { return parameters<Net>(36); };
  CHECK(with_preset("1024p", size) == 182857059);
  CHECK(with_preset("demo", size) < 1000000);
}
