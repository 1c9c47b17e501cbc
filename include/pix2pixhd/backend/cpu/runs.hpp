#pragma once
/// How passes see a tensor: as runs of values that share their statistics.

#include <pix2pixhd/backend/cpu/kernels/normalise.hpp>
#include <pix2pixhd/core/tensor.hpp>

#include <algorithm>
#include <cstddef>

namespace pix2pixhd::inline v0::detail {

/// Values of a run that one chunk of work takes: 256 KB of floats, a part of the second cache.
inline constexpr std::size_t run_chunk_values = 65536;

/// The values of a tensor, cut into runs (a block of sixteen channels of one picture when blocked, a channel when
/// plain) and these into chunks. Depends on shape and format only, and so do the orders of all sums.
struct Runs {
  int pictures = 0;
  int of_picture = 0;      ///< runs of one picture
  int lanes = 1;           ///< channels of one run: 16 or 1
  std::size_t values = 0;  ///< of one run

  Runs(const Shape& shape, const Format& format)
      : pictures(shape.n),
        of_picture(format.stored_channels(shape.c) / format.block),
        lanes(format.block),
        values(shape.pixels() * static_cast<std::size_t>(format.block)) {}
  explicit Runs(const Tensor& x) : Runs(x.shape(), x.format()) {}

  int count() const { return pictures * of_picture; }
  int chunks_of_run() const { return static_cast<int>((values + run_chunk_values - 1) / run_chunk_values); }
  int chunks() const { return count() * chunks_of_run(); }
  std::size_t offset(int run) const { return static_cast<std::size_t>(run) * values; }
};

/// One chunk of work: `count` values at `from` in run `run`.
struct RunChunk {
  int run;
  std::size_t from, count;
  RunChunk(const Runs& runs, int chunk)
      : run(chunk / runs.chunks_of_run()),
        from(static_cast<std::size_t>(chunk % runs.chunks_of_run()) * run_chunk_values),
        count(std::min(run_chunk_values, runs.values - from)) {}
  std::size_t begin(const Runs& runs) const { return runs.offset(run) + from; }
};

/// Address of a row of a statistics tensor.
inline const float* statistics_row(const Tensor& statistics, int picture, StatisticsRow row) {
  return statistics.data<float>() + static_cast<std::size_t>(picture * statistics_rows + static_cast<int>(row)) *
                                        static_cast<std::size_t>(statistics.shape().w);
}

/// The statistics of the channels of one run; those of a plain channel are repeated in all lanes.
inline LaneStatistics lane_statistics(const Tensor& statistics, const Runs& runs, int run) {
  LaneStatistics result{};
  const int picture = run / runs.of_picture, first = run % runs.of_picture * runs.lanes;
  const auto fill = [&](float* lanes, StatisticsRow row) {
    const float* from = statistics_row(statistics, picture, row) + first;
    for (int i = 0; i < 16; ++i) lanes[i] = from[runs.lanes == 1 ? 0 : i];
  };
  fill(result.mean, StatisticsRow::mean);
  fill(result.scale, StatisticsRow::scale);
  fill(result.shift, StatisticsRow::shift);
  fill(result.deviation, StatisticsRow::deviation);
  return result;
}

}  // namespace pix2pixhd::inline v0::detail
