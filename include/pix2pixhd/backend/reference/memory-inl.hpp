#pragma once
/// Memory of the reference backend and its exchange with the host.

#include <pix2pixhd/backend/reference/reference_backend.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <cstring>
#include <memory>
#include <new>

namespace pix2pixhd::inline v0 {

PIX2PIXHD_INLINE Device reference(DeviceOptions options) {
  detail::require(options.precision == Precision::f32, "the reference backend has no precision ",
                  to_string(options.precision), "; it computes in double, open it with precision f32.");
  return Device(std::make_shared<ReferenceBackend>(options));
}

PIX2PIXHD_INLINE std::shared_ptr<void> ReferenceBackend::allocate_bytes(std::size_t bytes) {
  constexpr std::align_val_t alignment{64};
  void* memory = ::operator new(bytes, alignment, std::nothrow);
  if (!memory)
    throw OutOfMemory(detail::sentence("reference: no memory for ", bytes, " bytes; use a smaller picture."));
  return {memory, [](void* p) { ::operator delete(p, alignment); }};
}

PIX2PIXHD_INLINE void ReferenceBackend::write(Tensor& y, const void* values, DataType type) {
  double* to = y.mutable_data<double>();
  const std::size_t count = y.shape().count();
  for (std::size_t i = 0; i < count; ++i)
    to[i] = type == DataType::f64 ? static_cast<const double*>(values)[i]
                                  : static_cast<double>(static_cast<const float*>(values)[i]);
}

PIX2PIXHD_INLINE void ReferenceBackend::read(const Tensor& x, void* values, DataType type) {
  const double* from = x.data<double>();
  const std::size_t count = x.shape().count();
  for (std::size_t i = 0; i < count; ++i) {
    if (type == DataType::f64)
      static_cast<double*>(values)[i] = from[i];
    else
      static_cast<float*>(values)[i] = static_cast<float>(from[i]);
  }
}

PIX2PIXHD_INLINE void ReferenceBackend::write_bytes(Storage& y, const void* bytes, std::size_t count) {
  std::memcpy(y.mutable_data(), bytes, count);
}

PIX2PIXHD_INLINE void ReferenceBackend::read_bytes(const Storage& x, void* bytes, std::size_t count) {
  std::memcpy(bytes, x.data(), count);
}

}  // namespace pix2pixhd::inline v0
