#pragma once

#include <pix2pixhd/backend/cpu/map_convolution.hpp>

#include <pix2pixhd/backend/cpu/cpu_backend.hpp>
#include <pix2pixhd/backend/cpu/kernels/normalise.hpp>
#include <pix2pixhd/backend/cpu/map_composed.hpp>
#include <pix2pixhd/backend/cpu/map_tables.hpp>
#include <pix2pixhd/backend/cpu/map_tile.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace pix2pixhd::inline v0 {
namespace detail {

/// From this size on an output is written past the caches.
inline constexpr std::size_t streamed_map_bytes = std::size_t{64} << 20;

inline MapPlan plan_of(const MapConvolution& call) { return MapPlan(call.geometry, *call.map, call.weight->shape().n); }

inline ComposedPlan composed_plan_of(const CpuBackend& backend, const MapConvolution& call, const MapPlan& plan) {
  return {plan, backend.options().precision == Precision::bf16 && call.y.format().layout == Layout::blocked};
}

/// Sixteen-lane rows of an output that is stored plainly.
inline std::size_t map_row_floats(const MapPlan& plan) {
  return static_cast<std::size_t>(plan.tile_columns) * static_cast<std::size_t>(plan.stored);
}

/// Temporary memory of one worker.
inline std::size_t map_worker_bytes(const MapPlan& plan, const ComposedPlan& composed) {
  return map_tile_bytes(plan) + ComposedTile::bytes(composed) +
         aligned_bytes(map_row_floats(plan) * sizeof(float));
}

/// Bias, and the window sums with bias and activation.
inline std::size_t map_finished_bytes(const MapPlan& plan) {
  return aligned_bytes(static_cast<std::size_t>(plan.stored) * sizeof(float)) +
         aligned_bytes(plan.window_floats() * sizeof(float));
}

PIX2PIXHD_INLINE std::size_t map_forward_workspace(const CpuBackend& backend, const MapConvolution& call) {
  const MapPlan plan = plan_of(call);
  const ComposedPlan composed = composed_plan_of(backend, call, plan);
  return map_axis_bytes(plan, plan.height) + map_axis_bytes(plan, plan.width) + map_finished_bytes(plan) +
         ComposedTable::bytes(composed) +
         static_cast<std::size_t>(backend.threads()) * map_worker_bytes(plan, composed);
}

/// Copies sixteen-lane pixels of one block into the rows of plain channels, `plane` floats apart.
inline void store_plain_row(const float* lanes, int count, int channels, float* to, std::size_t plane) {
  for (int c = 0; c < channels; ++c)
    for (int i = 0; i < count; ++i)
      to[static_cast<std::size_t>(c) * plane + static_cast<std::size_t>(i)] = lanes[i * 16 + c];
}

/// The outputs [begin, end) of a row of which `row` is the whole.
inline MapForwardRow part_of_row(MapForwardRow row, int begin, int end) {
  const std::ptrdiff_t x = static_cast<std::ptrdiff_t>(begin) * row.window.stride;
  MapWindow& w = row.window;
  w.classes += x;
  w.listed += x;
  w.mixed_row += x;
  w.listed_row += x;
  w.edge_row += x;
  w.lists += x;
  w.other += x;
  w.count = end - begin;
  row.output.y = row.output.y + static_cast<std::size_t>(begin) * 16;
  return row;
}

/// The kinds of the pixels of a row: their class where its window alone was looked up.
inline void store_kinds(const MapWindow& window, const MapSpan& composed, std::uint8_t* kinds) {
  std::ptrdiff_t x = 0;
  for (int i = 0; i < window.count; ++i, x += window.stride) kinds[i] = window.other[x] ? no_kind : window.classes[x];
  if (!composed.empty()) std::fill(kinds + composed.begin, kinds + composed.end, no_kind);
}

/// The bias of every channel, and the sums of whole windows with bias and activation.
inline void finish_windows(const CpuBackend& backend, const MapConvolution& call, const MapPlan& plan,
                           const float* sums, float* bias, float* windows) {
  std::fill_n(bias, plan.stored, 0.0f);
  if (call.bias) std::copy_n(call.bias->data<float>(), plan.output.c, bias);
  for (std::size_t i = 0; i < plan.window_floats(); ++i)
    windows[i] = sums[i] + bias[i % static_cast<std::size_t>(plan.stored)];
  normalise_kernels(backend.isa())
      .normalise({.x = {windows, DataType::f32},
                  .skip = {},
                  .y = {windows, DataType::f32},
                  .count = plan.window_floats(),
                  .statistics = nullptr,
                  .skip_statistics = nullptr,
                  .activation = call.activation,
                  .skip_activation = Activation::none,
                  .stream = false});
}

/// What one thread has for itself.
struct MapWorker {
  MapTile tile;
  ComposedTile composed;
  float* row;
};

/// A convolution over a map in progress.
struct MapForwardRun {
  const MapPlan& plan;
  const MapConvolution& call;
  Isa isa;
  MapTable<const float> table;  ///< its windows are finished
  const float* bias;
  const ComposedPlan& composed_plan;
  ComposedTable& composed_table;
  Elements y;
  std::vector<MapWorker> workers = {};

  bool blocked() const { return call.y.format().layout == Layout::blocked; }

  void tile(int index, MapWorker& worker) const {
    const MapTilePlace place(plan, index);
    const double worth_from = composed_plan.worth_from();
    const bool read = composed_plan.covers(place) ? worker.tile.build(place, worth_from) : worker.tile.build(place);
    if (!read || worker.tile.look_ups() > worth_from)
      worker.composed.begin(place);
    else
      worker.composed.leave();
    for (int i = 0; i < place.rows; ++i) row(place, i, worker);
  }

 private:
  /// Row `i` of the outputs of a tile.
  void row(const MapTilePlace& place, int i, MapWorker& worker) const {
    const std::size_t pixels = plan.output.pixels(), picture = static_cast<std::size_t>(place.picture);
    const std::size_t pixel = static_cast<std::size_t>(place.row + i) * static_cast<std::size_t>(plan.output.w) +
                              static_cast<std::size_t>(place.column);
    const Elements values = y + picture * pixels * static_cast<std::size_t>(blocked() ? plan.stored : plan.output.c);
    const MapSpan composed = worker.composed.columns(i);
    const bool all = composed.end - composed.begin == place.columns;
    MapForwardRow row{.window = all ? MapWindow{} : worker.tile.window(i),
                      .table = table,
                      .output = {.bias = bias,
                                 .activation = call.activation,
                                 .y = blocked() ? values + pixel * 16 : Elements{worker.row},
                                 .block_stride = pixels * 16,
                                 .stream = blocked() && call.y.bytes() >= streamed_map_bytes}};
    if (call.kinds) store_kinds(row.window, composed, call.kinds + picture * pixels + pixel);
    const MapKernels& kernels = map_kernels(isa);
    if (composed.empty()) {
      kernels.forward(row);
    } else {
      if (composed.begin > 0) kernels.forward(part_of_row(row, 0, composed.begin));
      if (composed.end < place.columns) kernels.forward(part_of_row(row, composed.end, place.columns));
      row.output.y = row.output.y + static_cast<std::size_t>(composed.begin) * 16;
      worker.composed.row(isa, i, composed_table, row.output);
    }
    if (!blocked())
      store_plain_row(worker.row, place.columns, plan.output.c, static_cast<float*>((values + pixel).address), pixels);
  }
};

PIX2PIXHD_INLINE std::shared_ptr<const void> map_convolution(CpuBackend& backend, const MapConvolution& call) {
  const MapPlan plan = plan_of(call);
  const std::shared_ptr<const MapTables> tables = map_tables(backend, plan, *call.weight, call.keep_derived);
  Scratch scratch(backend, map_forward_workspace(backend, call), call.workspace);
  const MapAxis rows = make_map_axis(plan, plan.plane.h, plan.height, scratch);
  const MapAxis columns = make_map_axis(plan, plan.plane.w, plan.width, scratch);

  float* const bias = scratch.take<float>(static_cast<std::size_t>(plan.stored));
  float* const windows = scratch.take<float>(plan.window_floats());
  finish_windows(backend, call, plan, tables->table.windows, bias, windows);
  MapTable<const float> table = tables->table;
  table.windows = windows;

  const ComposedPlan composed_plan = composed_plan_of(backend, call, plan);
  ComposedTable composed_table(composed_plan, *call.map, table, scratch);
  MapForwardRun run{.plan = plan,
                    .call = call,
                    .isa = backend.isa(),
                    .table = table,
                    .bias = bias,
                    .composed_plan = composed_plan,
                    .composed_table = composed_table,
                    .y = mutable_elements(call.y)};
  run.workers.reserve(static_cast<std::size_t>(backend.threads()));
  for (int i = 0; i < backend.threads(); ++i)
    run.workers.push_back({MapTile(plan, *call.map, rows, columns, scratch),
                           ComposedTile(composed_plan, plan, *call.map, scratch),
                           scratch.take<float>(map_row_floats(plan))});
  backend.pool().parallel_for(plan.output.n * plan.tiles(), [&](int index, int number) {
    run.tile(index, run.workers[static_cast<std::size_t>(number)]);
  });
  return tables;
}

}  // namespace detail
}  // namespace pix2pixhd::inline v0
