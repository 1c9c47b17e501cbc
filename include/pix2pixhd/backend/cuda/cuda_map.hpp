#pragma once
/// First layers on label maps: launches of the kernels in kernels/map.inc.hpp, map_sums.inc.hpp,
/// map_sums_pooled.inc.hpp and expand_map.inc.hpp.

#include <pix2pixhd/backend/cuda/queue.hpp>
#include <pix2pixhd/core/semantic_map.hpp>

namespace pix2pixhd::inline v0::backend_cuda {

struct ConvolutionDivision;

/// Parts of a table of sums.
kernels::MapSumsParts map_sums_parts(const ConvolutionDivision& division);
/// The table that is looked up: the weight's channels that are, as [tap][channel][out channel], or sums of them.
void run_map_table(CudaQueue& queue, const ConvolutionDivision& division, const Tensor& weight, const Tensor& y,
                   void* table);
/// y = what the table says, added to what is there if `add`.
void run_map_look_up(CudaQueue& queue, const SemanticMap& map, const ConvolutionDivision& division, const float* table,
                     bool add, const Tensor& y);
/// Writes classes and edges of a map into the first channels of what cuDNN reads, and zeros into the others.
void run_expand_map(CudaQueue& queue, const SemanticMap& map, const ConvolutionDivision& division, void* to);

}  // namespace pix2pixhd::inline v0::backend_cuda

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cuda/cuda_map-inl.hpp>
#endif
