#pragma once
/// Normalisation, activation, sums and their gradients as passes over stored tensors.

#include <pix2pixhd/core/calls.hpp>

#include <cstddef>

namespace pix2pixhd::inline v0 {

class CpuBackend;

namespace detail {

/// Backend::normalise. x is raw; the skip may be pending. y may be x or the skip.
void normalise_pass(CpuBackend& backend, const Normalise& call);

/// Bytes of temporary memory of normalise_backward_pass for a gradient of this shape and format.
std::size_t normalise_backward_workspace(const Shape& shape, const Format& format);

/// Backend::normalise_backward: sums in a first pass, the gradient in a second. A null `workspace` is allocated.
void normalise_backward_pass(CpuBackend& backend, const NormaliseBackward& call, std::byte* workspace = nullptr);

/// y = a + b.
void add_pass(CpuBackend& backend, const Tensor& a, const Tensor& b, Tensor& y);

/// Bytes of temporary memory of bias_gradient.
std::size_t bias_gradient_workspace(const Shape& shape, const Format& format);

/// Gradient of a bias: the sums of dy over pictures and pixels, added to `bias` or overwriting it.
void bias_gradient(CpuBackend& backend, const Tensor& dy, Tensor& bias, bool add, std::byte* workspace = nullptr);

}  // namespace detail
}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/normalise_pass-inl.hpp>
#endif
