/// The first layer of a discriminator at the scales of a step of 1024x512: what looking up the part of its labels
/// costs, beside what it would cost to read that part back. bench/results/label_part.json holds what it printed last.
///
/// A step runs this layer on one map with the real picture and then with the synthesised one, and looks the labels up
/// both times. If their sums were kept from the first time to the second, a step would take "kept" instead of one
/// "look-up" of each scale, and the first time would write "bytes" more than it does, which lie there until the second.

#include <benchmark/benchmark.h>
#include <pix2pixhd/pix2pixhd.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace pix2pixhd;

constexpr int width = 1024, height = 512, classes = 35, chunks = 64;
constexpr BlockShape first{.kernel = 4, .stride = 2, .norm = Norm::none, .activation = Activation::leaky_relu};
using First = ConvBlock<39, 64, first>;
using LabelPart = ConvBlock<36, 64, first>;

struct Scene {
  xt::xtensor<std::uint8_t, 2> labels = xt::zeros<std::uint8_t>({height, width});
  xt::xtensor<std::int32_t, 2> instances = xt::zeros<std::int32_t>({height, width});
};

/// Regions of about the size of those in a photograph of a street: strips under a horizon, and objects before them.
Scene street() {
  Scene scene;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const int strip = x / 70, object = x / 128;
      const int dx = x % 128 - 64, dy = y - (height / 2 + 20 * (object % 5));
      const bool in_object = dx * dx + dy * dy / 2 < 400 + 300 * (object % 4);
      const int above = y < 40 + 30 * (strip % 4) ? 23 : 11 + 10 * (strip % 2);
      const int background = y < height * 2 / 5 ? above : 7 + x / 300 % 2;
      scene.labels(y, x) = static_cast<std::uint8_t>(in_object ? 24 + object % 3 : background);
      scene.instances(y, x) = in_object ? 1000 + object : background;
    }
  return scene;
}

/// A class drawn for each pixel by itself: no window of it is uniform.
Scene noise() {
  Scene scene;
  std::mt19937 random(1);
  for (std::size_t i = 0; i < scene.labels.size(); ++i) {
    const auto label = static_cast<std::uint8_t>(random() % classes);
    scene.labels.data()[i] = label;
    scene.instances.data()[i] = label;
  }
  return scene;
}

struct Case {
  std::function<Scene()> scene;
  int scale = 0;

  /// The map as the discriminator of this scale sees it.
  SemanticMap map(Device& device) const {
    const Scene made = scene();
    SemanticMap result = semantic_map(device, made.labels, made.instances, classes);
    for (int i = 0; i < scale; ++i) result = pool(device, std::move(result), Pooling::average3);
    return result;
  }
};

template <class Block, class Input>
Tensor run(Device& device, const Block& block, const Input& input) {
  typename Block::template Context<Mode::infer> nothing;
  return block.forward(device, input, nothing);
}

/// The layer as it is: labels looked up, the picture convolved and added.
void whole(benchmark::State& state, const Case& one) {
  Device device = cpu();
  First block;
  initialize(device, block, 1);
  const SemanticMap map = one.map(device);
  const Shape shape = map.shape().with_channels(3);
  const SemanticMap input = join(map, upload<float>(device, shape, std::vector<float>(shape.count(), 0.5f)));
  for (auto _ : state) benchmark::DoNotOptimize(run(device, block, input));
}

/// Its look-up alone.
void look_up(benchmark::State& state, const Case& one) {
  Device device = cpu();
  LabelPart block;
  initialize(device, block, 1);
  const SemanticMap map = one.map(device);
  for (auto _ : state) benchmark::DoNotOptimize(run(device, block, map));
}

/// Kept sums, brought to where the part of the picture is added to them.
void kept(benchmark::State& state, const Case& one) {
  Device device = cpu();
  LabelPart block;
  initialize(device, block, 1);
  const Tensor sums = run(device, block, one.map(device));
  auto& backend = dynamic_cast<CpuBackend&>(device.backend());
  const std::size_t bytes = sums.bytes();
  for (auto _ : state) {
    const std::shared_ptr<Storage> storage = device.allocate(bytes);
    const auto* const from = static_cast<const std::byte*>(sums.storage()->data());
    auto* const to = static_cast<std::byte*>(storage->mutable_data());
    backend.pool().parallel_for(chunks, [&](int chunk, int) {
      const std::size_t begin = bytes * static_cast<std::size_t>(chunk) / chunks;
      const std::size_t end = bytes * static_cast<std::size_t>(chunk + 1) / chunks;
      std::memcpy(to + begin, from + begin, end - begin);
    });
    benchmark::ClobberMemory();
  }
  state.counters["bytes"] = static_cast<double>(bytes);
}

void add(const std::string& name, void (*measured)(benchmark::State&, const Case&)) {
  for (const auto& [kind, scene] : {std::pair{"street", &street}, std::pair{"noise", &noise}})
    for (int scale = 0; scale < 3; ++scale)
      benchmark::RegisterBenchmark((name + ", " + kind + ", scale " + std::to_string(scale)).c_str(), measured,
                                   Case{scene, scale})
          ->Unit(benchmark::kMillisecond)
          ->UseRealTime();
}

}  // namespace

int main(int argc, char** argv) {
  add("whole", whole);
  add("look-up", look_up);
  add("kept", kept);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
