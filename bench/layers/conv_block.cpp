/// Blocks of the 2048x1024 generator on the CPU, on every instruction set of the machine. `flops` counts each
/// multiply-add of a dense convolution as two operations.

#include <benchmark/benchmark.h>
#include <pix2pixhd/pix2pixhd.hpp>

#include <string>
#include <vector>

namespace {

using namespace pix2pixhd;

/// Forward in inference, from an input as another block leaves it.
template <class Block>
void forward(benchmark::State& state, Isa isa, int height, int width) {
  Device device = cpu({}, isa);
  Block block;
  initialize(device, block, 1);
  const std::vector<float> values(Shape{1, Block::in_channels, height, width}.count(), 0.5f);
  const Tensor x = upload<float>(device, {1, Block::in_channels, height, width}, values);
  typename Block::template Context<Mode::infer> nothing;
  Shape output;
  for (auto _ : state) {
    const Tensor y = block.forward(device, x, nothing);
    output = y.shape();
    benchmark::ClobberMemory();
  }
  const double work = 2 * multiply_adds(Block::spec.geometry, x.shape(), output);
  state.counters["flops"] = benchmark::Counter(work, benchmark::Counter::kIsIterationInvariantRate);
}

template <class Block>
void add(const std::string& name, int height, int width) {
  for (const Isa isa : available_isas())
    benchmark::RegisterBenchmark((name + "/" + to_string(isa)).c_str(),
                                 [=](benchmark::State& state) { forward<Block>(state, isa, height, width); })
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
}

}  // namespace

int main(int argc, char** argv) {
  constexpr BlockShape residual{.pad = Pad::reflect};
  add<Downsample<32, 64>>("downsample 32 to 64, 2048x1024", 1024, 2048);
  add<Downsample<512, 1024>>("downsample 512 to 1024, 128x64", 64, 128);
  add<ConvBlock<1024, 1024, residual>>("residual 1024, 64x32", 32, 64);
  add<ConvBlock<64, 64, residual>>("residual 64, 1024x512", 512, 1024);
  add<Upsample<1024, 512>>("upsample 1024 to 512, 64x32", 32, 64);
  add<Upsample<64, 32>>("upsample 64 to 32, 1024x512", 512, 1024);
  add<Head<32, 3>>("head 32 to 3, 2048x1024", 1024, 2048);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
