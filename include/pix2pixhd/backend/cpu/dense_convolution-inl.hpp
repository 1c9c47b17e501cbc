#pragma once

#include <pix2pixhd/backend/cpu/cpu_backend.hpp>
#include <pix2pixhd/backend/cpu/dense_convolution.hpp>
#include <pix2pixhd/backend/cpu/kernels/narrow.hpp>
#include <pix2pixhd/backend/cpu/kernels/planar.hpp>
#include <pix2pixhd/backend/cpu/scratch.hpp>
#include <pix2pixhd/backend/cpu/weight_packing.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0::detail {

PIX2PIXHD_INLINE Picture picture_of(const Tensor& x, int n) {
  const Shape& shape = x.shape();
  Picture result;
  result.blocked = x.format().layout == Layout::blocked;
  result.values = (elements(x) + static_cast<std::size_t>(n) * shape.pixels() *
                                     static_cast<std::size_t>(x.format().stored_channels(shape.c)))
                      .address;
  result.type = x.format().type;
  result.channels = shape.c;
  result.row_stride = shape.w;
  result.pixels = shape.pixels();
  if (const auto& pending = x.pending()) {
    const auto width = static_cast<std::size_t>(pending->statistics.shape().w);
    const auto row = [&](StatisticsRow index) {
      return pending->statistics.data<float>() +
             (static_cast<std::size_t>(n) * statistics_rows + static_cast<std::size_t>(index)) * width;
    };
    result.mean = row(StatisticsRow::mean);
    result.scale = row(StatisticsRow::scale);
    result.shift = row(StatisticsRow::shift);
    result.activation = pending->activation;
  }
  return result;
}

/// The first blocks of all groups, and one behind the last.
inline std::vector<int> group_starts(const TapPlan& plan) {
  std::vector<int> starts;
  const int blocks = plan.output_blocks();
  for (int first = 0; first < blocks; first += tap_group(first, blocks, plan.grain.widest)) starts.push_back(first);
  starts.push_back(blocks);
  return starts;
}

PIX2PIXHD_INLINE std::size_t dense_workspace(const CpuBackend& backend, const TapPlan& plan) {
  const std::size_t bytes = aligned_bytes(plan.scratch_bytes()) + aligned_bytes(plan.sums_floats() * sizeof(float));
  return bytes * static_cast<std::size_t>(backend.threads());
}

PIX2PIXHD_INLINE void run_dense(CpuBackend& backend, const DenseConvolution& call) {
  const TapPlan& plan = *call.plan;
  // The places of taps in the scratch.
  const ScratchShape scratch = plan.scratch();
  std::vector<int> offsets;
  offsets.reserve(static_cast<std::size_t>(plan.all_taps));
  std::vector<TapPhase> phases;
  for (const PlannedPhase& phase : plan.phases) {
    phases.push_back({.row = phase.row,
                      .column = phase.column,
                      .taps = static_cast<int>(phase.taps.size()),
                      .offsets = offsets.data() + offsets.size(),
                      .first_tap = offsets.size()});
    const int pixel = plan.planar ? 1 : 16;
    for (const PlannedTap& tap : phase.taps) offsets.push_back((tap.row * scratch.pitch + tap.column) * pixel);
  }

  const int blocks = plan.output_blocks(), chunks = plan.moment_chunks();
  const std::size_t picture_values =
      static_cast<std::size_t>(call.output_blocked ? blocks * 16 : plan.output.c) * plan.output.pixels();
  TapJob job{};
  job.rows = plan.rows.source.data();
  job.columns = plan.columns.source.data();
  job.scratch = scratch;
  job.stride = plan.stride;
  job.reach = plan.reach;
  job.depth = plan.depth();
  job.slice = plan.slice;
  job.phases = phases.data();
  job.phase_count = static_cast<int>(phases.size());
  job.all_taps = plan.all_taps;
  job.weights = call.packed;
  job.bias = call.bias ? call.bias->data<float>() : nullptr;
  job.widest = plan.grain.widest;
  job.output_blocked = call.output_blocked;
  job.output_channels = plan.output.c;
  job.output_height = plan.output.h;
  job.output_width = plan.output.w;
  job.step = plan.step;
  job.add = call.add;
  job.activation = call.activation;
  job.moment_chunks = static_cast<std::size_t>(chunks);
  std::vector<TapJob> jobs;
  for (int i = 0; i < call.pictures; ++i) {
    job.source = picture_of(*call.x, call.first_picture + i);
    if (plan.turned) std::swap(job.source.row_stride, job.source.column_stride);
    job.output = call.output + static_cast<std::size_t>(i) * picture_values;
    job.moments =
        call.moments ? call.moments + static_cast<std::size_t>(i) * static_cast<std::size_t>(blocks * chunks) : nullptr;
    jobs.push_back(job);
  }

  // Where there are few tiles, each is computed in several parts of the output channels.
  constexpr int enough_items = 32;
  const std::vector<int> starts = group_starts(plan);
  const int groups = static_cast<int>(starts.size()) - 1, tiles = plan.tiles();
  const int splits = std::clamp(enough_items / (tiles * call.pictures), 1, groups);
  const auto run = plan.planar       ? planar_kernels(backend.isa(), plan.factors).run
                   : plan.narrow > 0 ? narrow_kernels(backend.isa()).run
                                     : tap_kernels(backend.isa(), plan.factors).run;
  const std::size_t worker_bytes = dense_workspace(backend, plan) / static_cast<std::size_t>(backend.threads());
  const std::size_t scratch_bytes = aligned_bytes(plan.scratch_bytes());
  backend.pool().parallel_for(call.pictures * tiles * splits, [&](int item, int worker) {
    const int split = item / (call.pictures * tiles), rest = item % (call.pictures * tiles);
    TapTile tile = plan.tile(rest % tiles);
    tile.first_block = starts[static_cast<std::size_t>(groups * split / splits)];
    tile.last_block = starts[static_cast<std::size_t>(groups * (split + 1) / splits)];
    std::byte* const memory = call.memory + worker_bytes * static_cast<std::size_t>(worker);
    tile.scratch = memory;
    tile.sums = reinterpret_cast<float*>(memory + scratch_bytes);
    run(jobs[static_cast<std::size_t>(rest / tiles)], tile);
  });
}

PIX2PIXHD_INLINE DataType factors_of(const CpuBackend& backend, const Tensor& x) {
  const bool rounded = backend.options().precision == Precision::bf16 && x.format().layout == Layout::blocked;
  return rounded && backend.isa() >= Isa::avx512_bf16 ? DataType::bf16 : DataType::f32;
}

PIX2PIXHD_INLINE void pack_all_weights(CpuBackend& backend, const TapPlan& plan, const WeightView& weights,
                                       void* packed) {
  if (plan.narrow > 0) return pack_weights(plan, weights, 0, 0, 0, 0, packed);
  const std::vector<int> starts = group_starts(plan);
  const int groups = static_cast<int>(starts.size()) - 1, blocks = plan.source_blocks();
  const int splits = std::clamp(blocks / 2, 1, 8);
  backend.pool().parallel_for(groups * splits, [&](int item, int) {
    const auto group = static_cast<std::size_t>(item / splits);
    const int split = item % splits;
    pack_weights(plan, weights, starts[group], starts[group + 1] - starts[group], blocks * split / splits,
                 blocks * (split + 1) / splits, packed);
  });
}

}  // namespace pix2pixhd::inline v0::detail
