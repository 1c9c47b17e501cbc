#pragma once
/// Convolution over the labels and boundaries of a semantic map, and its gradient by the weights, without one-hot
/// channels: y = sum over taps of table[class][ky][kx], from weights that were reordered so that a tap is one row.
///
/// Where all pixels under the kernel have one class (most of a real map), one row of sums is taken instead; where all
/// pixels of one row of the kernel do, one row of sums for it. Pooled pixels are lists of classes with weights. Where
/// those lists are long, or next to nothing of a map at full size is uniform, all labels under the kernel are looked up
/// instead (map_composed.hpp). The results are those of a convolution of one-hot channels up to the order of summation;
/// where map_composed_table.hpp says so, up to the rounding of its words.

#include <pix2pixhd/backend/cpu/map_plan.hpp>

#include <cstddef>
#include <memory>

namespace pix2pixhd::inline v0 {

class CpuBackend;

namespace detail {

struct MapConvolution;
struct MapConvolutionBackwardWeights;

/// Bytes of the workspace of a call; they depend on shapes and on the number of threads, not on the labels.
std::size_t map_forward_workspace(const CpuBackend& backend, const MapConvolution& call);
std::size_t map_gradient_workspace(const CpuBackend& backend, const MapConvolutionBackwardWeights& call);

/// CpuBackend::map_convolve. A null workspace is allocated. Returns the tables, which whoever derives more for the same
/// block holds until its end. (Statistics of the result are a pass of their own: to take them here was slower.)
std::shared_ptr<const void> map_convolution(CpuBackend& backend, const MapConvolution& call);

/// The table gradients of a weight gradient are summed in so many parts (or one a tile, if that is fewer), which are
/// then added in their order.
inline constexpr int map_gradient_chunks = 16;

/// CpuBackend::map_convolve_backward_weights. A null workspace is allocated.
void map_weight_gradient(CpuBackend& backend, const MapConvolutionBackwardWeights& call);

}  // namespace detail
}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/map_convolution-inl.hpp>
#include <pix2pixhd/backend/cpu/map_gradient-inl.hpp>
#endif
