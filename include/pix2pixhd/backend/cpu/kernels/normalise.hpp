#pragma once
/// Passes over one run of values that share their statistics: normalisation, its sums and its gradient.

#include <pix2pixhd/backend/cpu/kernels/activation.hpp>

#include <cstddef>

namespace pix2pixhd::inline v0::detail {

/// Statistics of one block: sixteen values each, one a lane. See StatisticsRow.
struct LaneStatistics {
  alignas(64) float mean[16];
  float scale[16], shift[16], deviation[16];
};

/// y = activation((x - mean) * scale + shift) + skip for `count` values, lane i of every sixteen with statistics i.
/// Null statistics leave the values as they are; the skip may itself lack its normalisation and activation. bf16 comes
/// in whole sixteens.
struct NormaliseRun {
  ConstElements x;
  ConstElements skip;
  Elements y;  ///< may be x or skip
  std::size_t count;
  const LaneStatistics* statistics;
  const LaneStatistics* skip_statistics;
  Activation activation;
  Activation skip_activation;
  bool stream;  ///< y is aligned to sixteen values, not x, and too large for the caches
};

/// Sums of a run, lane by lane, in double.
struct LaneSums {
  double first[16], second[16];
};

/// One run of Backend::normalise_backward: sums: first = sum of g, second = sum of g n; apply: dx from the means of
/// both. All are of one type.
struct NormaliseGradientRun {
  ConstElements dy;
  ConstElements z;
  Elements dx;  ///< may be dy; not used by sums
  std::size_t count;
  const LaneStatistics* statistics;  ///< null: z is the activation's output
  const float* mean_g;               ///< sixteen each; not used by sums, nor without statistics
  const float* mean_gn;
};

struct NormaliseKernels {
  void (*normalise)(const NormaliseRun&);
  /// first = mean, second = sum of squared differences from it, of every lane of `pixels` sixteens.
  void (*moments)(ConstElements x, std::size_t pixels, LaneSums& result);
  /// first = sum of every lane; the last sixteen may be incomplete.
  void (*sum)(ConstElements x, std::size_t count, LaneSums& result);
  void (*gradient_sums)(const NormaliseGradientRun&, Activation, LaneSums& result);
  void (*gradient)(const NormaliseGradientRun&, Activation);
  void (*add)(ConstElements a, ConstElements b, Elements y, std::size_t count);
};

}  // namespace pix2pixhd::inline v0::detail

#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/normalise.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>

namespace pix2pixhd::inline v0::detail {

inline const NormaliseKernels& normalise_kernels(Isa isa) {
  return select_isa(isa, baseline::normalise_table, avx2::normalise_table, avx512::normalise_table);
}

}  // namespace pix2pixhd::inline v0::detail
