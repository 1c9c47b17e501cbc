#pragma once
/// Gradients of a convolution by its input and its weight.

#include <pix2pixhd/backend/cuda/cuda_backend.hpp>
#include <pix2pixhd/backend/cuda/cuda_convolution.hpp>
#include <pix2pixhd/backend/cuda/cuda_map.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>

namespace pix2pixhd::inline v0::backend_cuda {

PIX2PIXHD_INLINE std::size_t backward_data_bytes(const CudaBackend& backend, const ConvolutionDivision& division) {
  const DataType type = backend.type();
  const ConvolutionPlan& plan = backend.queue().plan(division.problem(ConvolutionPass::backward_data, type));
  return (division.written ? aligned(division.written_bytes(type)) : 0) + workspace_bytes(plan);
}

PIX2PIXHD_INLINE void run_backward_data(CudaBackend& backend, const ConvolutionDivision& division, const Tensor& dy,
                                        const Tensor& weight, const Tensor& dx, bool keep_derived, void* scratch) {
  CudaQueue& queue = backend.queue();
  const DataType type = backend.type();
  auto* free = static_cast<std::byte*>(scratch);
  void* result = dx.storage()->mutable_data();
  void* const gradient = const_cast<void*>(dy.storage()->data());
  if (division.written) {  // the gradient of the padded input, to be folded
    result = free;
    free += aligned(division.written_bytes(type));
  }
  const auto filter = packed_filter(backend, division, weight, keep_derived);
  const bool transposed = division.geometry.transposed;
  queue.convolve(backend.queue().plan(division.problem(ConvolutionPass::backward_data, type)),
                 {.x = transposed ? gradient : result,
                  .filter = const_cast<void*>(filter->data()),
                  .y = transposed ? result : gradient,
                  .workspace = workspace_at(free)});
  if (!division.written) return;
  const Shape& shape = dx.shape();
  queue.launch(kernels::Name::Fold, grid_of(shape.with_channels(division.stored.c / 8).count()),
               kernels::FoldArguments{.dy = result,
                                      .dx = dx.storage()->mutable_data(),
                                      .n = shape.n,
                                      .h = shape.h,
                                      .w = shape.w,
                                      .channels = division.stored.c,
                                      .padded_h = division.stored.h,
                                      .padded_w = division.stored.w,
                                      .border = division.border});
}

PIX2PIXHD_INLINE std::size_t backward_weights_bytes(const CudaBackend& backend, const ConvolutionDivision& division) {
  std::size_t dense = 0;
  if (division.dense > 0) {
    const DataType type = backend.type();
    const ConvolutionPlan& plan = backend.queue().plan(division.problem(ConvolutionPass::backward_filter, type));
    dense = (division.written ? aligned(division.written_bytes(type)) : 0) + aligned(division.filter_bytes(type)) +
            workspace_bytes(plan);
  }
  return std::max(dense, division.map_partial_bytes());
}

PIX2PIXHD_INLINE void run_backward_weights(CudaBackend& backend, const ConvolutionDivision& division,
                                           const BlockInput& x, const Tensor& dy, Tensor& weight, bool add,
                                           void* scratch) {
  CudaQueue& queue = backend.queue();
  const DataType type = backend.type();
  if (division.dense > 0) {
    auto* free = static_cast<std::byte*>(scratch);
    void* input = nullptr;
    if (division.written) {
      input = free;
      free += aligned(division.written_bytes(type));
      write_input(backend, division, x, input);
    } else {
      input = const_cast<void*>(x.tensor.storage()->data());
    }
    void* const filter = free;
    free += aligned(division.filter_bytes(type));
    void* const gradient = const_cast<void*>(dy.storage()->data());
    const bool transposed = division.geometry.transposed;
    const ConvolutionProblem problem = division.problem(ConvolutionPass::backward_filter, type);
    queue.convolve(backend.queue().plan(problem), {.x = transposed ? gradient : input,
                                                   .filter = filter,
                                                   .y = transposed ? input : gradient,
                                                   .workspace = workspace_at(free)});
    const Shape& w = weight.shape();
    const int first = transposed ? 0 : division.looked_up, in = w.c - first;
    queue.launch(kernels::Name::UnpackFilter, grid_of(w.with_channels(in).count()),
                 kernels::UnpackFilterArguments{.packed = filter,
                                                .gradient = weight.mutable_data<float>(),
                                                .out = w.n,
                                                .in = in,
                                                .taps = w.h * w.w,
                                                .first = first,
                                                .total_in = w.c,
                                                .in_channels = problem.in,
                                                .add = add});
  }
  if (division.looked_up > 0) run_map_gradient(queue, *x.map, division, dy, weight, add, scratch);
}

}  // namespace pix2pixhd::inline v0::backend_cuda
