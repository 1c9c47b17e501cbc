#pragma once
/// Convolutions as cuDNN plans them.

#include <pix2pixhd/backend/cuda/cudnn.hpp>
#include <pix2pixhd/backend/cuda/disk_cache.hpp>
#include <pix2pixhd/core/geometry.hpp>
#include <pix2pixhd/core/shape.hpp>
#include <pix2pixhd/core/tensor.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
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

  friend constexpr auto operator<=>(const ConvolutionProblem&, const ConvolutionProblem&) = default;

  constexpr Shape x() const { return {n, in, h, w}; }
  constexpr Shape y() const { return {n, out, out_h, out_w}; }
  constexpr Shape filter() const { return {out, in, kernel, kernel}; }
  /// "the forward pass of a 3x3 convolution, stride 1, padding 0, from 1x64x514x1026 to 1x64x512x1024 in bf16".
  std::string text() const;
};

/// One way to compute a convolution.
struct ConvolutionPlan {
  ConvolutionProblem problem;
  cudnn::Descriptor descriptor;
  std::size_t workspace = 0;  ///< bytes
  std::int64_t engine = -1;   ///< cuDNN's number; -1 if the plan came from the disk cache
};

/// What a plan may do.
struct ConvolutionRules {
  bool tensor_cores_in_f32 = false;  ///< rounds the factors to tf32
  bool deterministic = true;
};

/// The plans of one device: the first that cuDNN's heuristics propose and that keeps to the rules, with a workspace no
/// larger than the smaller of x and y (or 4 MB); if none is so small the one with the smallest. Kept in memory and on
/// disk, under cuDNN's version, the device and the problem. One thread at a time may ask.
class ConvolutionPlans {
 public:
  /// Plans for the device of `handle`, which must outlive them; its context must be in use when a plan is asked for.
  ConvolutionPlans(cudnn::Handle handle, std::string device_text, ConvolutionRules rules, DiskCache cache);
  /// A device that is not there, by its properties as cuDNN writes them. Its plans can be built and not executed.
  ConvolutionPlans(const std::string& properties_json, ConvolutionRules rules, DiskCache cache);

  /// Throws Error naming the problem if cuDNN has no plan for it.
  const ConvolutionPlan& plan(const ConvolutionProblem& problem);

 private:
  std::unique_ptr<ConvolutionPlan> build(const ConvolutionProblem& problem) const;
  std::unique_ptr<ConvolutionPlan> restore(const ConvolutionProblem& problem) const;
  std::string key(const ConvolutionProblem& problem) const;

  void bind(cudnn::Descriptor& descriptor, cudnn::Attribute handle, cudnn::Attribute properties) const;

  cudnn::Handle handle_ = nullptr;
  cudnn::Descriptor device_;  ///< where there is no handle
  std::string device_text_;
  ConvolutionRules rules_;
  DiskCache cache_;
  std::map<ConvolutionProblem, std::unique_ptr<ConvolutionPlan>> plans_;
};

/// The memory that a plan works on; which of x, filter and y is the result depends on the pass.
struct ConvolutionOperands {
  void* x = nullptr;
  void* filter = nullptr;
  void* y = nullptr;
  void* workspace = nullptr;
};

/// Puts a convolution into the stream of `handle`. Throws Error naming the problem and cuDNN's status.
void execute(cudnn::Handle handle, const ConvolutionPlan& plan, const ConvolutionOperands& operands);

}  // namespace pix2pixhd::inline v0::backend_cuda

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cuda/convolution_plan-inl.hpp>
#endif
