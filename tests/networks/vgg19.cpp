/// Names and sizes of the feature extractor; its values are held to PyTorch in tests/golden.

#include "network_case.hpp"

using namespace tests;

TEST_CASE("names are torchvision's, parameters as PyTorch counts them") {
  Vgg19 network;
  std::vector<std::string> expected;
  for (const int layer : {0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28})
    for (const char* what : {".weight", ".bias"}) expected.push_back("features." + std::to_string(layer) + what);
  CHECK(names_of(network) == expected);
  CHECK(parameter_count(network) == 12944960);
  CHECK(named_arrays(network).back().info.shape == std::array<int, 4>{512, 1, 1, 1});
}

TEST_CASE("sides halve between the taps; too small pictures are an Error") {
  Device device = reference();
  detail::VggConv<3, 64> first;
  initialize(device, first, 1);
  Taps<detail::VggConv<3, 4>, Sequential<detail::VggConv<4, 4>, MaxPool, detail::VggConv<4, 8>>> slices;
  initialize(device, slices, 1);
  const auto y = infer(device, slices, normal_tensor(device, {1, 3, 9, 6}));
  CHECK(y[0].shape() == Shape{1, 4, 9, 6});
  CHECK(y[1].shape() == Shape{1, 8, 4, 3});
  check_says(sentence_of([&] { infer(device, slices, normal_tensor(device, {1, 3, 1, 8})); }), {"too small"});
}
