#pragma once
/// Poolings, instance means and continuation by reflection.

#include <pix2pixhd/core/calls.hpp>

#include <cstddef>

namespace pix2pixhd::inline v0 {

class CpuBackend;

namespace detail {

/// Backend::pool and Backend::pool_backward.
void pool_pass(CpuBackend& backend, const Tensor& x, Pooling pooling, Tensor& y);
void pool_backward_pass(CpuBackend& backend, const Tensor& dy, const Tensor& x, Pooling pooling, Tensor& dx);

/// Bytes of temporary memory of instance_mean_pass.
std::size_t instance_mean_workspace(const Shape& shape, const Format& format, int largest_count);
/// Backend::instance_mean: sums in double, in the order of the pixels. A null `workspace` is allocated.
void instance_mean_pass(CpuBackend& backend, const Tensor& x, const InstanceMap& instances, Tensor& y,
                        std::byte* workspace = nullptr);

/// Backend::extend and Backend::extend_plane.
void extend_pass(CpuBackend& backend, const Tensor& x, Tensor& y);
void extend_plane_pass(CpuBackend& backend, const Storage& x, const Shape& from, Storage& y, const Shape& to);

}  // namespace detail
}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/pool_pass-inl.hpp>
#endif
