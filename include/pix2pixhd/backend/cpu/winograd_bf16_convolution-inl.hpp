#pragma once

#include <pix2pixhd/backend/cpu/cpu_backend.hpp>
#include <pix2pixhd/backend/cpu/dense_convolution.hpp>
#include <pix2pixhd/backend/cpu/ordered_weights.hpp>
#include <pix2pixhd/backend/cpu/scratch.hpp>
#include <pix2pixhd/backend/cpu/winograd_bf16_convolution.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <vector>

namespace pix2pixhd::inline v0::detail {

/// Sides of a block of about `wanted` tiles: whole rows where they fit, otherwise equal parts of a row.
inline void choose_tile_block(WinogradBf16Plan& plan, int wanted) {
  const int rows = plan.tile_rows(), columns = plan.tile_columns();
  const int across = (columns + wanted - 1) / wanted;
  plan.block_columns = (columns + across - 1) / across;
  const int high = std::clamp(wanted / plan.block_columns, 1, rows), down = (rows + high - 1) / high;
  plan.block_rows = (rows + down - 1) / down;
}

inline void choose_tile_blocks(WinogradBf16Plan& plan) {
  constexpr int wanted = 512;
  constexpr std::size_t most_values = std::size_t{12} << 20;  // bf16 of a band: they stay in a third cache
  choose_tile_block(plan, wanted);
  const std::size_t values = static_cast<std::size_t>(plan.source_blocks() * 16 * bf16_tile_points) *
                             static_cast<std::size_t>(plan.tiles_of_block());
  plan.band =
      static_cast<int>(std::clamp<std::size_t>(most_values / values, 1, static_cast<std::size_t>(plan.blocks())));
  // Products are read and written once a slice, its weights once a block of tiles: they may leave the second cache.
  constexpr int most_blocks = 64;
  plan.slice = std::min(plan.source_blocks(), most_blocks);
}

/// The plan but for its tables, where it pays.
inline std::optional<WinogradBf16Plan> plan_tiles(const CpuBackend& backend, const Tensor& x, const Shape& output,
                                                  int kernel, int stride) {
  constexpr int least_channels = 32, least_products = 64 * 128 + 1;  // of input and output channels
  constexpr std::size_t least_pixels = 64;
  if (kernel != 3 || stride != 1 || factors_of(backend, x) != DataType::bf16) return {};
  if (x.shape().c < least_channels || output.c < least_channels || output.pixels() < least_pixels) return {};
  WinogradBf16Plan plan{.source = x.shape(), .output = output};
  if (plan.source_blocks() * plan.output_blocks() * 256 < least_products) return {};
  choose_tile_blocks(plan);
  return plan;
}

/// The table of one side: `index(i)` is the source pixel at place i of the padded picture.
template <class Index>
std::vector<int> tile_axis(int tiles, const Index& index) {
  std::vector<int> result;
  for (int i = 0; i < tiles * bf16_tile + 2; ++i) result.push_back(index(i));
  return result;
}

PIX2PIXHD_INLINE std::optional<WinogradBf16Plan> plan_winograd_bf16(const CpuBackend& backend, const Tensor& x,
                                                                    const Shape& output, const ConvGeometry& geometry) {
  if (geometry.transposed) return {};
  std::optional<WinogradBf16Plan> plan = plan_tiles(backend, x, output, geometry.kernel, geometry.stride);
  if (!plan) return {};
  const auto axis = [&](int side, int tiles) {
    return tile_axis(tiles, [&](int i) {
      const int at = i - geometry.padding, large = side * geometry.enlarge;
      const int index = at >= large + geometry.padding ? -1 : padded_index(at, large, geometry.pad);
      return index < 0 ? -1 : index / geometry.enlarge;
    });
  };
  plan->rows = axis(x.shape().h, plan->tile_rows());
  plan->columns = axis(x.shape().w, plan->tile_columns());
  return plan;
}

PIX2PIXHD_INLINE std::optional<WinogradBf16Plan> plan_winograd_bf16_gradient(const CpuBackend& backend,
                                                                             const Tensor& dy, const Shape& output,
                                                                             int kernel, int stride, int padding) {
  std::optional<WinogradBf16Plan> plan = plan_tiles(backend, dy, output, kernel, stride);
  if (!plan) return {};
  plan->flipped = true;
  // Output pixel o is touched by the source pixels o + padding - 2 to o + padding.
  const auto axis = [&](int side, int tiles) {
    return tile_axis(tiles, [&](int i) {
      const int at = i + padding - 2;
      return at >= 0 && at < side ? at : -1;
    });
  };
  plan->rows = axis(dy.shape().h, plan->tile_rows());
  plan->columns = axis(dy.shape().w, plan->tile_columns());
  return plan;
}

PIX2PIXHD_INLINE TileBlock WinogradBf16Plan::block(int index) const {
  TileBlock result;
  result.index = index;
  result.row = index / blocks_across() * block_rows;
  result.column = index % blocks_across() * block_columns;
  result.height = std::min(block_rows, tile_rows() - result.row);
  result.width = std::min(block_columns, tile_columns() - result.column);
  return result;
}

PIX2PIXHD_INLINE void WinogradBf16Plan::moment_counts(int* counts) const {
  const auto pixels = [](int first, int count, int side) {
    return std::min(count * bf16_tile, side - first * bf16_tile);
  };
  for (int i = 0; i < blocks(); ++i) {
    const TileBlock at = block(i);
    counts[i] = pixels(at.row, at.height, output.h) * pixels(at.column, at.width, output.w);
  }
}

/// Values at points in memory. Strides that are odd numbers of cache lines spread what is read together over all sets
/// of a cache.
template <class T>
struct TileLayout {
  std::size_t plane = 0, point = 0;

  TileLayout(int tiles, int blocks) {
    constexpr std::size_t line = 64 / sizeof(T);
    const auto odd_lines = [&](std::size_t values) { return ((values + line - 1) / line | 1) * line; };
    plane = odd_lines(static_cast<std::size_t>(tiles) * 16);
    point = odd_lines(plane * static_cast<std::size_t>(blocks));
  }
  std::size_t values() const { return point * bf16_tile_points; }
  TilePoints<T> at(T* first) const { return {.values = first, .point = point, .plane = plane}; }
};

/// Source blocks whose weights are put in order at once: as many as stay in a second cache.
inline constexpr int bf16_ordered_blocks = 4;

/// The memory of a plan: what is shared by the threads, and the pieces that each has for itself.
struct WinogradBf16Memory {
  TileLayout<Bf16> inputs;
  TileLayout<float> products;
  std::size_t band = 0;                       ///< values: inputs of a band
  std::size_t weights_point = 0;              ///< values of transformed weights from one point to the next
  std::size_t points = 0;                     ///< values: weights of one group and slice
  std::size_t own_products = 0, ordered = 0;  ///< floats

  explicit WinogradBf16Memory(const WinogradBf16Plan& plan)
      : inputs(plan.tiles_of_block(), plan.source_blocks()),
        products(plan.tiles_of_block(), std::min(plan.output_blocks(), bf16_tile_group)) {
    const int lanes = std::min(plan.output_blocks(), bf16_tile_group) * 16, channels = plan.slice * 16;
    weights_point = static_cast<std::size_t>(channels * lanes + 32);
    band = inputs.values() * static_cast<std::size_t>(plan.band);
    points = weights_point * bf16_tile_points;
    own_products = products.values();
    ordered = static_cast<std::size_t>(bf16_ordered_blocks * 16 * lanes * 9);
  }
  std::size_t own_bytes() const {
    return aligned_bytes(points * sizeof(Bf16)) + aligned_bytes(own_products * sizeof(float)) +
           aligned_bytes(ordered * sizeof(float));
  }
};

PIX2PIXHD_INLINE std::size_t winograd_bf16_workspace(const CpuBackend& backend, const WinogradBf16Plan& plan) {
  const WinogradBf16Memory memory(plan);
  return aligned_bytes(memory.band * sizeof(Bf16)) + memory.own_bytes() * static_cast<std::size_t>(backend.threads());
}

/// The pieces of one thread.
struct WinogradBf16Worker {
  Bf16* points;
  float *products, *ordered;

  WinogradBf16Worker(const WinogradBf16Memory& memory, Scratch& scratch)
      : points(scratch.take<Bf16>(memory.points)),
        products(scratch.take<float>(memory.own_products)),
        ordered(scratch.take<float>(memory.ordered)) {}
};

/// A convolution in progress.
struct WinogradBf16Run {
  const WinogradBf16Plan& plan;
  const WinogradBf16Memory memory;
  const WinogradBf16Kernels& kernels;
  TransposeKernel transposition;
  WeightView weights;
  Bf16* inputs;  ///< of the band
  std::vector<WinogradBf16Worker> workers;

  /// Transforms the weights of source blocks [first, last) and of one group of outputs.
  void transform_weights(int first, int last, int group, const WinogradBf16Worker& worker) const {
    const OrderedWeights ordered{.view = weights,
                                 .source_channels = plan.source.c,
                                 .output_channels = plan.output.c,
                                 .taps = 9,
                                 .output = group * bf16_tile_group * 16,
                                 .lanes = plan.group_blocks(group) * 16,
                                 .kernel = transposition};
    for (int block = first; block < last; block += bf16_ordered_blocks) {
      const int count = std::min(bf16_ordered_blocks, last - block);
      ordered.write(block, block + count, worker.ordered);
      kernels.transform_weights({.weights = worker.ordered,
                                 .flipped = plan.flipped,
                                 .channels = count * 16,
                                 .lanes = ordered.lanes,
                                 .points = worker.points,
                                 .point = memory.weights_point,
                                 .panel_channels = (last - first) * 16,
                                 .first_channel = (block - first) * 16});
    }
  }

  /// Multiplies the inputs of source blocks [first, last) of a block with the weights of one group.
  void multiply(const TileBlock& block, const TilePoints<Bf16>& values, int first, int last, int group,
                const Bf16* points, const TilePoints<float>& products) const {
    kernels.multiply({.inputs = {.values = values.values + static_cast<std::size_t>(first) * values.plane,
                                 .point = values.point,
                                 .plane = values.plane},
                      .source_blocks = last - first,
                      .weights = points,
                      .weights_point = memory.weights_point,
                      .products = products,
                      .output_blocks = plan.group_blocks(group),
                      .tiles = block.height * block.width,
                      .go_on = first > 0});
  }

  /// One group of outputs of a block whose inputs are transformed.
  void run_group(const WinogradBf16Job& job, const TileBlock& block, const TilePoints<Bf16>& values, int group,
                 const WinogradBf16Worker& worker) const {
    const TilePoints<float> products = memory.products.at(worker.products);
    for (int first = 0; first < plan.source_blocks(); first += plan.slice) {
      const int last = std::min(first + plan.slice, plan.source_blocks());
      transform_weights(first, last, group, worker);
      multiply(block, values, first, last, group, worker.points, products);
    }
    kernels.transform_output(job, block, group * bf16_tile_group, plan.group_blocks(group), products);
  }

  /// Blocks [first, last), whose inputs fit into the memory.
  void run_band(ThreadPool& pool, const WinogradBf16Job& job, int first, int last) const {
    constexpr int together = 4;  // source blocks of an item
    const int count = last - first, parts = (plan.source_blocks() + together - 1) / together;
    const auto inputs_of = [&](int block) {
      return memory.inputs.at(inputs + static_cast<std::size_t>(block - first) * memory.inputs.values());
    };
    pool.parallel_for(count * parts, [&](int item, int) {
      const int block = first + item / parts, from = item % parts * together;
      kernels.transform_input(job, plan.block(block), from, std::min(from + together, plan.source_blocks()),
                              inputs_of(block));
    });
    pool.parallel_for(count * plan.groups(), [&](int item, int worker) {
      const int block = first + item / plan.groups();
      run_group(job, plan.block(block), inputs_of(block), item % plan.groups(),
                workers[static_cast<std::size_t>(worker)]);
    });
  }
};

PIX2PIXHD_INLINE void run_winograd_bf16(CpuBackend& backend, const WinogradBf16Convolution& call) {
  const WinogradBf16Plan& plan = *call.plan;
  Scratch scratch(backend, winograd_bf16_workspace(backend, plan), call.memory);
  WinogradBf16Run run{.plan = plan,
                      .memory = WinogradBf16Memory(plan),
                      .kernels = winograd_bf16_kernels(),
                      .transposition = transpose_kernel(backend.isa()),
                      .weights = call.weights,
                      .inputs = nullptr,
                      .workers = {}};
  run.inputs = scratch.take<Bf16>(run.memory.band);
  for (int i = 0; i < backend.threads(); ++i) run.workers.emplace_back(run.memory, scratch);

  WinogradBf16Job job{};
  job.rows = plan.rows.data();
  job.columns = plan.columns.data();
  job.output_channels = plan.output.c;
  job.output_height = plan.output.h;
  job.output_width = plan.output.w;
  job.bias = call.bias ? call.bias->data<float>() : nullptr;
  job.add = call.add;
  job.activation = call.activation;
  job.moment_chunks = static_cast<std::size_t>(plan.blocks());
  std::vector<WinogradBf16Job> jobs;
  const auto blocks = static_cast<std::size_t>(plan.output_blocks());
  for (int n = 0; n < plan.output.n; ++n) {
    const auto picture = static_cast<std::size_t>(n);
    job.source = picture_of(*call.x, n);
    job.output = call.output + picture * blocks * 16 * plan.output.pixels();
    job.moments = call.moments ? call.moments + picture * blocks * job.moment_chunks : nullptr;
    jobs.push_back(job);
  }

  for (const WinogradBf16Job& picture : jobs)
    for (int first = 0; first < plan.blocks(); first += plan.band)
      run.run_band(backend.pool(), picture, first, std::min(first + plan.band, plan.blocks()));
}

}  // namespace pix2pixhd::inline v0::detail
