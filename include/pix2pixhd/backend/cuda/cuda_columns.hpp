#pragma once
/// Convolutions of few outputs by columns: launches of the kernels in kernels/columns.inc.hpp.

#include <pix2pixhd/backend/cuda/queue.hpp>

namespace pix2pixhd::inline v0::backend_cuda {

struct ConvolutionDivision;

/// Packs a weight as the filter of the division's problem.
void run_pack_columns(CudaQueue& queue, const ConvolutionDivision& division, const Tensor& weight, void* to);
/// The gradient of a weight, from that of the packed filter; added to what is there if `add`.
void run_unpack_columns(CudaQueue& queue, const ConvolutionDivision& division, void* packed, Tensor& weight, bool add);
/// y = the sum of what its columns gave.
void run_sum_columns(CudaQueue& queue, const ConvolutionDivision& division, void* part, const Tensor& y);
/// The gradient of what each column gave, from dy.
void run_spread_columns(CudaQueue& queue, const ConvolutionDivision& division, const Tensor& dy, void* part);

}  // namespace pix2pixhd::inline v0::backend_cuda

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cuda/cuda_columns-inl.hpp>
#endif
