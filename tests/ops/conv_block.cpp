/// The first block on a map equals the same block on the one-hot tensor that the map stands for.

#include "map_case.hpp"

#include <tuple>

using namespace tests;

namespace {

constexpr double tolerance = 1e-5;

struct Case {
  int n, h, w, classes;
  bool edges;
  int parts;  ///< joined channels, in two parts where there are several
  int level;
  std::uint64_t seed = 3;
};

/// The joined channels of a case, full size.
std::vector<Tensor> parts_of(Device& device, const Case& c) {
  std::vector<Tensor> parts;
  if (c.parts > 0) parts.push_back(normal_tensor(device, {c.n, 1, c.h, c.w}, 11));
  if (c.parts > 1) parts.push_back(normal_tensor(device, {c.n, c.parts - 1, c.h, c.w}, 12));
  return parts;
}

template <class X, class Block>
auto run(Device& device, Block& block, X x, const Shape& dy_shape) {
  zero_gradients(device, block);
  typename Block::template Context<Mode::train> context;
  const Tensor y = block.forward(device, std::move(x), context);
  CHECK(y.shape() == dy_shape);
  const Tensor dx = block.backward(device, normal_tensor(device, y.shape(), 21), context, Need::both);
  std::vector<std::vector<double>> gradients;
  for (const NamedArray& array : named_arrays(block))
    if (array.grad) gradients.push_back(detail::host_values(device, *array.grad));
  return std::tuple(detail::host_values(device, y), gradients,
                    dx.empty() ? std::vector<double>() : detail::host_values(device, dx), dx);
}

template <BlockShape S>
void check_map_case(const Case& c) {
  CAPTURE(c.h);
  CAPTURE(c.w);
  CAPTURE(c.edges);
  CAPTURE(c.parts);
  CAPTURE(c.level);
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    Device& device = on.device;
    const MapArrays arrays(c.n, c.h, c.w, c.classes, c.seed);
    SemanticMap map = arrays.map(device, c.edges);
    Tensor dense = arrays.dense_tensor(device, c.edges);
    for (const Tensor& part : parts_of(device, c)) {
      map = join(map, part);
      dense = concatenated(device, dense, part);
    }
    for (int i = 0; i < c.level; ++i) {
      map = pool(device, map, Pooling::average3);
      dense = pool(device, dense, Pooling::average3);
    }
    REQUIRE(map.shape() == dense.shape());
    ConvBlock<dynamic, 20, S> block(map.shape().c);
    randomise(device, block, 5);
    const ConvGeometry& geometry = decltype(block)::spec.geometry;
    const Shape out{c.n, 20, geometry.output(dense.shape().h), geometry.output(dense.shape().w)};
    const auto [y, gradients, dx, handle] = run(device, block, map, out);
    const auto [dense_y, dense_gradients, dense_dx, dense_handle] = run(device, block, dense, out);
    CHECK(relative_difference(y, dense_y) <= tolerance);
    for (std::size_t i = 0; i < gradients.size(); ++i)
      CHECK(relative_difference(gradients[i], dense_gradients[i]) <= tolerance);
    // The gradient by a map is that of its parts: the last channels of the dense one.
    if (c.parts == 0) {
      CHECK(dx.empty());
    } else {
      REQUIRE(handle.shape() == dense.shape().with_channels(c.parts));
      std::vector<double> expected;
      const std::size_t pixels = dense.shape().pixels(), all = static_cast<std::size_t>(dense.shape().c);
      for (std::size_t n = 0; n < static_cast<std::size_t>(c.n); ++n)
        for (std::size_t i = (all - static_cast<std::size_t>(c.parts)) * pixels; i < all * pixels; ++i)
          expected.push_back(dense_dx[n * all * pixels + i]);
      CHECK(relative_difference(dx, expected) <= tolerance);
    }
  }
}

constexpr BlockShape stem{.kernel = 7, .pad = Pad::reflect};
constexpr BlockShape patch{.kernel = 4, .stride = 2, .norm = Norm::none, .activation = Activation::leaky_relu};

}  // namespace

TEST_CASE("the generator's stem on maps: levels, odd sides, edges, parts") {
  check_map_case<stem>({1, 24, 33, 6, true, 0, 0});
  check_map_case<stem>({2, 17, 21, 35, true, 3, 0});
  check_map_case<stem>({1, 37, 29, 6, true, 0, 1});
  check_map_case<stem>({2, 30, 41, 12, false, 3, 1});
  check_map_case<stem>({1, 45, 38, 6, true, 1, 2});
  check_map_case<stem>({1, 33, 47, 35, false, 0, 2});
  check_map_case<stem>({1, 70, 65, 6, true, 2, 3});
  check_map_case<stem>({1, 4, 4, 3, true, 1, 0});
}

TEST_CASE("the discriminator's first stage on maps") {
  check_map_case<patch>({1, 24, 32, 35, true, 3, 0});
  check_map_case<patch>({2, 15, 17, 6, true, 3, 0});
  check_map_case<patch>({1, 31, 26, 6, true, 3, 1});
  check_map_case<patch>({2, 29, 37, 35, false, 3, 2});
  check_map_case<patch>({1, 21, 22, 4, true, 0, 2});
  check_map_case<patch>({1, 3, 2, 4, true, 1, 2});
}

TEST_CASE("other blocks on maps: no padding to reflect, batch norm, many and few classes") {
  check_map_case<BlockShape{}>({1, 19, 23, 5, true, 2, 0});
  check_map_case<BlockShape{.pad = Pad::replicate, .norm = Norm::batch}>({3, 11, 14, 9, true, 2, 1});
  check_map_case<BlockShape{.kernel = 5, .stride = 2}>({1, 22, 27, 254, false, 1, 0});
  check_map_case<BlockShape{.kernel = 1, .norm = Norm::none}>({1, 9, 9, 1, false, 1, 1});
  check_map_case<BlockShape{.norm = Norm::none, .activation = Activation::none}>({1, 1, 1, 2, true, 1, 0});
}

TEST_CASE("a map of one class and a map that is ignored everywhere") {
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    Device& device = on.device;
    auto labels = xt::xtensor<std::uint8_t, 2>::from_shape({20, 33});
    for (const int label : {2, 9}) {
      std::fill_n(labels.data(), labels.size(), static_cast<std::uint8_t>(label));
      const SemanticMap map = semantic_map(device, labels, std::nullopt, 4, 9);
      ConvBlock<4, 3, BlockShape{.norm = Norm::none, .activation = Activation::none}> block;
      randomise(device, block, 1);
      std::vector<double> dense(4 * labels.size(), 0.0);
      if (label < 4) std::fill_n(dense.begin() + 2 * static_cast<std::ptrdiff_t>(labels.size()), labels.size(), 1.0);
      const Tensor x = detail::device_values(device, {1, 4, 20, 33}, dense);
      CHECK(relative_difference(detail::host_values(device, infer(device, block, map)),
                                detail::host_values(device, infer(device, block, x))) <= tolerance);
    }
  }
}

TEST_CASE("wrong maps are Errors") {
  Device device = reference(), other = reference();
  ConvBlock<5, 3> block;
  initialize(device, block, 1);
  check_says(sentence_of([&] { infer(device, block, MapArrays(1, 8, 8, 5).map(device, true)); }),
             {"5 to 3 channels", "given 6 channels"});
  check_says(sentence_of([&] { infer(device, block, MapArrays(1, 8, 8, 5).map(other, false)); }),
             {"another device", "semantic_map"});
  check_says(sentence_of([&] { infer(device, block, SemanticMap()); }), {"empty semantic map"});
  const SemanticMap mixed = join(MapArrays(1, 8, 8, 4).map(device, false), normal_tensor(other, {1, 1, 8, 8}));
  check_says(sentence_of([&] { infer(device, block, mixed); }), {"to(device, x)"});
}
