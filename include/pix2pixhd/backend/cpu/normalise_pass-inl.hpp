#pragma once

#include <pix2pixhd/backend/cpu/normalise_pass.hpp>

#include <pix2pixhd/backend/cpu/cpu_backend.hpp>
#include <pix2pixhd/backend/cpu/runs.hpp>
#include <pix2pixhd/backend/cpu/scratch.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <cstddef>

namespace pix2pixhd::inline v0::detail {

/// From this size on a result is written past the caches, which could not keep it anyway.
inline constexpr std::size_t streamed_bytes = std::size_t{64} << 20;

PIX2PIXHD_INLINE void normalise_pass(CpuBackend& backend, const Normalise& call) {
  const Runs runs(*call.x);
  const NormaliseKernels& kernels = normalise_kernels(backend.isa());
  const Elements y = mutable_elements(call.y);
  const ConstElements x = elements(*call.x), skip = call.skip ? elements(*call.skip) : ConstElements{};
  const Pending* const pending = call.skip ? call.skip->pending().get() : nullptr;
  const bool aligned = runs.values % 16 == 0;
  const bool stream =
      aligned && y.address != x.address && y.address != skip.address && call.y.bytes() >= streamed_bytes;
  backend.pool().parallel_for(runs.chunks(), [&](int i, int) {
    const RunChunk chunk(runs, i);
    LaneStatistics statistics, skip_statistics;
    if (call.statistics) statistics = lane_statistics(*call.statistics, runs, chunk.run);
    if (pending && pending->statistics) skip_statistics = lane_statistics(pending->statistics, runs, chunk.run);
    const std::size_t begin = chunk.begin(runs);
    kernels.normalise({.x = x + begin,
                       .skip = skip + begin,
                       .y = y + begin,
                       .count = chunk.count,
                       .statistics = call.statistics ? &statistics : nullptr,
                       .skip_statistics = pending && pending->statistics ? &skip_statistics : nullptr,
                       .activation = call.activation,
                       .skip_activation = pending ? pending->activation : Activation::none,
                       .stream = stream});
  });
}

PIX2PIXHD_INLINE void add_pass(CpuBackend& backend, const Tensor& a, const Tensor& b, Tensor& y) {
  const Runs runs(y);
  const NormaliseKernels& kernels = normalise_kernels(backend.isa());
  const Elements to = mutable_elements(y);
  const ConstElements from_a = elements(a), from_b = elements(b);
  backend.pool().parallel_for(runs.chunks(), [&](int i, int) {
    const RunChunk chunk(runs, i);
    const std::size_t begin = chunk.begin(runs);
    kernels.add(from_a + begin, from_b + begin, to + begin, chunk.count);
  });
}

/// Adds up the sums of the chunks of every channel of one run, in the order of the chunks (and of the lanes, where
/// these are pixels of one channel).
inline void add_chunks(const Runs& runs, const LaneSums* chunks, int run, double* first, double* second) {
  for (int i = 0; i < runs.chunks_of_run(); ++i) {
    const LaneSums& sums = chunks[run * runs.chunks_of_run() + i];
    for (int lane = 0; lane < 16; ++lane) {
      const int to = runs.lanes == 1 ? 0 : lane;
      first[to] += sums.first[lane];
      second[to] += sums.second[lane];
    }
  }
}

PIX2PIXHD_INLINE std::size_t bias_gradient_workspace(const Shape& shape, const Format& format) {
  return aligned_bytes(static_cast<std::size_t>(Runs(shape, format).chunks()) * sizeof(LaneSums));
}

PIX2PIXHD_INLINE void bias_gradient(CpuBackend& backend, const Tensor& dy, Tensor& bias, bool add,
                                    std::byte* workspace) {
  const Runs runs(dy);
  const NormaliseKernels& kernels = normalise_kernels(backend.isa());
  Scratch scratch(backend, bias_gradient_workspace(dy.shape(), dy.format()), workspace);
  LaneSums* const sums = scratch.take<LaneSums>(static_cast<std::size_t>(runs.chunks()));
  const ConstElements from = elements(dy);
  backend.pool().parallel_for(runs.chunks(), [&](int i, int) {
    const RunChunk chunk(runs, i);
    kernels.sum(from + chunk.begin(runs), chunk.count, sums[i]);
  });
  float* const to = bias.mutable_data<float>();
  for (int part = 0; part < runs.of_picture; ++part) {
    double total[16] = {}, unused[16] = {};
    for (int n = 0; n < runs.pictures; ++n) add_chunks(runs, sums, n * runs.of_picture + part, total, unused);
    for (int lane = 0; lane < runs.lanes && part * runs.lanes + lane < dy.shape().c; ++lane) {
      float& value = to[part * runs.lanes + lane];
      value = static_cast<float>(total[lane] + (add ? static_cast<double>(value) : 0.0));
    }
  }
}

/// Means of g and of g n over the pixels that share a mean, for every run.
struct GradientMeans {
  alignas(64) float g[16];
  float gn[16];
};

PIX2PIXHD_INLINE std::size_t normalise_backward_workspace(const Shape& shape, const Format& format) {
  const Runs runs(shape, format);
  return aligned_bytes(static_cast<std::size_t>(runs.chunks()) * sizeof(LaneSums)) +
         aligned_bytes(static_cast<std::size_t>(runs.count()) * sizeof(GradientMeans));
}

/// Turns sums into means for the gradient, and into batch norm's own gradients.
inline void finish_gradient_sums(const NormaliseBackward& call, const Runs& runs, const LaneSums* sums,
                                 GradientMeans* means) {
  float* const d_scale = call.scale ? call.scale->mutable_data<float>() : nullptr;
  float* const d_shift = call.shift ? call.shift->mutable_data<float>() : nullptr;
  const bool batch = call.kind == Norm::batch;
  const int channels = call.dy->shape().c;
  const double count =
      static_cast<double>(call.dy->shape().pixels()) * (batch ? static_cast<double>(runs.pictures) : 1.0);
  const auto put = [](float* to, bool add, double value) {
    if (to) *to = static_cast<float>(value + (add ? static_cast<double>(*to) : 0.0));
  };
  for (int part = 0; part < runs.of_picture; ++part) {
    double g[16] = {}, gn[16] = {};
    for (int n = 0; n < runs.pictures; ++n) {
      const int run = n * runs.of_picture + part;
      if (!batch)
        for (int lane = 0; lane < 16; ++lane) g[lane] = gn[lane] = 0;
      add_chunks(runs, sums, run, g, gn);
      if (batch && n + 1 < runs.pictures) continue;
      for (int to = batch ? 0 : n; to <= n; ++to)
        for (int lane = 0; lane < 16; ++lane) {
          const int from = runs.lanes == 1 ? 0 : lane;
          GradientMeans& mean = means[to * runs.of_picture + part];
          mean.g[lane] = call.running ? 0.0f : static_cast<float>(g[from] / count);
          mean.gn[lane] = call.running ? 0.0f : static_cast<float>(gn[from] / count);
        }
    }
    for (int lane = 0; lane < runs.lanes && part * runs.lanes + lane < channels; ++lane) {
      const int c = part * runs.lanes + lane;
      put(d_shift ? d_shift + c : nullptr, call.add_shift, g[lane]);
      put(d_scale ? d_scale + c : nullptr, call.add_scale, gn[lane]);
    }
  }
}

PIX2PIXHD_INLINE void normalise_backward_pass(CpuBackend& backend, const NormaliseBackward& call,
                                              std::byte* workspace) {
  const Runs runs(*call.dy);
  const NormaliseKernels& kernels = normalise_kernels(backend.isa());
  const bool normed = call.kind != Norm::none;
  const ConstElements dy = elements(*call.dy), z = elements(*call.z);
  Scratch scratch(backend, normed ? normalise_backward_workspace(call.dy->shape(), call.dy->format()) : 0, workspace);
  LaneSums* sums = nullptr;
  GradientMeans* means = nullptr;
  if (normed) {
    sums = scratch.take<LaneSums>(static_cast<std::size_t>(runs.chunks()));
    means = scratch.take<GradientMeans>(static_cast<std::size_t>(runs.count()));
    backend.pool().parallel_for(runs.chunks(), [&](int i, int) {
      const RunChunk chunk(runs, i);
      const LaneStatistics statistics = lane_statistics(*call.statistics, runs, chunk.run);
      const std::size_t begin = chunk.begin(runs);
      kernels.gradient_sums({.dy = dy + begin,
                             .z = z + begin,
                             .dx = {},
                             .count = chunk.count,
                             .statistics = &statistics,
                             .mean_g = nullptr,
                             .mean_gn = nullptr},
                            call.activation, sums[i]);
    });
    finish_gradient_sums(call, runs, sums, means);
  }
  const Elements dx = mutable_elements(call.dx);
  backend.pool().parallel_for(runs.chunks(), [&](int i, int) {
    const RunChunk chunk(runs, i);
    LaneStatistics statistics;
    if (normed) statistics = lane_statistics(*call.statistics, runs, chunk.run);
    const std::size_t begin = chunk.begin(runs);
    kernels.gradient({.dy = dy + begin,
                      .z = z + begin,
                      .dx = dx + begin,
                      .count = chunk.count,
                      .statistics = normed ? &statistics : nullptr,
                      .mean_g = normed ? means[chunk.run].g : nullptr,
                      .mean_gn = normed ? means[chunk.run].gn : nullptr},
                     call.activation);
  });
}

}  // namespace pix2pixhd::inline v0::detail
