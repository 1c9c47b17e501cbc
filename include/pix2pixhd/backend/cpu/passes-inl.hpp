#pragma once
/// The passes of the CPU backend.

#include <pix2pixhd/backend/cpu/adam_pass.hpp>
#include <pix2pixhd/backend/cpu/cpu_backend.hpp>
#include <pix2pixhd/backend/cpu/loss_pass.hpp>
#include <pix2pixhd/backend/cpu/normalise_pass.hpp>
#include <pix2pixhd/backend/cpu/parameter_pass.hpp>
#include <pix2pixhd/backend/cpu/pool_pass.hpp>
#include <pix2pixhd/backend/cpu/statistics.hpp>
#include <pix2pixhd/core/linkage.hpp>

namespace pix2pixhd::inline v0 {

PIX2PIXHD_INLINE void CpuBackend::statistics(const Statistics& call) { detail::statistics_pass(*this, call); }
PIX2PIXHD_INLINE void CpuBackend::normalise(const Normalise& call) { detail::normalise_pass(*this, call); }
PIX2PIXHD_INLINE void CpuBackend::normalise_backward(const NormaliseBackward& call) {
  detail::normalise_backward_pass(*this, call);
}
PIX2PIXHD_INLINE void CpuBackend::add(const Tensor& a, const Tensor& b, Tensor& y) { detail::add_pass(*this, a, b, y); }
PIX2PIXHD_INLINE void CpuBackend::pool(const Tensor& x, Pooling pooling, Tensor& y) {
  detail::pool_pass(*this, x, pooling, y);
}
PIX2PIXHD_INLINE void CpuBackend::pool_backward(const Tensor& dy, const Tensor& x, Pooling pooling, Tensor& dx) {
  detail::pool_backward_pass(*this, dy, x, pooling, dx);
}
PIX2PIXHD_INLINE void CpuBackend::instance_mean(const Tensor& x, const InstanceMap& instances, Tensor& y) {
  detail::instance_mean_pass(*this, x, instances, y);
}
PIX2PIXHD_INLINE void CpuBackend::extend(const Tensor& x, Tensor& y) { detail::extend_pass(*this, x, y); }
PIX2PIXHD_INLINE void CpuBackend::extend_plane(const Storage& x, const Shape& from, Storage& y, const Shape& to) {
  detail::extend_plane_pass(*this, x, from, y, to);
}
PIX2PIXHD_INLINE double CpuBackend::loss(const LossCall& call) { return detail::loss_pass(*this, call); }
PIX2PIXHD_INLINE void CpuBackend::adam(const AdamCall& call) { detail::adam_pass(*this, call); }
PIX2PIXHD_INLINE void CpuBackend::move_towards(const Tensor& x, double share, Tensor& y) {
  detail::move_towards_pass(*this, x, share, y);
}
PIX2PIXHD_INLINE bool CpuBackend::all_finite(const Tensor& x) { return detail::all_finite_pass(*this, x); }

}  // namespace pix2pixhd::inline v0
