#pragma once
/// Launching the kernels on columns.

#include <pix2pixhd/backend/cuda/cuda_columns.hpp>
#include <pix2pixhd/backend/cuda/cuda_convolution.hpp>
#include <pix2pixhd/backend/cuda/stored_channels.hpp>
#include <pix2pixhd/core/linkage.hpp>

namespace pix2pixhd::inline v0::backend_cuda {

inline kernels::ColumnFilterArguments column_filter(const ConvolutionDivision& division, const Shape& weight) {
  return {.weight = nullptr,
          .packed = nullptr,
          .out = weight.n,
          .in = weight.c,
          .kernel = division.geometry.kernel,
          .out_channels = division.columns().c,
          .in_channels = division.stored.c,
          .add = 0};
}

PIX2PIXHD_INLINE void run_pack_columns(CudaQueue& queue, const ConvolutionDivision& division, const Tensor& weight,
                                       void* to) {
  kernels::ColumnFilterArguments arguments = column_filter(division, weight.shape());
  arguments.weight = const_cast<float*>(weight.data<float>());  // only read
  arguments.packed = to;
  queue.launch(kernels::Name::PackColumns,
               grid_of(division.problem(ConvolutionPass::forward, DataType::f32).filter().count()), arguments);
}

PIX2PIXHD_INLINE void run_unpack_columns(CudaQueue& queue, const ConvolutionDivision& division, void* packed,
                                         Tensor& weight, bool add) {
  kernels::ColumnFilterArguments arguments = column_filter(division, weight.shape());
  arguments.weight = weight.mutable_data<float>();
  arguments.packed = packed;
  arguments.add = add;
  queue.launch(kernels::Name::UnpackColumns, grid_of(weight.shape().count()), arguments);
}

inline kernels::ColumnsArguments columns_of(const ConvolutionDivision& division, const Tensor& y) {
  return {.part = nullptr,
          .y = nullptr,
          .rows = y.shape().n * y.shape().h,
          .width = y.shape().w,
          .columns = division.geometry.kernel,
          .outputs = y.shape().c,
          .part_channels = division.columns().c,
          .y_channels = channels_of(y)};
}

PIX2PIXHD_INLINE void run_sum_columns(CudaQueue& queue, const ConvolutionDivision& division, void* part,
                                      const Tensor& y) {
  kernels::ColumnsArguments arguments = columns_of(division, y);
  arguments.part = part;
  arguments.y = y.storage()->mutable_data();
  const std::size_t tiles = grid_of(static_cast<std::size_t>(arguments.width)).x;  // of a row
  const std::size_t blocks = tiles * static_cast<std::size_t>(arguments.rows);
  queue.launch(kernels::Name::SumColumns, grid_of(blocks * kernels::threads_per_block), arguments);
}

PIX2PIXHD_INLINE void run_spread_columns(CudaQueue& queue, const ConvolutionDivision& division, const Tensor& dy,
                                         void* part) {
  kernels::ColumnsArguments arguments = columns_of(division, dy);
  arguments.part = part;
  arguments.y = const_cast<void*>(dy.storage()->data());  // only read
  queue.launch(kernels::Name::SpreadColumns, grid_of(groups_of(division.columns())), arguments);
}

}  // namespace pix2pixhd::inline v0::backend_cuda
