#pragma once
/// Choosing between plans of one convolution by the time that they take.

#include <pix2pixhd/backend/cuda/convolution_plan.hpp>
#include <pix2pixhd/backend/cuda/device_memory.hpp>
#include <pix2pixhd/backend/cuda/stream.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <cstddef>
#include <vector>

namespace pix2pixhd::inline v0::backend_cuda {

/// Seconds that each plan takes by itself, the least of a few runs on memory of its own; infinite for one that
/// fails or needs more than largest_workspace().
/// They compute the same convolution. Empty where they cannot be timed now: memory is short, even without what `cache`
/// keeps, or the stream records.
std::vector<double> time_plans(CudaStream& stream, DeviceMemory& cache, cudnn::Handle handle,
                               const PlanCandidates& plans);

}  // namespace pix2pixhd::inline v0::backend_cuda

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cuda/plan_timing-inl.hpp>
#endif
