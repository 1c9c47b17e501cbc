#pragma once

#include <pix2pixhd/backend/cpu/cpu_backend.hpp>
#include <pix2pixhd/backend/cpu/dense_convolution.hpp>
#include <pix2pixhd/backend/cpu/ordered_weights.hpp>
#include <pix2pixhd/backend/cpu/scratch.hpp>
#include <pix2pixhd/backend/cpu/winograd_convolution.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <vector>

namespace pix2pixhd::inline v0::detail {

/// The memory of a plan: what is shared by the threads, and the pieces that each has for itself.
struct WinogradMemory {
  PointLayout inputs, products;
  std::size_t shared = 0;         ///< floats: transformed weights, or inputs of a band
  std::size_t weights_point = 0;  ///< floats of transformed weights from one point to the next
  std::size_t strip = 0, own_inputs = 0, own_products = 0, weights = 0, points = 0;

  explicit WinogradMemory(const WinogradPlan& plan)
      : inputs(plan.tiles_of_block(), plan.source_blocks() * plan.source_kinds()),
        products(plan.tiles_of_block(), std::min(plan.output_blocks(), winograd_group)) {
    const int lanes = std::min(plan.output_blocks(), winograd_group) * 16, channels = plan.slice * 16;
    weights_point = static_cast<std::size_t>(channels * plan.source_kinds() * lanes + 16);
    strip = winograd_strip_floats(plan.block_columns, plan.tile());
    own_products = products.floats();
    weights = static_cast<std::size_t>(channels * lanes * plan.kernel * plan.kernel);
    if (plan.wide) {
      shared = inputs.floats() * static_cast<std::size_t>(plan.band);
      points = weights_point * winograd_side;
    } else {
      shared = group_floats() * static_cast<std::size_t>(plan.groups() * plan.output_kinds());
      own_inputs = inputs.floats();
    }
  }
  /// Floats of all points of the weights of one group and phase of the output.
  std::size_t group_floats() const { return weights_point * winograd_points; }
  std::size_t own_bytes() const {
    std::size_t bytes = 0;
    for (const std::size_t piece : {strip, own_inputs, own_products, weights, points})
      bytes += aligned_bytes(piece * sizeof(float));
    return bytes;
  }
};

PIX2PIXHD_INLINE std::size_t winograd_workspace(const CpuBackend& backend, const WinogradPlan& plan) {
  const WinogradMemory memory(plan);
  return aligned_bytes(memory.shared * sizeof(float)) +
         memory.own_bytes() * static_cast<std::size_t>(backend.threads());
}

/// The pieces of one thread.
struct WinogradWorker {
  float *strip, *inputs, *products, *weights, *points;

  WinogradWorker(const WinogradMemory& memory, Scratch& scratch)
      : strip(scratch.take<float>(memory.strip)),
        inputs(scratch.take<float>(memory.own_inputs)),
        products(scratch.take<float>(memory.own_products)),
        weights(scratch.take<float>(memory.weights)),
        points(scratch.take<float>(memory.points)) {}
};

/// What the phases of the source have to do with each point, for one phase of the output.
struct WinogradPhases {
  std::vector<WinogradSum> sums;  ///< of every point
  std::vector<std::vector<int>>
      places;                          ///< [source phase][point]: its place among the phases that are summed; -1: none
  std::vector<std::vector<int>> taps;  ///< [source phase]: the tap of the kernel at each place; -1: none

  WinogradPhases(const WinogradPlan& plan, int output_phase, std::size_t plane) : sums(winograd_points) {
    for (int phase = 0; phase < plan.source_kinds(); ++phase) {
      const int of = plan.output_phases > 1 ? output_phase : phase;
      std::vector<int>& place = places.emplace_back();
      for (int point = 0; point < winograd_points; ++point) {
        WinogradSum& sum = sums[static_cast<std::size_t>(point)];
        if (plan.vanishes(of, point)) {
          place.push_back(-1);
          continue;
        }
        place.push_back(sum.phases);
        sum.offsets[sum.phases++] = static_cast<int>(plane) * phase * plan.source_blocks();
      }
      taps.push_back(plan.taps_of(of));
    }
  }
};

/// A convolution in progress.
struct WinogradRun {
  const WinogradPlan& plan;
  const WinogradMemory memory;
  const WinogradKernels& kernels;
  TransposeKernel transposition;
  WeightView weights;
  float* shared;
  std::vector<WinogradWorker> workers;
  std::vector<WinogradPhases> phases;  ///< of the output

  int group_blocks(int group) const { return std::min(winograd_group, plan.output_blocks() - group * winograd_group); }
  OrderedWeights ordered(int group) const {
    return {.view = weights,
            .source_channels = plan.source.c,
            .output_channels = plan.output.c,
            .taps = static_cast<std::size_t>(plan.kernel * plan.kernel),
            .output = group * winograd_group * 16,
            .lanes = group_blocks(group) * 16,
            .kernel = transposition};
  }

  /// Makes rows [first, last) of the points of the weights of one group, slice and phase of the output, which is in
  /// order in worker.weights.
  void weight_points(const WinogradWorker& worker, int group, int output_phase, int blocks, int first, int last,
                     float* to) const {
    const WinogradPhases& of = phases[static_cast<std::size_t>(output_phase)];
    for (int row = first; row < last; ++row)
      for (std::size_t phase = 0; phase < of.taps.size(); ++phase) {
        WinogradWeights job{
            .weights = worker.weights,
            .kernel_taps = plan.kernel * plan.kernel,
            .side = plan.side(),
            .taps = of.taps[phase].data(),
            .channels = blocks * 16,
            .lanes = group_blocks(group) * 16,
            .row = row,
            .points = to + static_cast<std::size_t>((row - first) * winograd_side) * memory.weights_point,
            .point = memory.weights_point};
        for (int i = 0; i < winograd_side; ++i) {
          const auto point = static_cast<std::size_t>(row * winograd_side + i);
          job.phases[i] = of.sums[point].phases;
          job.place[i] = of.places[phase][point];
        }
        kernels.transform_weights(job);
      }
  }

  /// Few channels: all weights of one group and phase of the output, before the blocks.
  void prepare_group(int item, const WinogradWorker& worker) const {
    const int group = item / plan.output_kinds(), phase = item % plan.output_kinds();
    ordered(group).write(0, plan.source_blocks(), worker.weights);
    weight_points(worker, group, phase, plan.source_blocks(), 0, winograd_side,
                  shared + static_cast<std::size_t>(item) * memory.group_floats());
  }

  /// Few channels: one block, all three steps.
  void narrow_block(const WinogradJob& job, const WinogradBlock& block, const WinogradWorker& worker) const {
    const PointValues inputs = memory.inputs.at(worker.inputs), products = memory.products.at(worker.products);
    kernels.transform_input(job, block, 0, plan.source_blocks() * plan.source_kinds(), worker.strip, inputs);
    for (int item = 0; item < plan.groups() * plan.output_kinds(); ++item) {
      const int group = item / plan.output_kinds(), phase = item % plan.output_kinds();
      kernels.multiply({.inputs = inputs,
                        .source_blocks = plan.source_blocks(),
                        .sums = phases[static_cast<std::size_t>(phase)].sums.data(),
                        .weights = shared + static_cast<std::size_t>(item) * memory.group_floats(),
                        .weights_point = memory.weights_point,
                        .products = products,
                        .points = winograd_points,
                        .output_blocks = group_blocks(group),
                        .tiles = block.height * block.width,
                        .go_on = false});
      kernels.transform_output(job, block, phase, group * winograd_group, group_blocks(group), products);
    }
  }

  /// Many channels: one group and phase of the outputs of a block whose inputs are transformed.
  void wide_group(const WinogradJob& job, const WinogradBlock& block, const PointValues& inputs, int group, int phase,
                  const WinogradWorker& worker) const {
    const PointValues products = memory.products.at(worker.products);
    for (int first = 0; first < plan.source_blocks(); first += plan.slice) {
      const int last = std::min(first + plan.slice, plan.source_blocks());
      ordered(group).write(first, last, worker.weights);
      for (int row = 0; row < winograd_side; ++row) {
        weight_points(worker, group, phase, last - first, row, row + 1, worker.points);
        const std::size_t point = static_cast<std::size_t>(row * winograd_side);
        kernels.multiply(
            {.inputs = {.values = inputs.values + point * inputs.point + static_cast<std::size_t>(first) * inputs.plane,
                        .point = inputs.point,
                        .plane = inputs.plane},
             .source_blocks = last - first,
             .sums = phases[static_cast<std::size_t>(phase)].sums.data() + point,
             .weights = worker.points,
             .weights_point = memory.weights_point,
             .products = {.values = products.values + point * products.point,
                          .point = products.point,
                          .plane = products.plane},
             .points = winograd_side,
             .output_blocks = group_blocks(group),
             .tiles = block.height * block.width,
             .go_on = first > 0});
      }
    }
    kernels.transform_output(job, block, phase, group * winograd_group, group_blocks(group), products);
  }

  /// Many channels: blocks [first, last), whose inputs fit into the memory.
  void wide_band(ThreadPool& pool, const WinogradJob& job, int first, int last) const {
    constexpr int together = 4;  // source blocks of an item
    const int sources = plan.source_blocks() * plan.source_kinds(), kinds = plan.output_kinds();
    const int count = last - first, parts = (sources + together - 1) / together;
    const auto inputs_of = [&](int block) {
      return memory.inputs.at(shared + static_cast<std::size_t>(block - first) * memory.inputs.floats());
    };
    pool.parallel_for(count * parts, [&](int item, int worker) {
      const int block = first + item / parts, from = item % parts * together;
      kernels.transform_input(job, plan.block(block), from, std::min(from + together, sources),
                              workers[static_cast<std::size_t>(worker)].strip, inputs_of(block));
    });
    pool.parallel_for(count * plan.groups() * kinds, [&](int item, int worker) {
      const int block = first + item / kinds / plan.groups();
      wide_group(job, plan.block(block), inputs_of(block), item / kinds % plan.groups(), item % kinds,
                 workers[static_cast<std::size_t>(worker)]);
    });
  }
};

PIX2PIXHD_INLINE void run_winograd(CpuBackend& backend, const WinogradConvolution& call) {
  const WinogradPlan& plan = *call.plan;
  Scratch scratch(backend, winograd_workspace(backend, plan), call.memory);
  WinogradRun run{.plan = plan,
                  .memory = WinogradMemory(plan),
                  .kernels = winograd_kernels(backend.isa()),
                  .transposition = transpose_kernel(backend.isa()),
                  .weights = call.weights,
                  .shared = nullptr,
                  .workers = {},
                  .phases = {}};
  run.shared = scratch.take<float>(run.memory.shared);
  for (int i = 0; i < backend.threads(); ++i) run.workers.emplace_back(run.memory, scratch);
  for (int i = 0; i < plan.output_kinds(); ++i) run.phases.emplace_back(plan, i, run.memory.inputs.plane);

  WinogradJob job = plan.job();
  job.bias = call.bias ? call.bias->data<float>() : nullptr;
  job.add = call.add;
  job.activation = call.activation;
  std::vector<WinogradJob> jobs;
  const auto blocks = static_cast<std::size_t>(plan.output_blocks());
  for (int n = 0; n < plan.output.n; ++n) {
    const auto picture = static_cast<std::size_t>(n);
    job.source = picture_of(*call.x, n);
    job.output = call.output + picture * blocks * 16 * plan.output.pixels();
    job.moments = call.moments ? call.moments + picture * blocks * job.moment_chunks : nullptr;
    jobs.push_back(job);
  }

  ThreadPool& pool = backend.pool();
  if (plan.wide) {
    for (const WinogradJob& picture : jobs)
      for (int first = 0; first < plan.blocks(); first += plan.band)
        run.wide_band(pool, picture, first, std::min(first + plan.band, plan.blocks()));
    return;
  }
  pool.parallel_for(plan.groups() * plan.output_kinds(), [&](int item, int worker) {
    run.prepare_group(item, run.workers[static_cast<std::size_t>(worker)]);
  });
  pool.parallel_for(plan.output.n * plan.blocks(), [&](int item, int worker) {
    run.narrow_block(jobs[static_cast<std::size_t>(item / plan.blocks())], plan.block(item % plan.blocks()),
                     run.workers[static_cast<std::size_t>(worker)]);
  });
}

}  // namespace pix2pixhd::inline v0::detail
