#pragma once
/// Passes over parameters that only move memory: averages of weights, the search for values that are not finite.

#include <pix2pixhd/core/tensor.hpp>

namespace pix2pixhd::inline v0 {

class CpuBackend;

namespace detail {

/// Backend::move_towards, in float.
void move_towards_pass(CpuBackend& backend, const Tensor& x, double share, Tensor& y);
/// Backend::all_finite. Looks at raw values where a tensor is pending.
bool all_finite_pass(CpuBackend& backend, const Tensor& x);

}  // namespace detail
}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/parameter_pass-inl.hpp>
#endif
