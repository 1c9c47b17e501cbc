#pragma once
/// Gradients of a convolution by its input and its weight.

#include <pix2pixhd/backend/cuda/cuda_backend.hpp>
#include <pix2pixhd/backend/cuda/cuda_columns.hpp>
#include <pix2pixhd/backend/cuda/cuda_convolution.hpp>
#include <pix2pixhd/backend/cuda/stored_channels.hpp>
#include <pix2pixhd/core/linkage.hpp>

namespace pix2pixhd::inline v0::backend_cuda {

/// dy as cuDNN reads it: itself, or spread over the columns of the filter at `free`, which then moves on.
inline void* convolved_gradient(CudaQueue& queue, const ConvolutionDivision& division, const Tensor& dy, DataType type,
                                std::byte*& free) {
  if (!division.by_columns) return const_cast<void*>(dy.storage()->data());
  void* const columns = free;
  free += columns_room(division, type);
  run_spread_columns(queue, division, dy, columns);
  return columns;
}

PIX2PIXHD_INLINE std::size_t backward_data_bytes(const CudaBackend& backend, const ConvolutionDivision& division) {
  const DataType type = backend.type();
  const ConvolutionPlan& plan = backend.queue().plan(division.problem(ConvolutionPass::backward_data, type));
  return written_room(division, type) + columns_room(division, type) + workspace_bytes(plan);
}

PIX2PIXHD_INLINE void run_backward_data(CudaBackend& backend, const ConvolutionDivision& division, const Tensor& dy,
                                        const Tensor& weight, const Tensor& dx, bool keep_derived, void* scratch) {
  CudaQueue& queue = backend.queue();
  const DataType type = backend.type();
  auto* free = static_cast<std::byte*>(scratch);
  void* result = dx.storage()->mutable_data();
  void* const gradient = convolved_gradient(queue, division, dy, type, free);
  if (division.written) {  // the gradient of the padded input, to be folded
    result = free;
    free += aligned(division.written_bytes(type));
  }
  const auto filter = packed_filter(backend, division, weight, keep_derived);
  queue.convolve(queue.plan(division.problem(ConvolutionPass::backward_data, type)),
                 operands_of(division, result, filter->data(), gradient, free));
  if (!division.written) return;
  const Shape& shape = dx.shape();
  const std::size_t threads = threads_of_rows(shape.with_channels(division.stored.c));
  queue.launch(kernels::Name::Fold, grid_of(threads),
               kernels::FoldArguments{.dy = result,
                                      .dx = dx.storage()->mutable_data(),
                                      .n = shape.n,
                                      .h = shape.h,
                                      .w = shape.w,
                                      .channels = division.stored.c,
                                      .padded_h = division.stored.h,
                                      .padded_w = division.stored.w,
                                      .border = division.border,
                                      .threads = static_cast<int>(threads)});
}

PIX2PIXHD_INLINE std::size_t backward_weights_bytes(const CudaBackend& backend, const ConvolutionDivision& division) {
  const DataType type = backend.type();
  const ConvolutionPlan& plan = backend.queue().plan(division.problem(ConvolutionPass::backward_filter, type));
  return written_room(division, type) + aligned(division.filter_bytes(type)) + columns_room(division, type) +
         workspace_bytes(plan);
}

PIX2PIXHD_INLINE void run_backward_weights(CudaBackend& backend, const ConvolutionDivision& division,
                                           const BlockInput& x, const Tensor& dy, Tensor& weight, bool add,
                                           void* scratch) {
  CudaQueue& queue = backend.queue();
  const DataType type = backend.type();
  auto* free = static_cast<std::byte*>(scratch);
  void* const input = convolved_input(backend, division, x, free);
  void* const filter = free;
  free += aligned(division.filter_bytes(type));
  void* const gradient = convolved_gradient(queue, division, dy, type, free);
  const ConvolutionProblem problem = division.problem(ConvolutionPass::backward_filter, type);
  queue.convolve(queue.plan(problem), operands_of(division, input, filter, gradient, free));
  if (division.by_columns) return run_unpack_columns(queue, division, filter, weight, add);
  const Shape& w = weight.shape();
  const FilterChunks chunks(w.n, problem.in, w.h * w.w);
  queue.launch(kernels::Name::UnpackFilter, chunks.grid,
               kernels::UnpackFilterArguments{.packed = filter,
                                              .gradient = weight.mutable_data<float>(),
                                              .in = w.c,
                                              .taps = w.h * w.w,
                                              .in_channels = problem.in,
                                              .add = add,
                                              .chunk = chunks.channels});
}

}  // namespace pix2pixhd::inline v0::backend_cuda
