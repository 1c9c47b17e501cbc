#pragma once

#include <pix2pixhd/backend/cpu/cpu_backend.hpp>
#include <pix2pixhd/backend/cpu/dense_convolution.hpp>
#include <pix2pixhd/backend/cpu/scratch.hpp>
#include <pix2pixhd/backend/cpu/transpose.hpp>
#include <pix2pixhd/backend/cpu/winograd_gradient.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0::detail {

/// Whether the tiles take less work than the pixels one by one, counted in multiplications of a pair of channels.
inline bool winograd_gradient_pays(const WinogradGradientPlan& plan) {
  constexpr int least_channels = 16;
  const WinogradPlan& tiles = plan.tiles;
  if (tiles.source.c < least_channels || tiles.output.c < least_channels) return false;
  // A tile's transforms are so many additions a channel; the sums are transformed once a band.
  constexpr double transform = 300, sums = 200;
  const int kinds = tiles.source_kinds(), bands = (plan.blocks() + plan.band - 1) / plan.band;
  double products = 0;
  for (int phase = 0; phase < kinds; ++phase)
    for (int point = 0; point < winograd_points<float>; ++point) products += tiles.vanishes(phase, point) ? 0 : 1;
  const double count = static_cast<double>(tiles.tile_rows()) * tiles.tile_columns() * tiles.output.n;
  const double work =
      count * (products + transform * kinds / tiles.output.c + transform / tiles.source.c) + sums * kinds * bands;
  return work <
         static_cast<double>(tiles.kernel * tiles.kernel) * static_cast<double>(tiles.output.pixels()) * tiles.output.n;
}

PIX2PIXHD_INLINE std::optional<WinogradGradientPlan> plan_winograd_gradient(const ConvGeometry& geometry,
                                                                            const Shape& x, const Shape& dy) {
  const ConvGeometry adjoint{.kernel = geometry.kernel, .stride = geometry.stride, .padding = geometry.padding};
  std::optional<WinogradPlan> tiles =
      geometry.transposed ? winograd_tiles(dy, x, adjoint) : winograd_tiles(x, dy, geometry);
  if (!tiles) return {};
  // A band's values should stay in the caches; but each band adds to the whole gradient, which should be less than
  // they.
  constexpr std::size_t fewest_values = std::size_t{1} << 20, most_values = std::size_t{6} << 20;
  constexpr int most_tiles = 128, fewest_tiles = 16;
  const auto sources = static_cast<std::size_t>(tiles->source_blocks() * 16);
  const auto outputs = static_cast<std::size_t>(tiles->output_blocks() * 16);
  const auto taps = static_cast<std::size_t>(tiles->kernel * tiles->kernel);
  const std::size_t values = std::clamp(2 * sources * outputs * taps, fewest_values, most_values);
  const std::size_t a_tile =
      (sources * static_cast<std::size_t>(tiles->source_kinds()) + outputs) * winograd_points<float>;
  tiles->choose_block(std::clamp(static_cast<int>(values / a_tile), fewest_tiles, most_tiles));
  WinogradGradientPlan plan{.tiles = std::move(*tiles)};
  const std::size_t a_block = a_tile * static_cast<std::size_t>(plan.tiles.tiles_of_block());
  plan.band = std::clamp(static_cast<int>(values / a_block), 1, plan.blocks());
  constexpr int enough_items = 8;  // for several threads
  plan.large_range = std::min(plan.tiles.source_blocks(), 4);
  plan.small_range = std::min(plan.tiles.output_blocks(), 2);
  while (plan.large_range > 1 && plan.large_ranges() * plan.small_ranges() < enough_items)
    plan.large_range = (plan.large_range + 1) / 2;
  if (!winograd_gradient_pays(plan)) return {};
  return plan;
}

/// Sizes of the pieces of the memory, in floats.
struct WinogradGradientMemory {
  PointLayout<float, float> large, small;  ///< of a block
  std::size_t band = 0;                    ///< transformed values, shared by the threads
  std::size_t sums_plane = 0, sums_point = 0;
  std::size_t strip = 0, sums = 0, weights = 0;  ///< of each thread

  explicit WinogradGradientMemory(const WinogradGradientPlan& plan)
      : large(plan.tiles.tiles_of_block(), plan.tiles.source_blocks() * plan.tiles.source_kinds()),
        small(plan.tiles.tiles_of_block(), plan.tiles.output_blocks()) {
    const auto channels = static_cast<std::size_t>(plan.large_range * 16);
    const auto blocks = static_cast<std::size_t>(plan.small_range);
    band = (large.values() + small.values()) * static_cast<std::size_t>(plan.band);
    sums_plane = channels * 16;
    sums_point = blocks * sums_plane + 16;  // an odd number of lines
    strip = winograd_strip_floats<float>(plan.tiles.block_columns, plan.tiles.tile());
    const auto taps = static_cast<std::size_t>(plan.tiles.kernel * plan.tiles.kernel);
    sums = std::max(sums_point * winograd_points<float>, channels * taps * 16);  // `put` turns weights there
    weights = blocks * channels * taps * 16;
  }
  std::size_t own_bytes() const {
    return aligned_bytes(strip * sizeof(float)) + aligned_bytes(sums * sizeof(float)) +
           aligned_bytes(weights * sizeof(float));
  }
};

PIX2PIXHD_INLINE std::size_t winograd_gradient_workspace(const CpuBackend& backend, const WinogradGradientPlan& plan) {
  const WinogradGradientMemory memory(plan);
  return aligned_bytes(memory.band * sizeof(float)) + memory.own_bytes() * static_cast<std::size_t>(backend.threads());
}

/// The memory of one thread.
struct WinogradGradientWorker {
  float *strip, *sums, *weights;

  WinogradGradientWorker(const WinogradGradientMemory& memory, Scratch& scratch)
      : strip(scratch.take<float>(memory.strip)),
        sums(scratch.take<float>(memory.sums)),
        weights(scratch.take<float>(memory.weights)) {}
};

/// A gradient in progress.
struct WinogradGradientRun {
  const WinogradGradient& call;
  const WinogradGradientPlan& plan;
  const WinogradPlan& tiles;
  const WinogradGradientMemory memory;
  const WinogradKernels<float>& kernels;
  const WinogradGradientKernels& gradient_kernels;
  std::vector<WinogradJob> jobs;          ///< of each picture
  std::vector<WinogradSmallTiles> small;  ///< of each picture
  float* band;
  std::vector<WinogradGradientWorker> workers;

  PointValues<float> large_of(int place) const {
    return memory.large.at(band + static_cast<std::size_t>(place) * (memory.large.values() + memory.small.values()));
  }
  PointValues<float> small_of(int place) const {
    return memory.small.at(large_of(place).values + memory.large.values());
  }

  /// Transforms blocks [first, last) of both pictures.
  void transform(ThreadPool& pool, int first, int last) const {
    constexpr int together = 4;  // channel blocks of an item
    const int large_blocks = tiles.source_blocks() * tiles.source_kinds(), small_blocks = tiles.output_blocks();
    const int large_parts = (large_blocks + together - 1) / together;
    const int small_parts = (small_blocks + together - 1) / together;
    pool.parallel_for((last - first) * (large_parts + small_parts), [&](int item, int worker) {
      const int place = item / (large_parts + small_parts), part = item % (large_parts + small_parts);
      const auto picture = static_cast<std::size_t>((first + place) / tiles.blocks());
      const WinogradBlock block = tiles.block((first + place) % tiles.blocks());
      if (part < large_parts) {
        const int from = part * together;
        kernels.transform_input(jobs[picture], block, from, std::min(from + together, large_blocks),
                                workers[static_cast<std::size_t>(worker)].strip, large_of(place).at(0, from));
      } else {
        const int from = (part - large_parts) * together;
        gradient_kernels.transform_small(small[picture], block, from, std::min(from + together, small_blocks),
                                         small_of(place));
      }
    });
  }

  /// Sums of blocks [first, last) and their transforms, of one pair of ranges.
  void item(int index, int first, int last, const WinogradGradientWorker& worker) const {
    const int large = index % plan.large_ranges() * plan.large_range;
    const int small_first = index / plan.large_ranges() * plan.small_range;
    const int large_blocks = std::min(plan.large_range, tiles.source_blocks() - large);
    const int small_blocks = std::min(plan.small_range, tiles.output_blocks() - small_first);
    const GradientSums sums{.values = worker.sums, .point = memory.sums_point, .plane = memory.sums_plane};
    for (int phase = 0; phase < tiles.source_kinds(); ++phase) {
      bool wanted[winograd_points<float>];
      for (int point = 0; point < winograd_points<float>; ++point) wanted[point] = !tiles.vanishes(phase, point);
      for (int index_of = first; index_of < last; ++index_of) {
        PointValues<float> from_large = large_of(index_of - first), from_small = small_of(index_of - first);
        from_large.values += static_cast<std::size_t>(phase * tiles.source_blocks() + large) * from_large.plane;
        from_small.values += static_cast<std::size_t>(small_first) * from_small.plane;
        const WinogradBlock block = tiles.block(index_of % tiles.blocks());
        gradient_kernels.multiply({.large = from_large,
                                   .small = from_small,
                                   .large_blocks = large_blocks,
                                   .small_blocks = small_blocks,
                                   .tiles = block.height * block.width,
                                   .wanted = wanted,
                                   .sums = sums,
                                   .go_on = index_of > first});
      }
      const std::vector<int> taps = tiles.taps_of(phase);
      gradient_kernels.transform_output({.sums = sums,
                                         .large_channels = large_blocks * 16,
                                         .small_blocks = small_blocks,
                                         .side = tiles.side(),
                                         .taps = taps.data(),
                                         .kernel_taps = tiles.kernel * tiles.kernel,
                                         .weights = worker.weights});
    }
    for (int n = 0; n < small_blocks; ++n) put(worker, n, small_first + n, large, large_blocks, first > 0 || call.add);
  }

  /// Puts the weights of one small block where PyTorch has them. The memory of the sums is free by then, and
  /// large enough.
  void put(const WinogradGradientWorker& worker, int n, int small_block, int large, int large_blocks, bool add) const {
    const auto taps = static_cast<std::size_t>(tiles.kernel * tiles.kernel);
    const auto count = static_cast<std::size_t>(std::min(large_blocks * 16, tiles.source.c - large * 16)) * taps;
    const auto lanes = static_cast<std::size_t>(std::min(16, tiles.output.c - small_block * 16));
    const float* const from =
        worker.weights + static_cast<std::size_t>(n) * static_cast<std::size_t>(large_blocks * 16) * taps * 16;
    transpose(from, 16, worker.sums, count, count, lanes);
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const float* const row = worker.sums + lane * count;
      float* const to = call.gradient + (static_cast<std::size_t>(small_block * 16) + lane) * call.small_stride +
                        static_cast<std::size_t>(large * 16) * taps;
      if (add)
        for (std::size_t i = 0; i < count; ++i) to[i] += row[i];
      else
        std::copy_n(row, count, to);
    }
  }
};

PIX2PIXHD_INLINE void run_winograd_gradient(CpuBackend& backend, const WinogradGradient& call) {
  const WinogradGradientPlan& plan = *call.plan;
  Scratch scratch(backend, winograd_gradient_workspace(backend, plan), call.memory);
  WinogradGradientRun run{.call = call,
                          .plan = plan,
                          .tiles = plan.tiles,
                          .memory = WinogradGradientMemory(plan),
                          .kernels = winograd_kernels<float>(backend.isa()),
                          .gradient_kernels = winograd_gradient_kernels(backend.isa()),
                          .jobs = {},
                          .small = {},
                          .band = nullptr,
                          .workers = {}};
  run.band = scratch.take<float>(run.memory.band);
  for (int i = 0; i < backend.threads(); ++i) run.workers.emplace_back(run.memory, scratch);
  const Shape& small = plan.tiles.output;
  for (int n = 0; n < small.n; ++n) {
    run.jobs.push_back(plan.tiles.job());
    run.jobs.back().source = picture_of(*call.large, n);
    run.small.push_back(
        {.small = picture_of(*call.small, n), .height = small.h, .width = small.w, .tile = plan.tiles.tile()});
  }
  ThreadPool& pool = backend.pool();
  for (int first = 0; first < plan.blocks(); first += plan.band) {
    const int last = std::min(first + plan.band, plan.blocks());
    run.transform(pool, first, last);
    pool.parallel_for(plan.large_ranges() * plan.small_ranges(), [&](int index, int worker) {
      run.item(index, first, last, run.workers[static_cast<std::size_t>(worker)]);
    });
  }
}

}  // namespace pix2pixhd::inline v0::detail
