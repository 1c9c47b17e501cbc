#pragma once
/// Weights in the order in which Winograd's kernels transform them.

#include <pix2pixhd/backend/cpu/kernels/transposition.hpp>
#include <pix2pixhd/backend/cpu/transpose.hpp>
#include <pix2pixhd/backend/cpu/weight_view.hpp>

#include <algorithm>
#include <cstddef>

namespace pix2pixhd::inline v0::detail {

/// Asks for `rows` rows of `floats` values: they are too many for the processor to see by itself what comes next.
inline void fetch_rows(const float* from, std::size_t stride, std::size_t rows, std::size_t floats) {
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t i = 0; i < floats; i += 16) __builtin_prefetch(from + row * stride + i);
}

/// Weights of a convolution, of which a part is put in order: of `lanes` outputs from `output` on.
struct OrderedWeights {
  WeightView view{};
  int source_channels = 0, output_channels = 0;  ///< of the convolution
  std::size_t taps = 9;                          ///< of a pair of channels
  int output = 0;
  int lanes = 0;
  TransposeKernel kernel = nullptr;

  /// Floats of so many source blocks.
  std::size_t floats(int blocks) const { return 16 * taps * static_cast<std::size_t>(blocks * lanes); }

  /// Writes source blocks [first, last) as [channel][tap][lanes], zeros where there is no channel.
  void write(int first, int last, float* to) const {
    const int outputs = std::min(lanes, output_channels - output), blocks = (source_channels + 15) / 16;
    const auto to_stride = static_cast<std::size_t>(lanes), count = static_cast<std::size_t>(outputs);
    for (int block = first; block < last; ++block, to += 16 * taps * to_stride) {
      const int sources = std::min(16, source_channels - block * 16);
      if (sources < 16 || outputs < lanes) std::fill_n(to, 16 * taps * to_stride, 0.0f);
      const float* const from = view.values + static_cast<std::size_t>(block * 16) * view.source_stride +
                                static_cast<std::size_t>(output) * view.output_stride;
      const bool runs_on = block + 1 < blocks;
      const float* const next = runs_on ? from + 16 * view.source_stride : from;
      if (view.source_stride == taps) {
        if (runs_on) fetch_rows(next, view.output_stride, count, 16 * taps);
        kernel(from, view.output_stride, to, to_stride, count, static_cast<std::size_t>(sources) * taps);
      } else {
        if (runs_on) fetch_rows(next, view.source_stride, 16, count * taps);
        for (std::size_t k = 0; k < static_cast<std::size_t>(sources); ++k)
          transpose(from + k * view.source_stride, view.output_stride, to + k * taps * to_stride, to_stride, count,
                    taps);
      }
    }
  }
};

}  // namespace pix2pixhd::inline v0::detail
