#pragma once
/// Terms of objectives over a run of values.

#include <pix2pixhd/backend/cpu/kernels/normalise.hpp>
#include <pix2pixhd/core/calls.hpp>

#include <cstddef>

namespace pix2pixhd::inline v0::detail {

/// Values that a loss reads: finished, or to be finished as `statistics` and `activation` say.
struct LossValues {
  ConstElements values;
  const LaneStatistics* statistics;  ///< null: finished
  Activation activation;
};

/// One run of Backend::loss, lane i of every sixteen for itself. x, y and dx are of one type.
struct LossRun {
  LossValues x;
  LossValues y;  ///< LossKind::absolute only
  Elements dx;   ///< may be x or y; null: not wanted
  std::size_t count;
  float target;
  const float* scale;  ///< what the slope of each of the sixteen lanes is multiplied by: zero where it has no channel
};

struct LossKernels {
  /// Writes the gradient and the sum of the terms of every lane; all kinds but cross_entropy.
  void (*run)(const LossRun&, LossKind kind, double* sums);
};

}  // namespace pix2pixhd::inline v0::detail

#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/loss.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>

namespace pix2pixhd::inline v0::detail {

inline const LossKernels& loss_kernels(Isa isa) {
  return select_isa(isa, baseline::loss_table, avx2::loss_table, avx512::loss_table);
}

}  // namespace pix2pixhd::inline v0::detail
