/// Trunks by themselves.

#include "network_case.hpp"

using namespace tests;

namespace {

constexpr GeneratorShape small{.in = 2, .width = 8, .downsamples = 1, .blocks = 1, .local_blocks = 1};

}  // namespace

TEST_CASE("trunks keep the rules") {
  check_contract<Enhancer<0, small>>({2, 2, 4, 6}, {.probes = 1});
  check_contract<Enhancer<1, small>>({1, 2, 8, 12}, {.probes = 1});
  check_contract<Enhancer<2, small>>({1, 2, 16, 16}, {.probes = 0});
}

TEST_CASE("an inner trunk is the trunk one level down, names and all") {
  using Outer = Enhancer<2, small>;
  static_assert(std::is_same_v<decltype(Outer::inner), Enhancer<1, small>>);
  static_assert(std::is_same_v<decltype(Outer::inner.inner), Enhancer<0, small>>);
  static_assert(Outer::out_channels == 2 && Enhancer<1, small>::out_channels == 4);
  Outer outer;
  const auto all = names_of(outer), inner = names_of(outer.inner);
  REQUIRE(all.size() > inner.size());
  CHECK(std::vector<std::string>(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(inner.size())) == inner);
  CHECK(all.back().starts_with("model2_2."));
}

TEST_CASE("a trunk runs on any size through infer and names the nearest size otherwise") {
  Device device = reference();
  Enhancer<1, small> trunk;
  randomise(device, trunk, 1);
  CHECK(infer(device, trunk, normal_tensor(device, {1, 2, 9, 7})).shape() == Shape{1, 4, 9, 7});
  Enhancer<1, small>::Context<Mode::infer> context;
  check_says(sentence_of([&] {
               trunk.forward(device, normal_tensor(device, {1, 2, 9, 8}), context);
             }),
             {"8 x 9 pixels", "multiples of 4", "8 x 12"});
}
