#pragma once
/// What cuDNN is asked to compute.

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/core/shape.hpp>
#include <pix2pixhd/core/tensor.hpp>

#include <compare>
#include <string>

namespace pix2pixhd::inline v0::backend_cuda {

/// Which of the three products of a convolution is computed.
enum class ConvolutionPass { forward, backward_data, backward_filter };

/// A convolution of NHWC tensors with zero padding; the filter is [out channels][row][column][in channels]. All channel
/// counts are the stored ones. A transposed convolution is the pass backward_data of this one.
struct ConvolutionProblem {
  ConvolutionPass pass = ConvolutionPass::forward;
  DataType type = DataType::f32;
  int n = 1, in = 8, h = 1, w = 1;    ///< x
  int out = 8, out_h = 1, out_w = 1;  ///< y
  int kernel = 1, padding = 0, stride = 1;
  int kernel_w = 0;  ///< columns of the filter; 0: as many as rows

  friend constexpr auto operator<=>(const ConvolutionProblem&, const ConvolutionProblem&) = default;

  constexpr Shape x() const { return {n, in, h, w}; }
  constexpr Shape y() const { return {n, out, out_h, out_w}; }
  constexpr Shape filter() const { return {out, in, kernel, kernel_w > 0 ? kernel_w : kernel}; }
  /// "the forward pass of a 3x3 convolution, stride 1, padding 0, from 1x64x514x1026 to 1x64x512x1024 in bf16".
  std::string text() const;
};

}  // namespace pix2pixhd::inline v0::backend_cuda

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cuda/convolution_problem-inl.hpp>
#endif
