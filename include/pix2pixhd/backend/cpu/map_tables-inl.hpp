#pragma once

#include <pix2pixhd/backend/cpu/map_tables.hpp>

#include <pix2pixhd/backend/cpu/cpu_backend.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <cstddef>

namespace pix2pixhd::inline v0::detail {

/// Writes the taps of table row `row` from input channel `channel` of the weights (negative: zeros), and their sums.
/// Sums are made in double.
inline void fill_map_tables(const MapPlan& plan, const Tensor& weight, int row, int channel,
                            const MapTable<float>& table) {
  const auto taps = static_cast<std::size_t>(plan.kernel()) * static_cast<std::size_t>(plan.kernel());
  const auto kernel = static_cast<std::size_t>(plan.kernel()), width = static_cast<std::size_t>(plan.stored);
  const auto at = static_cast<std::size_t>(row), inputs = static_cast<std::size_t>(weight.shape().c);
  const float* const values = weight.data<float>();
  for (std::size_t o = 0; o < width; ++o) {
    const bool zero = channel < 0 || o >= static_cast<std::size_t>(plan.output.c);
    const float* const from = zero ? nullptr : values + (o * inputs + static_cast<std::size_t>(channel)) * taps;
    double window = 0;
    for (std::size_t ky = 0; ky < kernel; ++ky) {
      double sum = 0;
      for (std::size_t kx = 0; kx < kernel; ++kx) {
        const float value = zero ? 0.0f : from[ky * kernel + kx];
        table.taps[((at * kernel + ky) * kernel + kx) * width + o] = value;
        sum += static_cast<double>(value);
      }
      window += sum;
      table.rows[(at * kernel + ky) * width + o] = static_cast<float>(sum);
    }
    if (row != plan.edge_row()) table.windows[at * width + o] = static_cast<float>(window);
  }
}

PIX2PIXHD_INLINE std::shared_ptr<const MapTables> map_tables(CpuBackend& backend, const MapPlan& plan,
                                                             const Tensor& weight, bool keep) {
  const auto make = [&] {
    auto result = std::make_shared<MapTables>();
    result->storage = backend.allocate(plan.table_floats() * sizeof(float));
    auto* const memory = static_cast<float*>(result->storage->mutable_data());
    const MapTable<float> table = map_table_parts(plan, memory);
    backend.pool().parallel_for(plan.classes + 2, [&](int row, int) {
      const bool is_class = row < plan.classes;
      const int channel = is_class ? row : row == plan.edge_row() && plan.edges ? plan.classes : -1;
      fill_map_tables(plan, weight, row, channel, table);
    });
    result->table = map_table_parts<const float>(plan, memory);
    return std::shared_ptr<const MapTables>(std::move(result));
  };
  return keep ? weight.storage()->derived<MapTables>(map_tables_key(plan), make) : make();
}

}  // namespace pix2pixhd::inline v0::detail
