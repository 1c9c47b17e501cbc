#pragma once
/// Losses with their gradients.

#include <pix2pixhd/core/calls.hpp>

namespace pix2pixhd::inline v0 {

class CpuBackend;

namespace detail {

/// Backend::loss. The arguments of an absolute difference may be pending. Terms are summed in float over at most 128 of
/// a lane, then in double, in an order that depends on the shape only.
double loss_pass(CpuBackend& backend, const LossCall& call);

}  // namespace detail
}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/loss_pass-inl.hpp>
#endif
