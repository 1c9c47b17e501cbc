#pragma once

#include <pix2pixhd/backend/cpu/cpu_backend.hpp>
#include <pix2pixhd/backend/cpu/dense_convolution.hpp>
#include <pix2pixhd/backend/cpu/kernels/balanced_taps.hpp>
#include <pix2pixhd/backend/cpu/ordered_weights.hpp>
#include <pix2pixhd/backend/cpu/winograd_convolution.hpp>
#include <pix2pixhd/backend/cpu/winograd_memory.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace pix2pixhd::inline v0::detail {

PIX2PIXHD_INLINE std::size_t winograd_workspace(const CpuBackend& backend, const WinogradPlan& plan) {
  return plan.factors == DataType::bf16 ? WinogradMemory<Bf16>(plan).bytes(backend.threads())
                                        : WinogradMemory<float>(plan).bytes(backend.threads());
}

/// What the phases of the source have to do with each point, for one phase of the output.
struct WinogradPhases {
  std::vector<WinogradSum> sums;  ///< of every point
  std::vector<std::vector<int>>
      places;                          ///< [source phase][point]: its place among the phases that are summed; -1: none
  std::vector<std::vector<int>> taps;  ///< [source phase]: the tap of the kernel at each place; -1: none

  WinogradPhases(const WinogradPlan& plan, int output_phase, std::size_t plane)
      : sums(static_cast<std::size_t>(plan.points())) {
    for (int phase = 0; phase < plan.source_kinds(); ++phase) {
      const int of = plan.output_phases > 1 ? output_phase : phase;
      std::vector<int>& place = places.emplace_back();
      for (int point = 0; point < plan.points(); ++point) {
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
template <class Factor>
struct WinogradRun {
  static constexpr int side = winograd_side<Factor>;
  using Worker = WinogradWorker<Factor>;

  const WinogradPlan& plan;
  const WinogradMemory<Factor> memory;
  const WinogradKernels<Factor>& kernels;
  TransposeKernel transposition;
  BalanceKernel balance;  ///< of weights that are put in order; null: they stay as they are
  WeightView weights;
  Factor* shared;
  int* places;  ///< of the tiles of a band
  std::vector<Worker> workers;
  std::vector<WinogradPhases> phases;  ///< of the output

  int group_blocks(int group) const { return std::min(winograd_group, plan.output_blocks() - group * winograd_group); }

  /// The weights of source blocks [first, last), one group and one phase of the output, at `rows` rows of the points
  /// from `row` on. Where these are not the first, the weights are in order in worker.ordered already.
  void make_weights(const Worker& worker, int group, int output_phase, int first, int last, int row, int rows,
                    Factor* to) const {
    const OrderedWeights view{.view = weights,
                              .source_channels = plan.source.c,
                              .output_channels = plan.output.c,
                              .taps = static_cast<std::size_t>(plan.kernel * plan.kernel),
                              .output = group * winograd_group * 16,
                              .lanes = group_blocks(group) * 16,
                              .kernel = transposition};
    for (int block = first; block < last; block += plan.ordered) {
      const int count = std::min(plan.ordered, last - block);
      if (row == 0) {
        view.write(block, block + count, worker.ordered);
        if (balance) balance(worker.ordered, count * 16, view.lanes);
      }
      WinogradWeights<Factor> job{.weights = worker.ordered,
                                  .kernel_taps = plan.kernel * plan.kernel,
                                  .side = plan.side(),
                                  .channels = count * 16,
                                  .lanes = view.lanes,
                                  .point = memory.weights_point,
                                  .panel_channels = (last - first) * 16,
                                  .first_channel = (block - first) * 16};
      for (job.row = row; job.row < row + rows; ++job.row) {
        job.points = to + static_cast<std::size_t>((job.row - row) * side) * memory.weights_point;
        transform_weights(job, phases[static_cast<std::size_t>(output_phase)]);
      }
    }
  }
  /// One row of the points, of all phases of the source.
  void transform_weights(WinogradWeights<Factor>& job, const WinogradPhases& of) const {
    for (std::size_t phase = 0; phase < of.taps.size(); ++phase) {
      job.taps = of.taps[phase].data();
      for (int i = 0; i < side; ++i) {
        const auto point = static_cast<std::size_t>(job.row * side + i);
        job.phases[i] = of.sums[point].phases;
        job.place[i] = of.places[phase][point];
      }
      kernels.transform_weights(job);
    }
  }

  /// Few channels: all weights of one group and phase of the output, before the blocks.
  void prepare_group(int item, const Worker& worker) const {
    const int group = item / plan.output_kinds(), phase = item % plan.output_kinds();
    make_weights(worker, group, phase, 0, plan.source_blocks(), 0, side,
                 shared + static_cast<std::size_t>(item) * memory.group_values());
  }

  /// A block of a picture, with room for the places of its tiles.
  WinogradBlock block_of(const WinogradJob& job, int index, int* tile_places, const Worker& worker) const {
    WinogradBlock block = plan.block(index);
    if (job.kinds) worker.repeats.find(job.kinds, block, tile_places);
    return block;
  }

  /// Few channels: one block, all three steps.
  void narrow_block(const WinogradJob& job, int index, const Worker& worker) const {
    const WinogradBlock block = block_of(job, index, worker.places, worker);
    const PointValues<Factor> inputs = memory.inputs.at(worker.inputs);
    const PointValues<float> products = memory.products.at(worker.products);
    kernels.transform_input(job, block, 0, plan.source_blocks() * plan.source_kinds(), worker.strip, inputs);
    for (int item = 0; item < plan.groups() * plan.output_kinds(); ++item) {
      const int group = item / plan.output_kinds(), phase = item % plan.output_kinds();
      kernels.multiply({.inputs = inputs,
                        .source_blocks = plan.source_blocks(),
                        .sums = phases[static_cast<std::size_t>(phase)].sums.data(),
                        .weights = shared + static_cast<std::size_t>(item) * memory.group_values(),
                        .weights_point = memory.weights_point,
                        .products = products,
                        .points = winograd_points<Factor>,
                        .output_blocks = group_blocks(group),
                        .tiles = block.computed,
                        .go_on = false});
      kernels.transform_output(job, block, phase, group * winograd_group, group_blocks(group), products);
    }
  }

  /// A block of a band: of which picture, and its transformed inputs.
  struct BandBlock {
    const WinogradJob* job = nullptr;
    WinogradBlock block = {};
    PointValues<Factor> inputs = {};
  };

  /// Many channels: one group and phase of the outputs of some blocks, which share its weights.
  void wide_group(std::span<const BandBlock> blocks, int group, int phase, const Worker& worker) const {
    const auto products_of = [&](std::size_t i) {
      return memory.products.at(worker.products + i * memory.products.values());
    };
    for (int first = 0; first < plan.source_blocks(); first += plan.slice) {
      const int last = std::min(first + plan.slice, plan.source_blocks());
      for (int row = 0; row < side; row += plan.weight_rows) {
        make_weights(worker, group, phase, first, last, row, plan.weight_rows, worker.points);
        const std::size_t point = static_cast<std::size_t>(row * side);
        for (std::size_t i = 0; i < blocks.size(); ++i) {
          const PointValues<Factor>& inputs = blocks[i].inputs;
          const PointValues<float> products = products_of(i);
          kernels.multiply({.inputs = {.values = inputs.values + point * inputs.point +
                                                 static_cast<std::size_t>(first) * inputs.plane,
                                       .point = inputs.point,
                                       .plane = inputs.plane},
                            .source_blocks = last - first,
                            .sums = phases[static_cast<std::size_t>(phase)].sums.data() + point,
                            .weights = worker.points,
                            .weights_point = memory.weights_point,
                            .products = {.values = products.values + point * products.point,
                                         .point = products.point,
                                         .plane = products.plane},
                            .points = plan.weight_rows * side,
                            .output_blocks = group_blocks(group),
                            .tiles = blocks[i].block.computed,
                            .go_on = first > 0});
        }
      }
    }
    for (std::size_t i = 0; i < blocks.size(); ++i)
      kernels.transform_output(*blocks[i].job, blocks[i].block, phase, group * winograd_group, group_blocks(group),
                               products_of(i));
  }

  /// Many channels: blocks [first, last) of all pictures, whose inputs fit into the memory.
  void wide_band(ThreadPool& pool, const std::vector<WinogradJob>& jobs, int first, int last) const {
    constexpr int together = 4;  // source blocks of an item
    const int sources = plan.source_blocks() * plan.source_kinds(), kinds = plan.output_kinds();
    const int count = last - first, parts = (sources + together - 1) / together;
    std::vector<BandBlock> blocks(static_cast<std::size_t>(count));
    pool.parallel_for(count, [&](int i, int worker) {
      const WinogradJob& job = jobs[static_cast<std::size_t>((first + i) / plan.blocks())];
      blocks[static_cast<std::size_t>(i)] = {
          .job = &job,
          .block = block_of(job, (first + i) % plan.blocks(), places + i * plan.tiles_of_block(),
                            workers[static_cast<std::size_t>(worker)]),
          .inputs = memory.inputs.at(shared + static_cast<std::size_t>(i) * memory.inputs.values())};
    });
    pool.parallel_for(count * parts, [&](int item, int worker) {
      const BandBlock& of = blocks[static_cast<std::size_t>(item / parts)];
      const int from = item % parts * together;
      kernels.transform_input(*of.job, of.block, from, std::min(from + together, sources),
                              workers[static_cast<std::size_t>(worker)].strip, of.inputs);
    });
    const int shares = (count + plan.sharing - 1) / plan.sharing;
    pool.parallel_for(shares * plan.groups() * kinds, [&](int item, int worker) {
      const int from = item / kinds / plan.groups() * plan.sharing, to = std::min(from + plan.sharing, count);
      const std::span<const BandBlock> all(blocks);
      wide_group(all.subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from)),
                 item / kinds % plan.groups(), item % kinds, workers[static_cast<std::size_t>(worker)]);
    });
  }
};

/// The job of every picture.
inline std::vector<WinogradJob> winograd_jobs(const WinogradConvolution& call) {
  const WinogradPlan& plan = *call.plan;
  WinogradJob job = plan.job();
  job.bias = call.bias ? call.bias->data<float>() : nullptr;
  job.add = call.add;
  job.activation = call.activation;
  const Storage* const stored_kinds = call.x->pending() ? call.x->pending()->kinds.get() : nullptr;
  const auto* const kinds = stored_kinds ? static_cast<const std::uint8_t*>(stored_kinds->data()) : nullptr;
  std::vector<WinogradJob> jobs;
  const auto blocks = static_cast<std::size_t>(plan.output_blocks());
  for (int n = 0; n < plan.output.n; ++n) {
    const auto picture = static_cast<std::size_t>(n);
    job.source = picture_of(*call.x, n);
    job.kinds = kinds ? kinds + picture * plan.source.pixels() : nullptr;
    job.output = call.output + picture * blocks * 16 * plan.output.pixels();
    job.moments = call.moments ? call.moments + picture * blocks * job.moment_chunks : nullptr;
    jobs.push_back(job);
  }
  return jobs;
}

inline bool wants_balance(const WinogradPlan& plan) {
  return plan.factors == DataType::bf16 && plan.source_phases == 2 && plan.kernel == 3;
}

template <class Factor>
void run_winograd_with(CpuBackend& backend, const WinogradConvolution& call) {
  const WinogradPlan& plan = *call.plan;
  const WinogradMemory<Factor> memory(plan);
  Scratch scratch(backend, memory.bytes(backend.threads()), call.memory);
  WinogradRun<Factor> run{.plan = plan,
                          .memory = memory,
                          .kernels = winograd_kernels<Factor>(backend.isa()),
                          .transposition = transpose_kernel(backend.isa()),
                          .balance = wants_balance(plan) ? balance_kernel(backend.isa()) : nullptr,
                          .weights = call.weights,
                          .shared = scratch.take<Factor>(memory.shared),
                          .places = scratch.take<int>(memory.places),
                          .workers = {},
                          .phases = {}};
  for (int i = 0; i < backend.threads(); ++i) run.workers.emplace_back(plan, memory, scratch);
  for (int i = 0; i < plan.output_kinds(); ++i) run.phases.emplace_back(plan, i, memory.inputs.plane);

  const std::vector<WinogradJob> jobs = winograd_jobs(call);
  ThreadPool& pool = backend.pool();
  if (plan.wide) {
    const int blocks = plan.blocks() * plan.output.n;
    for (int first = 0; first < blocks; first += plan.band)
      run.wide_band(pool, jobs, first, std::min(first + plan.band, blocks));
    return;
  }
  pool.parallel_for(plan.groups() * plan.output_kinds(), [&](int item, int worker) {
    run.prepare_group(item, run.workers[static_cast<std::size_t>(worker)]);
  });
  pool.parallel_for(plan.output.n * plan.blocks(), [&](int item, int worker) {
    run.narrow_block(jobs[static_cast<std::size_t>(item / plan.blocks())], item % plan.blocks(),
                     run.workers[static_cast<std::size_t>(worker)]);
  });
}

PIX2PIXHD_INLINE void run_winograd(CpuBackend& backend, const WinogradConvolution& call) {
  call.plan->factors == DataType::bf16 ? run_winograd_with<Bf16>(backend, call)
                                       : run_winograd_with<float>(backend, call);
}

}  // namespace pix2pixhd::inline v0::detail
