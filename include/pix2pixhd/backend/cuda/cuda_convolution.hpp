#pragma once
/// Convolutions as this backend carries them out: what is looked up in a label map, what cuDNN convolves, and what has
/// to be written down for it first.

#include <pix2pixhd/backend/cuda/queue.hpp>
#include <pix2pixhd/backend/cuda/stored_channels.hpp>
#include <pix2pixhd/core/backend.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {

class CudaBackend;

namespace backend_cuda {

/// How one convolution is divided.
///
/// The channels of a label map are looked up at level 0 and, where sums are, at level 1, except for the gradient of
/// the weight; all others are convolved densely by cuDNN. For that the input is written down anew, padded, wherever
/// cuDNN could not read it as it is: where a norm is pending, where padding is not by zeros, where it is enlarged, and
/// where it is a map.
struct ConvolutionDivision {
  ConvGeometry geometry;
  Shape x, y;            ///< as the network sees them
  int looked_up = 0;     ///< channels at the front that are looked up
  int classes = 0;       ///< how many of them are classes; one more is for edges
  int dense = 0;         ///< the channels after them, convolved densely
  bool written = false;  ///< whether the dense channels are written down
  Shape stored;          ///< of what cuDNN reads, with stored channels
  kernels::Border border{.padding = 0, .pad = kernels::pad_zero, .enlarge = 1};  ///< applied while writing
  int padding = 0;                                                               ///< left to cuDNN
  /// Whether cuDNN computes the columns of the filter apart (see kernels/columns.inc.hpp): few outputs of large taps.
  bool by_columns = false;

  /// `x` is what a block of this geometry reads, `y` the shape of its output. A gradient of the weight does without
  /// `look_up`: sums of dy over the pixels of each class and tap take longer than a convolution with written channels.
  ConvolutionDivision(const ConvGeometry& geometry, const BlockInput& x, const Shape& y, bool look_up = true);
  /// The division of a gradient by the input, whose `skipped` first channels are left out.
  ConvolutionDivision(const ConvGeometry& geometry, const Shape& dx, const Shape& dy, int skipped);

  /// The problem for cuDNN. In a transposed convolution x and y change places, and with them forward and data gradient.
  ConvolutionProblem problem(ConvolutionPass pass, DataType type) const;
  /// What cuDNN's y is then summed from: rows of columns - 1 more pixels, with outputs of each column.
  Shape columns() const;
  std::size_t written_bytes(DataType type) const { return stored.count() * size_of(type); }
  /// Packed filter of the dense channels, for `weight` of shape [out, in, k, k] (transposed: [in, out, k, k]).
  std::size_t filter_bytes(DataType type) const {
    return problem(ConvolutionPass::forward, type).filter().count() * size_of(type);
  }
  /// Whether sums over several taps are looked up, not single ones: in tiles that a block's shared memory holds.
  bool looks_up_sums() const {
    return geometry.kernel <= kernels::largest_summed_kernel && geometry.stride <= kernels::largest_summed_stride &&
           geometry.enlarge == 1;
  }
  std::size_t table_bytes() const;
  /// Under which the packed filter and the table are kept at the weight.
  std::uint64_t filter_key(DataType type) const;
  std::uint64_t table_key() const;
};

/// Rounds up to the alignment of pieces of scratch memory.
constexpr std::size_t aligned(std::size_t bytes) { return (bytes + 255) / 256 * 256; }

/// Room for a plan's workspace in scratch memory, and where it begins: cuDNN's own memory is aligned so, that of an
/// arena may be less.
inline std::size_t workspace_bytes(const ConvolutionPlan& plan) {
  return plan.workspace > 0 ? plan.workspace + aligned(1) : 0;
}
inline void* workspace_at(void* free) {
  const auto address = reinterpret_cast<std::uintptr_t>(free);
  return static_cast<std::byte*>(free) + (aligned(address) - address);
}

/// Room in scratch memory for the dense channels, where they are written down.
inline std::size_t written_room(const ConvolutionDivision& division, DataType type) {
  return division.written ? aligned(division.written_bytes(type)) : 0;
}

/// Room for the outputs of each column, where these are computed apart.
inline std::size_t columns_room(const ConvolutionDivision& division, DataType type) {
  return division.by_columns ? aligned(division.columns().count() * size_of(type)) : 0;
}

/// How PackFilter and UnpackFilter share out the channels of a filter: as few chunks as have room, of even sizes.
struct FilterChunks {
  int channels = 0;  ///< of a chunk
  Grid grid;
  FilterChunks(int out, int stored_in, int taps) {
    const int most = std::max(group_channels, stored_down(kernels::filter_room / taps - kernels::filter_gap));
    const int count = (stored_in + most - 1) / most;
    channels = stored_channels((stored_in + count - 1) / count);
    grid = {static_cast<unsigned>(out), static_cast<unsigned>((stored_in + channels - 1) / channels), 1};
  }

 private:
  static constexpr int stored_down(int channels) { return channels / group_channels * group_channels; }
};

/// What cuDNN works on, with a workspace at `free`. In a transposed convolution x and y change places.
inline ConvolutionOperands operands_of(const ConvolutionDivision& division, void* x, const void* filter, void* y,
                                       void* free) {
  if (division.geometry.transposed) std::swap(x, y);
  return {.x = x, .filter = const_cast<void*>(filter), .y = y, .workspace = workspace_at(free)};
}

/// The weight of the dense channels as cuDNN reads it, kept at the weight if `keep`.
std::shared_ptr<const Storage> packed_filter(CudaBackend& backend, const ConvolutionDivision& division,
                                             const Tensor& weight, bool keep);
/// Writes the dense channels down as cuDNN reads them.
void write_input(CudaBackend& backend, const ConvolutionDivision& division, const BlockInput& x, void* to);
/// The dense channels as cuDNN reads them: x itself, or what was written at `free`, which then moves on.
void* convolved_input(CudaBackend& backend, const ConvolutionDivision& division, const BlockInput& x, std::byte*& free);

/// y = convolution without bias.
std::size_t convolution_bytes(const CudaBackend& backend, const ConvolutionDivision& division);
std::vector<DerivedBytes> convolution_derived(const CudaBackend& backend, const ConvolutionDivision& division);
void run_convolution(CudaBackend& backend, const ConvolutionDivision& division, const BlockInput& x,
                     const Tensor& weight, const Tensor& y, bool keep_derived, void* scratch);

std::size_t backward_data_bytes(const CudaBackend& backend, const ConvolutionDivision& division);
void run_backward_data(CudaBackend& backend, const ConvolutionDivision& division, const Tensor& dy,
                       const Tensor& weight, const Tensor& dx, bool keep_derived, void* scratch);

/// For a division without look-up.
std::size_t backward_weights_bytes(const CudaBackend& backend, const ConvolutionDivision& division);
void run_backward_weights(CudaBackend& backend, const ConvolutionDivision& division, const BlockInput& x,
                          const Tensor& dy, Tensor& weight, bool add, void* scratch);

}  // namespace backend_cuda
}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cuda/cuda_convolution-inl.hpp>
#include <pix2pixhd/backend/cuda/cuda_gradient-inl.hpp>
#endif
