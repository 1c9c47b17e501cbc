#pragma once

#include <pix2pixhd/backend/cpu/loss_pass.hpp>

#include <pix2pixhd/backend/cpu/cpu_backend.hpp>
#include <pix2pixhd/backend/cpu/kernels/loss.hpp>
#include <pix2pixhd/backend/cpu/runs.hpp>
#include <pix2pixhd/backend/cpu/scratch.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <cstddef>

namespace pix2pixhd::inline v0::detail {

/// One side of a loss at the beginning of a chunk. `statistics` is room for those of a pending tensor.
inline LossValues loss_values(const Tensor& x, const Runs& runs, const RunChunk& chunk, LaneStatistics& statistics) {
  LossValues result{.values = elements(x) + chunk.begin(runs), .statistics = nullptr, .activation = {}};
  if (const auto& pending = x.pending()) {
    statistics = lane_statistics(pending->statistics, runs, chunk.run);
    result.statistics = &statistics;
    result.activation = pending->activation;
  }
  return result;
}

/// Cross entropy needs logarithms, and has small arguments: maps of scores. It is computed in double, one by one.
template <class T>
double cross_entropy_run(const LossRun& run, double target, int step, int channels) {
  const T* const x = static_cast<const T*>(run.x.values.address);
  T* const dx = static_cast<T*>(run.dx.address);
  double sum = 0;
  for (std::size_t i = 0; i < run.count; ++i) {
    const auto lane = static_cast<int>(i) % 16;
    if (step == 16 && lane >= channels) {
      if (dx) dx[i] = {};
      continue;
    }
    const LossTerm term = loss_term(LossKind::cross_entropy, static_cast<double>(to_float(x[i])), 0, target);
    sum += term.value;
    if (dx) dx[i] = to_element<T>(static_cast<float>(term.slope * static_cast<double>(run.scale[lane])));
  }
  return sum;
}

PIX2PIXHD_INLINE double loss_pass(CpuBackend& backend, const LossCall& call) {
  const Runs runs(*call.x);
  const double scale = call.weight / static_cast<double>(call.x->shape().count());
  const LossKernels& kernels = loss_kernels(backend.isa());
  const Elements dx = call.dx.empty() ? Elements{} : mutable_elements(call.dx);
  Scratch scratch(backend, static_cast<std::size_t>(runs.chunks()) * sizeof(double));
  double* const sums = scratch.take<double>(static_cast<std::size_t>(runs.chunks()));
  backend.pool().parallel_for(runs.chunks(), [&](int i, int) {
    const RunChunk chunk(runs, i);
    const int channels =
        runs.lanes == 1 ? 16 : std::min(16, call.x->shape().c - chunk.run % runs.of_picture * runs.lanes);
    alignas(64) float scales[16] = {};
    for (int lane = 0; lane < channels; ++lane) scales[lane] = static_cast<float>(scale);
    LaneStatistics of_x, of_y;
    LossRun run{.x = loss_values(*call.x, runs, chunk, of_x),
                .y = {},
                .dx = dx + chunk.begin(runs),
                .count = chunk.count,
                .target = static_cast<float>(call.target),
                .scale = scales};
    if (call.y) run.y = loss_values(*call.y, runs, chunk, of_y);
    if (call.kind == LossKind::cross_entropy) {
      sums[i] = with_element(run.x.values.type, [&](auto type) {
        return cross_entropy_run<decltype(type)>(run, call.target, runs.lanes, channels);
      });
      return;
    }
    double lanes[16], sum = 0;
    kernels.run(run, call.kind, lanes);
    for (int lane = 0; lane < channels; ++lane) sum += lanes[lane];
    sums[i] = sum;
  });
  double sum = 0;
  for (int i = 0; i < runs.chunks(); ++i) sum += sums[i];
  return scale * sum;
}

}  // namespace pix2pixhd::inline v0::detail
