#pragma once

#include <pix2pixhd/backend/cpu/cpu_backend.hpp>
#include <pix2pixhd/backend/cpu/dense_convolution.hpp>
#include <pix2pixhd/backend/cpu/winograd_convolution.hpp>
#include <pix2pixhd/backend/cpu/winograd_memory.hpp>
#include <pix2pixhd/backend/cpu/winograd_steps.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace pix2pixhd::inline v0::detail {

/// Calls f(Factor{}), Factor being the type of such factors.
template <class F>
decltype(auto) with_factor(WinogradFactor factor, F&& f) {
  if (factor == WinogradFactor::bf16) return f(Bf16{});
  if (factor == WinogradFactor::fixed16) return f(Fixed16{});
  return f(float{});
}

PIX2PIXHD_INLINE std::size_t winograd_workspace(const CpuBackend& backend, const WinogradPlan& plan) {
  return with_factor(plan.factors,
                     [&](auto factor) { return WinogradMemory<decltype(factor)>(plan).bytes(backend.threads()); });
}

/// A convolution in progress.
template <class Factor>
struct WinogradRun {
  using Worker = WinogradWorker<Factor>;

  const WinogradPlan& plan;
  const WinogradMemory<Factor>& memory;
  const WinogradSteps<Factor>& steps;
  Factor* shared;
  float* shared_scales;
  int* places;  ///< of the tiles of a band
  std::vector<Worker> workers;

  /// Few channels: the weights of one group and phase of the output.
  WinogradPanels<Factor> panels_of(int item) const {
    const auto index = static_cast<std::size_t>(item);
    return {.values = shared + index * memory.group_values(),
            .scales = memory.weight_scales_at(shared_scales + index * memory.weight_scales)};
  }
  /// Few channels: what is transformed and multiplied as an item, all source blocks and all points.
  WinogradPart part_of(int item) const {
    return {.group = item / plan.output_kinds(),
            .output_phase = item % plan.output_kinds(),
            .first = 0,
            .last = plan.source_blocks(),
            .row = 0,
            .rows = plan.point_side()};
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
    const WinogradInputs<Factor> inputs{.values = memory.inputs.at(worker.inputs),
                                        .scales = memory.input_scales_at(worker.scales)};
    const PointValues<float> products = memory.products.at(worker.products);
    steps.transform_input(job, block, 0, steps.input_items(), worker, inputs);
    for (int item = 0; item < plan.groups() * plan.output_kinds(); ++item) {
      steps.multiply(part_of(item), inputs, block.computed, panels_of(item), products);
      steps.transform_output(part_of(item), job, block, products);
    }
  }

  /// A block of a band: of which picture, and its transformed inputs.
  struct BandBlock {
    const WinogradJob* job = nullptr;
    WinogradBlock block = {};
    WinogradInputs<Factor> inputs = {};
  };

  /// Many channels: one group and phase of the outputs of some blocks, which share its weights.
  void wide_group(std::span<const BandBlock> blocks, int group, int phase, const Worker& worker) const {
    const auto products_of = [&](std::size_t i) {
      return memory.products.at(worker.products + i * memory.products.values());
    };
    const WinogradPanels<Factor> panels{.values = worker.points, .scales = memory.weight_scales_at(worker.scales)};
    WinogradPart part{.group = group, .output_phase = phase, .rows = plan.weight_rows};
    for (; part.first < plan.source_blocks(); part.first += plan.slice) {
      part.last = std::min(part.first + plan.slice, plan.source_blocks());
      for (part.row = 0; part.row < plan.point_side(); part.row += part.rows) {
        steps.make_weights(part, worker, panels);
        for (std::size_t i = 0; i < blocks.size(); ++i)
          steps.multiply(part, blocks[i].inputs, blocks[i].block.computed, panels, products_of(i));
      }
    }
    for (std::size_t i = 0; i < blocks.size(); ++i)
      steps.transform_output(part, *blocks[i].job, blocks[i].block, products_of(i));
  }

  /// Many channels: blocks [first, last) of all pictures, whose inputs fit into the memory.
  void wide_band(ThreadPool& pool, const std::vector<WinogradJob>& jobs, int first, int last) const {
    constexpr int together = WinogradMemory<Factor>::fixed ? 1 : 4;  // groups or source blocks of an item
    const int sources = steps.input_items(), kinds = plan.output_kinds();
    const int count = last - first, parts = (sources + together - 1) / together;
    std::vector<BandBlock> blocks(static_cast<std::size_t>(count));
    pool.parallel_for(count, [&](int i, int worker) {
      const auto index = static_cast<std::size_t>(i);
      const WinogradJob& job = jobs[static_cast<std::size_t>((first + i) / plan.blocks())];
      blocks[index] = {.job = &job,
                       .block = block_of(job, (first + i) % plan.blocks(), places + i * plan.tiles_of_block(),
                                         workers[static_cast<std::size_t>(worker)]),
                       .inputs = {.values = memory.inputs.at(shared + index * memory.inputs.values()),
                                  .scales = memory.input_scales_at(shared_scales + index * memory.input_scales)}};
    });
    pool.parallel_for(count * parts, [&](int item, int worker) {
      const BandBlock& of = blocks[static_cast<std::size_t>(item / parts)];
      const int from = item % parts * together;
      steps.transform_input(*of.job, of.block, from, std::min(from + together, sources),
                            workers[static_cast<std::size_t>(worker)], of.inputs);
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
  return plan.factors == WinogradFactor::bf16 && plan.source_phases == 2 && plan.kernel == 3;
}

template <class Factor>
void run_winograd_with(CpuBackend& backend, const WinogradConvolution& call) {
  const WinogradPlan& plan = *call.plan;
  const WinogradMemory<Factor> memory(plan);
  Scratch scratch(backend, memory.bytes(backend.threads()), call.memory);
  WinogradSteps<Factor> steps{.plan = plan,
                              .memory = memory,
                              .kernels = winograd_kernels<WinogradMade<Factor>>(backend.isa()),
                              .fixed_kernels = memory.fixed ? &winograd_fixed_kernels(backend.isa()) : nullptr,
                              .transposition = transpose_kernel(backend.isa()),
                              .balance = wants_balance(plan) ? balance_kernel(backend.isa()) : nullptr,
                              .weights = call.weights,
                              .phases = {}};
  const int phase_blocks = memory.fixed ? plan.group_blocks() : plan.source_blocks();
  const std::size_t distance = memory.inputs.plane * static_cast<std::size_t>(phase_blocks);
  for (int i = 0; i < plan.output_kinds(); ++i) steps.phases.emplace_back(plan, i, distance);
  WinogradRun<Factor> run{.plan = plan,
                          .memory = memory,
                          .steps = steps,
                          .shared = scratch.take<Factor>(memory.shared),
                          .shared_scales = scratch.take<float>(memory.shared_scales),
                          .places = scratch.take<int>(memory.places),
                          .workers = {}};
  for (int i = 0; i < backend.threads(); ++i) run.workers.emplace_back(plan, memory, scratch);

  const std::vector<WinogradJob> jobs = winograd_jobs(call);
  ThreadPool& pool = backend.pool();
  if (plan.wide) {
    const int blocks = plan.blocks() * plan.output.n;
    for (int first = 0; first < blocks; first += plan.band)
      run.wide_band(pool, jobs, first, std::min(first + plan.band, blocks));
    return;
  }
  pool.parallel_for(plan.groups() * plan.output_kinds(), [&](int item, int worker) {
    steps.make_weights(run.part_of(item), run.workers[static_cast<std::size_t>(worker)], run.panels_of(item));
  });
  pool.parallel_for(plan.output.n * plan.blocks(), [&](int item, int worker) {
    run.narrow_block(jobs[static_cast<std::size_t>(item / plan.blocks())], item % plan.blocks(),
                     run.workers[static_cast<std::size_t>(worker)]);
  });
}

PIX2PIXHD_INLINE void run_winograd(CpuBackend& backend, const WinogradConvolution& call) {
  with_factor(call.plan->factors, [&](auto factor) { run_winograd_with<decltype(factor)>(backend, call); });
}

}  // namespace pix2pixhd::inline v0::detail
