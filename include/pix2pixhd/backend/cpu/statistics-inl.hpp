#pragma once

#include <pix2pixhd/backend/cpu/statistics.hpp>

#include <pix2pixhd/backend/cpu/cpu_backend.hpp>
#include <pix2pixhd/backend/cpu/moments.hpp>
#include <pix2pixhd/backend/cpu/runs.hpp>
#include <pix2pixhd/backend/cpu/scratch.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace pix2pixhd::inline v0::detail {

/// Writes the four statistics of channel `c` for pictures [first, last].
inline void write_statistics(const Tensor& statistics, float* rows, int first, int last, int c, double mean,
                             double variance, double scale, double shift) {
  const double deviation = 1 / std::sqrt(variance + norm_epsilon);
  const auto width = static_cast<std::size_t>(statistics.shape().w);
  for (int n = first; n <= last; ++n) {
    float* const to = rows + static_cast<std::size_t>(n * statistics_rows) * width + static_cast<std::size_t>(c);
    to[static_cast<std::size_t>(StatisticsRow::mean) * width] = static_cast<float>(mean);
    to[static_cast<std::size_t>(StatisticsRow::scale) * width] = static_cast<float>(deviation * scale);
    to[static_cast<std::size_t>(StatisticsRow::shift) * width] = static_cast<float>(shift);
    to[static_cast<std::size_t>(StatisticsRow::deviation) * width] = static_cast<float>(deviation);
  }
}

PIX2PIXHD_INLINE void finish_statistics(ThreadPool& pool, const PartialMoments& partial, const Shape& shape,
                                        const Normalisation& norm, const Tensor& statistics) {
  const int blocks = (shape.c + 15) / 16;
  const bool batch = norm.kind == Norm::batch;
  float* const rows = statistics.mutable_data<float>();
  std::fill_n(rows, statistics.shape().count(), 0.0f);  // the lanes that fill up the last block
  const bool move = batch && norm.update_running && !norm.use_running;
  float* const running_mean = move ? norm.running_mean->mutable_data<float>() : nullptr;
  float* const running_variance = move ? norm.running_variance->mutable_data<float>() : nullptr;
  const auto value = [](const Tensor* array, int c, double otherwise) {
    return array ? static_cast<double>(array->data<float>()[c]) : otherwise;
  };
  const auto join_picture = [&](Moments& all, int n, int c) {
    const BlockMoments* from =
        partial.moments + static_cast<std::size_t>(n * blocks + c / 16) * static_cast<std::size_t>(partial.chunks);
    for (int i = 0; i < partial.chunks; ++i)
      all.join(partial.counts[i], static_cast<double>(from[i].mean[c % 16]),
               static_cast<double>(from[i].square[c % 16]));
  };
  const auto channel = [&](int c) {
    // The convolution's output lacks its bias, which the running mean contains.
    const double bias = batch ? value(norm.bias, c, 0) : 0;
    const double scale = batch ? value(norm.scale, c, 1) : 1, shift = batch ? value(norm.shift, c, 0) : 0;
    if (norm.use_running)
      return write_statistics(statistics, rows, 0, shape.n - 1, c, value(norm.running_mean, c, 0) - bias,
                              value(norm.running_variance, c, 1), scale, shift);
    Moments all;
    for (int n = 0; n < shape.n; ++n) {
      if (!batch) all = {};
      join_picture(all, n, c);
      if (!batch) write_statistics(statistics, rows, n, n, c, all.mean, all.square / all.count, scale, shift);
    }
    if (!batch) return;
    write_statistics(statistics, rows, 0, shape.n - 1, c, all.mean, all.square / all.count, scale, shift);
    if (!move || !std::isfinite(all.mean) || !std::isfinite(all.square)) return;
    const auto approach = [](float& moved, double target) {
      const auto now = static_cast<double>(moved);
      moved = static_cast<float>(now + batch_norm_momentum * (target - now));
    };
    approach(running_mean[c], all.mean + bias);
    approach(running_variance[c], all.square / std::max(all.count - 1, 1.0));
  };
  pool.parallel_for(blocks, [&](int block, int) {
    for (int c = block * 16; c < std::min(shape.c, block * 16 + 16); ++c) channel(c);
  });
}

PIX2PIXHD_INLINE std::size_t statistics_workspace(const Shape& shape, const Format& format) {
  const auto chunks = static_cast<std::size_t>(Runs(shape, format).chunks_of_run());
  const std::size_t blocks = static_cast<std::size_t>(shape.n) * static_cast<std::size_t>((shape.c + 15) / 16);
  return aligned_bytes(chunks * sizeof(int)) + aligned_bytes(blocks * chunks * sizeof(BlockMoments));
}

/// Moments of `count` floats of one plain channel: those of sixteen lanes, and what is left over.
inline Moments plain_moments(const NormaliseKernels& kernels, const float* x, std::size_t count) {
  LaneSums lanes{};
  const std::size_t sixteens = count / 16;
  Moments all;
  if (sixteens > 0) {
    kernels.moments({x, DataType::f32}, sixteens, lanes);
    for (int i = 0; i < 16; ++i) all.join(static_cast<double>(sixteens), lanes.first[i], lanes.second[i]);
  }
  for (std::size_t i = sixteens * 16; i < count; ++i) all.join(1, static_cast<double>(x[i]), 0);
  return all;
}

PIX2PIXHD_INLINE void statistics_pass(CpuBackend& backend, const Statistics& call, std::byte* workspace) {
  const Shape& shape = call.x->shape();
  if (call.norm.use_running) return finish_statistics(backend.pool(), {}, shape, call.norm, call.statistics);
  const Runs runs(*call.x);
  const int chunks = runs.chunks_of_run(), blocks = (shape.c + 15) / 16;
  Scratch scratch(backend, statistics_workspace(shape, call.x->format()), workspace);
  int* const counts = scratch.take<int>(static_cast<std::size_t>(chunks));
  BlockMoments* const moments = scratch.take<BlockMoments>(static_cast<std::size_t>(shape.n * blocks * chunks));
  for (int i = 0; i < chunks; ++i)
    counts[i] = static_cast<int>(RunChunk(runs, i).count / static_cast<std::size_t>(runs.lanes));
  const NormaliseKernels& kernels = normalise_kernels(backend.isa());
  const ConstElements x = elements(*call.x);
  backend.pool().parallel_for(runs.chunks(), [&](int i, int) {
    const RunChunk chunk(runs, i);
    const int picture = chunk.run / runs.of_picture, channel = chunk.run % runs.of_picture * runs.lanes;
    BlockMoments& to = moments[(picture * blocks + channel / 16) * chunks + i % chunks];
    if (runs.lanes == 1) {
      const Moments all = plain_moments(kernels, call.x->data<float>() + chunk.begin(runs), chunk.count);
      to.mean[channel % 16] = static_cast<float>(all.mean);
      to.square[channel % 16] = static_cast<float>(all.square);
      return;
    }
    LaneSums lanes{};
    kernels.moments(x + chunk.begin(runs), chunk.count / 16, lanes);
    for (int lane = 0; lane < 16; ++lane) {
      to.mean[lane] = static_cast<float>(lanes.first[lane]);
      to.square[lane] = static_cast<float>(lanes.second[lane]);
    }
  });
  finish_statistics(backend.pool(), {.moments = moments, .counts = counts, .chunks = chunks}, shape, call.norm,
                    call.statistics);
}

}  // namespace pix2pixhd::inline v0::detail
