#pragma once
/// Statistics as a pass over a stored tensor.

#include <pix2pixhd/backend/cpu/cpu_backend.hpp>

#include <cstddef>

namespace pix2pixhd::inline v0::detail {

/// Bytes of temporary memory of statistics_pass for a tensor of this shape and format.
std::size_t statistics_workspace(const Shape& shape, const Format& format);

/// Backend::statistics. Chunks depend on the shape only and are joined in their order. A null `workspace` is allocated.
void statistics_pass(CpuBackend& backend, const Statistics& call, std::byte* workspace = nullptr);

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/statistics_pass-inl.hpp>
#endif
