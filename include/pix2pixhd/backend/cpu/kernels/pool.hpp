#pragma once
/// Rows of poolings and of their gradients.

#include <pix2pixhd/backend/cpu/kernels/lanes.hpp>

#include <cstddef>

namespace pix2pixhd::inline v0::detail {

/// One row of a pooling, in either direction. `step` is 16 (blocked) or 1 (plain, floats) values a pixel.
struct PoolRow {
  const void* from[3] = {};  ///< `rows` rows that are read
  int rows = 0;
  float share[2] = {};    ///< average3 backward: 1 / (rows that the output row averaged), for each row of `from`
  void* to[2] = {};       ///< max2 backward writes two rows, the others one
  const void* x[2] = {};  ///< max2 backward: the two rows of the pooling's input
  int in_width = 0;       ///< pixels of a row of the pooling's input
  int out_width = 0;      ///< pixels of a row of its output
  int step = 1;
  DataType type = DataType::f32;  ///< of all rows
};

struct PoolKernels {
  void (*average3)(const PoolRow&);
  void (*average3_backward)(const PoolRow&);
  void (*max2)(const PoolRow&);
  void (*max2_backward)(const PoolRow&);
};

}  // namespace pix2pixhd::inline v0::detail

#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/pool.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>

namespace pix2pixhd::inline v0::detail {

inline const PoolKernels& pool_kernels(Isa isa) {
  return select_isa(isa, baseline::pool_table, avx2::pool_table, avx512::pool_table);
}

}  // namespace pix2pixhd::inline v0::detail
