#pragma once
/// Look-up tables of a convolution over a semantic map.

#include <pix2pixhd/backend/cpu/kernels/map.hpp>
#include <pix2pixhd/backend/cpu/map_plan.hpp>

#include <cstdint>
#include <memory>

namespace pix2pixhd::inline v0 {

class CpuBackend;

namespace detail {

/// The weights of classes and boundaries, reordered, and their sums over rows and windows of the kernel.
struct MapTables {
  std::shared_ptr<Storage> storage;
  MapTable<const float> table;
};

/// The three parts of `memory`, which holds plan.table_floats().
template <class Float>
MapTable<Float> map_table_parts(const MapPlan& plan, Float* memory) {
  return {.taps = memory,
          .rows = memory + plan.tap_floats(),
          .windows = memory + plan.tap_floats() + plan.row_floats(),
          .width = plan.stored,
          .boundaries = plan.edge_row()};
}

/// Under which key the tables are kept on the weight's storage.
constexpr std::uint64_t map_tables_key(const MapPlan& plan) {
  constexpr std::uint64_t family = std::uint64_t{2} << 62;
  return family | static_cast<std::uint64_t>(plan.classes) << 1 | static_cast<std::uint64_t>(plan.edges);
}

/// The tables of `weight`, kept for the next call if `keep` says so.
std::shared_ptr<const MapTables> map_tables(CpuBackend& backend, const MapPlan& plan, const Tensor& weight, bool keep);

}  // namespace detail
}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/map_tables-inl.hpp>
#endif
