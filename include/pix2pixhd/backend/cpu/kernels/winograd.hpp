#pragma once
/// Winograd's convolutions F(m x m, r x r) of tiles of inputs of side m + r - 1: 6 where factors are float (or numbers,
/// see winograd_fixed.hpp), 4 where they are bf16. 36 or 16 multiplications a tile of m x m outputs and pair of
/// channels instead of (m r)^2.
///
///   Y = A^T [ (G g G^T) * (B^T d B) ] A
///
/// for a tile d of inputs and weights g, * element by element, summed over the input channels: a matrix product at each
/// of the points (winograd_points.hpp has the transforms). Transforms and sums are float; where factors are bf16,
/// B^T d B and G g G^T are rounded, once.
///
/// A convolution of stride s is the sum of s x s convolutions of stride 1, each of every s-th pixel and tap; the
/// gradient by its input gives every s-th pixel from every s-th tap. So the kernels know phases of the source, which
/// are summed at the points, and phases of the output. Where the kernel's side is no multiple of s, some phases have
/// fewer taps than others; theirs are filled up with zeros, and the points at which the weights vanish because of that
/// are left out.

#include <pix2pixhd/backend/cpu/kernels/winograd_job.hpp>
#include <pix2pixhd/backend/cpu/kernels/winograd_points.hpp>

#include <cstddef>
#include <type_traits>

namespace pix2pixhd::inline v0::detail {

/// Output blocks whose products are made together: 64 channels.
inline constexpr int winograd_group = 4;
/// The least side of the kernels of one phase.
inline constexpr int winograd_fewest_taps = 2;
inline constexpr int winograd_most_phases = 4;  ///< of either kind: stride 2 in both dimensions

/// Weights of some input channels, one phase of the source and one group of outputs, to be transformed. Panels hold
/// [phase][channel][panel * 16], or [phase][channel / 2][panel * 16][2] where factors are bf16.
template <class Factor>
struct WinogradWeights {
  const float* weights = nullptr;          ///< [channel][tap of the kernel][lanes]
  int kernel_taps = 9;                     ///< of a channel
  int side = 3;                            ///< r
  const int* taps = nullptr;               ///< the tap of the kernel at each of the r x r places; -1: zero
  int channels = 0;                        ///< a multiple of 16
  int lanes = 0;                           ///< 16 times the output blocks
  int row = 0;                             ///< of the points that are wanted, all of a row
  Factor* points = nullptr;                ///< [column of the points]: panels, one after the other
  std::size_t point = 0;                   ///< values from one point to the next
  int panel_channels = 0;                  ///< of each phase
  int first_channel = 0;                   ///< place of these channels in the panels
  int phases[winograd_side<Factor>] = {};  ///< in the panels of each point: those whose weights do not vanish there
  int place[winograd_side<Factor>] = {};   ///< of this phase among them; -1: it is none of them
};

/// The phases of the source that are summed at one point.
struct WinogradSum {
  int phases = 0;
  int offsets[winograd_most_phases] = {};  ///< values from the inputs at this point to those of each phase
};

/// products[point][output block][tile] += sum over phases and channels of
///   inputs[point][phase, channel][tile] * weights[point][phase, channel].
template <class Factor>
struct WinogradProduct {
  PointValues<Factor> inputs;
  int source_blocks = 0;              ///< of each phase
  const WinogradSum* sums = nullptr;  ///< of each point
  const Factor* weights = nullptr;    ///< as WinogradWeights leaves them
  std::size_t weights_point = 0;
  PointValues<float> products;
  int points = 0;
  int output_blocks = 0;
  int tiles = 0;
  bool go_on = false;  ///< add to the products that are there
};

/// Floats of the scratch in which the inputs of tiles side by side are transformed: registers suffice for tiles of
/// four.
template <class Factor>
constexpr std::size_t winograd_strip_floats(int width, int tile) {
  constexpr int side = winograd_side<Factor>;
  return side == 6 ? static_cast<std::size_t>(side * (width * tile + side - tile) * 16) : 0;
}

template <class Factor>
struct WinogradKernels {
  /// Inputs of source blocks [first, last), finished and padded, to `values`, where `first` is the first block. Each
  /// phase of a source block counts as a block of its own: block + blocks * phase.
  void (*transform_input)(const WinogradJob& job, const WinogradBlock& block, int first, int last, float* strip,
                          const PointValues<Factor>& values);
  void (*transform_weights)(const WinogradWeights<Factor>& weights);
  void (*multiply)(const WinogradProduct<Factor>& product);
  /// `blocks` output blocks from `first` on: bias, activation, and their moments.
  void (*transform_output)(const WinogradJob& job, const WinogradBlock& block, int phase, int first, int blocks,
                           const PointValues<float>& products);
};

/// For factors in bf16 there are kernels from Isa::avx512_bf16 on only.
template <class Factor>
const WinogradKernels<Factor>& winograd_kernels(Isa isa);
template <>
const WinogradKernels<float>& winograd_kernels<float>(Isa isa);
template <>
const WinogradKernels<Bf16>& winograd_kernels<Bf16>(Isa isa);

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/kernels/winograd-inl.hpp>
#endif
