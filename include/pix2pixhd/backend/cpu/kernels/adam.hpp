#pragma once
/// One step of Adam over a run of floats.

#include <pix2pixhd/backend/cpu/kernels/lanes.hpp>

#include <cstddef>

namespace pix2pixhd::inline v0::detail {

/// See AdamCall; the factors are those of its formula, computed once in double.
struct AdamRun {
  const float* gradient;  ///< null: zeros
  float* value;
  float* m;
  float* v;
  std::size_t count;
  float keep_m, take_m;     ///< beta1 and 1 - beta1
  float keep_v, take_v;     ///< beta2 and 1 - beta2
  float rate;               ///< rate / (1 - beta1^step)
  float second_correction;  ///< 1 / (1 - beta2^step)
  float epsilon;
};

struct AdamKernels {
  void (*step)(const AdamRun&);
};

}  // namespace pix2pixhd::inline v0::detail

#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/adam.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>

namespace pix2pixhd::inline v0::detail {

inline const AdamKernels& adam_kernels(Isa isa) {
  return select_isa(isa, baseline::adam_table, avx2::adam_table, avx512::adam_table);
}

}  // namespace pix2pixhd::inline v0::detail
