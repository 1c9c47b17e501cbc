#pragma once
/// A convolution as cuDNN's graph interface describes it.

#include <pix2pixhd/backend/cuda/convolution_problem.hpp>
#include <pix2pixhd/backend/cuda/cudnn.hpp>

#include <array>
#include <cstdint>

namespace pix2pixhd::inline v0::backend_cuda {

/// Names of x, filter and y in a variant pack.
inline constexpr std::array<std::int64_t, 3> operand_ids{1, 2, 3};

inline cudnn::Descriptor nhwc_tensor(const Shape& shape, DataType type, std::int64_t id) {
  using cudnn::Attribute, cudnn::Type;
  cudnn::Descriptor tensor(cudnn::Kind::tensor);
  const cudnn::Data data = type == DataType::bf16  ? cudnn::Data::bf16
                           : type == DataType::f16 ? cudnn::Data::f16
                                                   : cudnn::Data::f32;
  const std::int64_t n = shape.n, c = shape.c, h = shape.h, w = shape.w;
  const std::array<std::int64_t, 4> dimensions{n, c, h, w}, strides{c * h * w, 1, c * w, c};
  tensor.set(Attribute::tensor_type, Type::data_type, 1, &data);
  tensor.set(Attribute::tensor_dimensions, Type::int64, 4, dimensions.data());
  tensor.set(Attribute::tensor_strides, Type::int64, 4, strides.data());
  tensor.set_int(Attribute::tensor_id, id);
  tensor.set_int(Attribute::tensor_alignment, 16);
  tensor.finalize();
  return tensor;
}

/// What cuDNN calls the operation of a pass and its attributes.
struct OperationNames {
  cudnn::Kind kind;
  cudnn::Attribute alpha, beta, convolution, x, filter, y;
};
inline OperationNames operation_names(ConvolutionPass pass) {
  using cudnn::Attribute, cudnn::Kind;
  switch (pass) {
    case ConvolutionPass::forward:
      return {.kind = Kind::forward,
              .alpha = Attribute::forward_alpha,
              .beta = Attribute::forward_beta,
              .convolution = Attribute::forward_convolution,
              .x = Attribute::forward_x,
              .filter = Attribute::forward_w,
              .y = Attribute::forward_y};
    case ConvolutionPass::backward_data:
      return {.kind = Kind::backward_data,
              .alpha = Attribute::backward_data_alpha,
              .beta = Attribute::backward_data_beta,
              .convolution = Attribute::backward_data_convolution,
              .x = Attribute::backward_data_dx,
              .filter = Attribute::backward_data_w,
              .y = Attribute::backward_data_dy};
    case ConvolutionPass::backward_filter:
      break;
  }
  return {.kind = Kind::backward_filter,
          .alpha = Attribute::backward_filter_alpha,
          .beta = Attribute::backward_filter_beta,
          .convolution = Attribute::backward_filter_convolution,
          .x = Attribute::backward_filter_x,
          .filter = Attribute::backward_filter_dw,
          .y = Attribute::backward_filter_dy};
}

/// A graph of one convolution, with the descriptors that it refers to.
struct ConvolutionGraph {
  cudnn::Descriptor x, filter, y, convolution, operation, graph;

  ConvolutionGraph(const ConvolutionProblem& problem, cudnn::Handle handle)
      : x(nhwc_tensor(problem.x(), problem.type, operand_ids[0])),
        filter(nhwc_tensor(problem.filter(), problem.type, operand_ids[1])),
        y(nhwc_tensor(problem.y(), problem.type, operand_ids[2])),
        convolution(cudnn::Kind::convolution),
        graph(cudnn::Kind::graph) {
    using cudnn::Attribute, cudnn::Type;
    const cudnn::Data f32 = cudnn::Data::f32;
    const std::array<std::int64_t, 2> padding{problem.padding, problem.padding}, ones{1, 1},
        stride{problem.stride, problem.stride};
    convolution.set(Attribute::convolution_compute_type, Type::data_type, 1, &f32);
    convolution.set(Attribute::convolution_mode, Type::convolution_mode, 1, &cudnn::cross_correlation);
    convolution.set_int(Attribute::convolution_spatial_dimensions, 2);
    convolution.set(Attribute::convolution_pre_paddings, Type::int64, 2, padding.data());
    convolution.set(Attribute::convolution_post_paddings, Type::int64, 2, padding.data());
    convolution.set(Attribute::convolution_strides, Type::int64, 2, stride.data());
    convolution.set(Attribute::convolution_dilations, Type::int64, 2, ones.data());
    convolution.finalize();

    const OperationNames names = operation_names(problem.pass);
    const float one = 1, zero = 0;
    operation = cudnn::Descriptor(names.kind);
    operation.set(names.x, x);
    operation.set(names.filter, filter);
    operation.set(names.y, y);
    operation.set(names.convolution, convolution);
    operation.set(names.alpha, Type::float32, 1, &one);
    operation.set(names.beta, Type::float32, 1, &zero);
    operation.finalize();
    if (handle) graph.set(Attribute::graph_handle, Type::handle, 1, &handle);
    graph.set(Attribute::graph_operations, operation);
    graph.finalize();
  }
};

}  // namespace pix2pixhd::inline v0::backend_cuda
