#pragma once

#include <pix2pixhd/backend/cpu/moments.hpp>
#include <pix2pixhd/backend/cpu/runs.hpp>
#include <pix2pixhd/backend/cpu/scratch.hpp>
#include <pix2pixhd/backend/cpu/statistics_pass.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <cstddef>

namespace pix2pixhd::inline v0::detail {

/// Moments of `count` floats of one plain channel: sixteen lanes and what is left of them.
inline Moments plain_moments(const NormaliseKernels& kernels, const float* x, std::size_t count) {
  LaneSums lanes{};
  const std::size_t sixteens = count / 16;
  Moments all;
  if (sixteens > 0) {
    kernels.moments(x, sixteens, lanes);
    for (int i = 0; i < 16; ++i) all.merge({static_cast<double>(sixteens), lanes.first[i], lanes.second[i]});
  }
  for (std::size_t i = sixteens * 16; i < count; ++i) all.merge({1.0, static_cast<double>(x[i]), 0.0});
  return all;
}

PIX2PIXHD_INLINE std::size_t statistics_workspace(const Shape& shape, const Format& format) {
  const Runs runs(shape, format);
  const auto stored = static_cast<std::size_t>((shape.c + 15) / 16 * 16) * static_cast<std::size_t>(shape.n);
  const std::size_t partial = static_cast<std::size_t>(runs.chunks()) * static_cast<std::size_t>(runs.lanes);
  return aligned_bytes(stored * sizeof(Moments)) + aligned_bytes(partial * sizeof(Moments));
}

PIX2PIXHD_INLINE void statistics_pass(CpuBackend& backend, const Statistics& call, std::byte* workspace) {
  const Shape& shape = call.x->shape();
  if (call.norm.use_running) return finish_statistics(call.norm, shape.c, nullptr, call.statistics);
  const Runs runs(shape, call.x->format());
  const std::size_t stored = static_cast<std::size_t>((shape.c + 15) / 16 * 16);
  Scratch scratch(backend, statistics_workspace(shape, call.x->format()), workspace);
  Moments* const all = scratch.take<Moments>(stored * static_cast<std::size_t>(shape.n));
  Moments* const partial = scratch.take<Moments>(static_cast<std::size_t>(runs.chunks() * runs.lanes));
  const NormaliseKernels& kernels = normalise_kernels(backend.isa());
  const float* const x = call.x->data<float>();
  backend.pool().parallel_for(runs.chunks(), [&](int i, int) {
    const RunChunk chunk(runs, i);
    Moments* const to = partial + static_cast<std::size_t>(i * runs.lanes);
    if (runs.lanes == 1) {
      *to = plain_moments(kernels, x + chunk.begin(runs), chunk.count);
      return;
    }
    LaneSums lanes{};
    kernels.moments(x + chunk.begin(runs), chunk.count / 16, lanes);
    for (int lane = 0; lane < 16; ++lane)
      to[lane] = {static_cast<double>(chunk.count / 16), lanes.first[lane], lanes.second[lane]};
  });
  for (int n = 0; n < shape.n; ++n)
    for (int c = 0; c < shape.c; ++c) {
      Moments& to = all[static_cast<std::size_t>(n) * stored + static_cast<std::size_t>(c)];
      to = {};
      const int run = n * runs.of_picture + c / runs.lanes;
      for (int i = 0; i < runs.chunks_of_run(); ++i)
        to.merge(partial[static_cast<std::size_t>((run * runs.chunks_of_run() + i) * runs.lanes + c % runs.lanes)]);
    }
  finish_statistics(call.norm, shape.c, all, call.statistics);
}

}  // namespace pix2pixhd::inline v0::detail
