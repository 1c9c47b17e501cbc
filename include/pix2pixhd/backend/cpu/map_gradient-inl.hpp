#pragma once

#include <pix2pixhd/backend/cpu/map_convolution.hpp>

#include <pix2pixhd/backend/cpu/cpu_backend.hpp>
#include <pix2pixhd/backend/cpu/map_tables.hpp>
#include <pix2pixhd/backend/cpu/map_tile.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace pix2pixhd::inline v0 {
namespace detail {

inline MapPlan plan_of(const MapConvolutionBackwardWeights& call) {
  return MapPlan(call.geometry, *call.map, call.dy->shape().c);
}

inline int map_gradient_parts(const MapPlan& plan) {
  return std::min(map_gradient_chunks, plan.output.n * plan.tiles());
}

/// Temporary memory of one worker: a tile, a row of a plain dy, and the sums of one class.
inline std::size_t map_gradient_worker_bytes(const MapPlan& plan) {
  const auto stored = static_cast<std::size_t>(plan.stored), kernel = static_cast<std::size_t>(plan.kernel());
  return map_tile_bytes(plan) + aligned_bytes(static_cast<std::size_t>(plan.tile_columns) * stored * sizeof(float)) +
         aligned_bytes(kernel * kernel * stored * sizeof(double));
}

PIX2PIXHD_INLINE std::size_t map_gradient_workspace(const CpuBackend& backend,
                                                    const MapConvolutionBackwardWeights& call) {
  const MapPlan plan = plan_of(call);
  return map_axis_bytes(plan, plan.height) + map_axis_bytes(plan, plan.width) +
         static_cast<std::size_t>(map_gradient_parts(plan)) * aligned_bytes(plan.table_floats() * sizeof(float)) +
         static_cast<std::size_t>(backend.threads()) * map_gradient_worker_bytes(plan);
}

/// Pixels of plain channels, `plane` floats apart, as sixteen lanes.
inline void load_plain_row(const float* from, std::size_t plane, int count, int channels, float* lanes) {
  for (int i = 0; i < count; ++i)
    for (int c = 0; c < 16; ++c)
      lanes[i * 16 + c] = c < channels ? from[static_cast<std::size_t>(c) * plane + static_cast<std::size_t>(i)] : 0.0f;
}

/// Adds the table gradients of one class (or of the boundaries) and writes them where its weights are.
inline void gather_map_gradient(const MapPlan& plan, const std::vector<MapTable<float>>& parts, int row, double* sums,
                                float* weight, std::size_t inputs, bool add) {
  const auto kernel = static_cast<std::size_t>(plan.kernel()), width = static_cast<std::size_t>(plan.stored);
  const auto at = static_cast<std::size_t>(row);
  const std::size_t taps = kernel * kernel;
  std::fill_n(sums, taps * width, 0.0);
  for (const MapTable<float>& part : parts)
    for (std::size_t tap = 0; tap < taps; ++tap) {
      const float* const from = part.taps + (at * taps + tap) * width;
      const float* const from_row = part.rows + (at * kernel + tap / kernel) * width;
      const bool is_class = row < plan.classes;
      const float* const from_window = is_class ? part.windows + at * width : nullptr;
      for (std::size_t o = 0; o < width; ++o) {
        sums[tap * width + o] += static_cast<double>(from[o]) + static_cast<double>(from_row[o]);
        if (is_class) sums[tap * width + o] += static_cast<double>(from_window[o]);
      }
    }
  const auto channel = static_cast<std::size_t>(row < plan.classes ? row : plan.classes);
  for (std::size_t o = 0; o < static_cast<std::size_t>(plan.output.c); ++o)
    for (std::size_t tap = 0; tap < taps; ++tap) {
      float& to = weight[(o * inputs + channel) * taps + tap];
      to = static_cast<float>(sums[tap * width + o] + (add ? static_cast<double>(to) : 0.0));
    }
}

PIX2PIXHD_INLINE void map_weight_gradient(CpuBackend& backend, const MapConvolutionBackwardWeights& call) {
  const MapPlan plan = plan_of(call);
  Scratch scratch(backend, map_gradient_workspace(backend, call), call.workspace);
  const MapAxis rows = make_map_axis(plan, plan.plane.h, plan.height, scratch);
  const MapAxis columns = make_map_axis(plan, plan.plane.w, plan.width, scratch);
  const MapKernels& kernels = map_kernels(backend.isa());
  std::vector<MapTable<float>> parts;
  for (int i = 0; i < map_gradient_parts(plan); ++i)
    parts.push_back(map_table_parts(plan, scratch.take<float>(plan.table_floats())));
  struct Worker {
    MapTile tile;
    float* row;
    double* sums;
  };
  std::vector<Worker> workers;
  workers.reserve(static_cast<std::size_t>(backend.threads()));
  const auto kernel = static_cast<std::size_t>(plan.kernel()), stored = static_cast<std::size_t>(plan.stored);
  for (int i = 0; i < backend.threads(); ++i)
    workers.push_back({MapTile(plan, *call.map, rows, columns, scratch),
                       scratch.take<float>(static_cast<std::size_t>(plan.tile_columns) * stored),
                       scratch.take<double>(kernel * kernel * stored)});

  const ConstElements dy = elements(*call.dy);
  const bool blocked = call.dy->format().layout == Layout::blocked;
  const std::size_t pixels = plan.output.pixels();
  const std::size_t picture_values = pixels * static_cast<std::size_t>(blocked ? plan.stored : plan.output.c);
  const auto tiles = static_cast<std::int64_t>(plan.output.n) * plan.tiles();
  const int part_count = static_cast<int>(parts.size());
  backend.pool().parallel_for(part_count, [&](int part, int number) {
    Worker& worker = workers[static_cast<std::size_t>(number)];
    const MapTable<float>& table = parts[static_cast<std::size_t>(part)];
    std::fill_n(table.taps, plan.table_floats(), 0.0f);
    const auto end = static_cast<int>(tiles * (part + 1) / part_count);
    for (auto index = static_cast<int>(tiles * part / part_count); index < end; ++index) {
      const MapTilePlace place(plan, index);
      worker.tile.build(place);
      for (int i = 0; i < place.rows; ++i) {
        const std::size_t pixel = static_cast<std::size_t>(place.row + i) * static_cast<std::size_t>(plan.output.w) +
                                  static_cast<std::size_t>(place.column);
        const ConstElements picture = dy + static_cast<std::size_t>(place.picture) * picture_values;
        if (!blocked)
          load_plain_row(static_cast<const float*>((picture + pixel).address), pixels, place.columns, plan.output.c,
                         worker.row);
        kernels.gradient({.window = worker.tile.window(i),
                          .table = table,
                          .dy = blocked ? picture + pixel * 16 : ConstElements{worker.row},
                          .block_stride = pixels * 16});
      }
    }
  });

  float* const weight = call.weight->mutable_data<float>();
  const auto inputs = static_cast<std::size_t>(call.weight->shape().c);
  backend.pool().parallel_for(plan.classes + (plan.edges ? 1 : 0), [&](int i, int number) {
    gather_map_gradient(plan, parts, i < plan.classes ? i : plan.edge_row(),
                        workers[static_cast<std::size_t>(number)].sums, weight, inputs, call.add);
  });
}

}  // namespace detail
}  // namespace pix2pixhd::inline v0
