#pragma once
/// Convolutions as cuDNN plans them.

#include <pix2pixhd/backend/cuda/convolution_problem.hpp>
#include <pix2pixhd/backend/cuda/cudnn.hpp>
#include <pix2pixhd/backend/cuda/disk_cache.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pix2pixhd::inline v0::backend_cuda {

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

/// Plans of one convolution, in the order in which cuDNN's heuristics propose them.
using PlanCandidates = std::vector<std::unique_ptr<ConvolutionPlan>>;
/// Seconds that each of them takes, infinite for one that fails; empty where they cannot be timed now.
using PlanTiming = std::function<std::vector<double>(const PlanCandidates&)>;

/// The plans of one device, of those that cuDNN's heuristics propose and that keep to the rules: see plan_choice.hpp.
/// Kept in memory and on disk, under cuDNN's version, the device and the problem. Where runs must be deterministic
/// plans are timed only if the choice can be kept on disk, and what is there then is taken: another run could choose
/// otherwise, and round otherwise. One thread at a time may ask.
class ConvolutionPlans {
 public:
  /// Plans for the device of `handle`, which must outlive them; its context must be in use when a plan is asked for.
  ConvolutionPlans(cudnn::Handle handle, std::string device_text, ConvolutionRules rules, DiskCache cache,
                   PlanTiming timing);
  /// A device that is not there, by its properties as cuDNN writes them. Its plans can be built and not executed.
  ConvolutionPlans(const std::string& properties_json, ConvolutionRules rules, DiskCache cache);

  /// Throws Error naming the problem if cuDNN has no plan for it.
  const ConvolutionPlan& plan(const ConvolutionProblem& problem);

 private:
  std::unique_ptr<ConvolutionPlan> build(const ConvolutionProblem& problem) const;
  std::unique_ptr<ConvolutionPlan> restore(const ConvolutionProblem& problem) const;
  std::string key(const ConvolutionProblem& problem) const;
  bool keep(const ConvolutionPlan& plan) const;
  bool timed() const;
  PlanCandidates candidates(const ConvolutionProblem& problem, bool several) const;

  void bind(cudnn::Descriptor& descriptor, cudnn::Attribute handle, cudnn::Attribute properties) const;

  cudnn::Handle handle_ = nullptr;
  cudnn::Descriptor device_;  ///< where there is no handle
  std::string device_text_;
  ConvolutionRules rules_;
  DiskCache cache_;
  PlanTiming timing_;
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
