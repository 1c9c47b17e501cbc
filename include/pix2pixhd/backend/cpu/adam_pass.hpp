#pragma once
/// Adam in one pass over gradient, value and moments.

#include <pix2pixhd/core/calls.hpp>

namespace pix2pixhd::inline v0 {

class CpuBackend;

namespace detail {

/// Backend::adam, in float.
void adam_pass(CpuBackend& backend, const AdamCall& call);

}  // namespace detail
}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/adam_pass-inl.hpp>
#endif
