#pragma once
/// Mean and variance of channels, from partial ones that were taken where the values were made.

#include <pix2pixhd/backend/cpu/moments.hpp>
#include <pix2pixhd/core/calls.hpp>
#include <pix2pixhd/core/thread_pool.hpp>

#include <cstddef>

namespace pix2pixhd::inline v0 {

class CpuBackend;

namespace detail {

/// Makes the statistics tensor of a tensor of `shape` (see Statistics) from its partial moments, and moves batch norm's
/// running mean and variance. With norm.use_running the partial moments are not looked at.
void finish_statistics(ThreadPool& pool, const PartialMoments& partial, const Shape& shape, const Normalisation& norm,
                       const Tensor& statistics);

/// Bytes of temporary memory of statistics_pass for a tensor of this shape and format.
std::size_t statistics_workspace(const Shape& shape, const Format& format);

/// Backend::statistics as a pass of its own. A null `workspace` is allocated.
void statistics_pass(CpuBackend& backend, const Statistics& call, std::byte* workspace = nullptr);

}  // namespace detail
}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/statistics-inl.hpp>
#endif
