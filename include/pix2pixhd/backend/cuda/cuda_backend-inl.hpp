#pragma once
/// Opening a device, formats, and exchange with the host.

#include <pix2pixhd/backend/cuda/cuda_backend.hpp>
#include <pix2pixhd/backend/cuda/stored_channels.hpp>
#include <pix2pixhd/backend/cuda/value_type.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {

namespace backend_cuda {

inline ConvolutionRules rules_of(const DeviceOptions& options) {
  return {.tensor_cores_in_f32 = options.precision == Precision::tf32, .deterministic = options.deterministic};
}

/// Bytes of what is stored as parameters are: seldom, so that the host makes them. The kernel reads groups of channels.
inline void read_plain_pixels(Backend& backend, const Tensor& x, std::uint8_t* bytes) {
  const Shape& shape = x.shape();
  std::vector<float> values(shape.count());
  backend.read(x, values.data(), DataType::f32);
  const std::size_t channels = static_cast<std::size_t>(shape.c), pixels = shape.pixels();
  for (std::size_t from = 0; from < values.size(); ++from) {
    const std::size_t plane = from / pixels, pixel = plane / channels * pixels + from % pixels;
    bytes[pixel * channels + plane % channels] = detail::byte_of(values[from]);
  }
}

}  // namespace backend_cuda

PIX2PIXHD_INLINE CudaBackend::CudaBackend(int index, const DeviceOptions& options)
    : Backend(options),
      type_(backend_cuda::value_type(options.precision)),
      context_(std::make_shared<backend_cuda::CudaContext>(index)),
      memory_(std::make_shared<backend_cuda::DeviceMemory>(context_)),
      queue_(std::make_unique<backend_cuda::CudaQueue>(std::make_shared<backend_cuda::CudaStream>(context_), memory_,
                                                       type_, backend_cuda::rules_of(options))) {}

PIX2PIXHD_INLINE CudaBackend::CudaBackend(const CudaBackend& device, Precision precision)
    : Backend(device, precision),
      type_(backend_cuda::value_type(precision)),
      context_(device.context_),
      memory_(device.memory_),
      queue_(std::make_unique<backend_cuda::CudaQueue>(device.queue_->shared_stream(), memory_, type_,
                                                       backend_cuda::rules_of(options()))) {}

PIX2PIXHD_INLINE std::shared_ptr<Backend> CudaBackend::in_precision(Precision precision) {
  if (precision == options().precision) return shared_from_this();
  return std::shared_ptr<Backend>(new CudaBackend(*this, precision));
}

PIX2PIXHD_INLINE bool CudaBackend::accepts(const Backend& other) const {
  const auto* const cuda = dynamic_cast<const CudaBackend*>(&other);
  return cuda && cuda->memory_ == memory_;  // the same device, perhaps in another precision
}

PIX2PIXHD_INLINE std::string CudaBackend::description() const {
  const std::size_t version = backend_cuda::cudnn::functions().version_number;
  return detail::sentence(name(), ": ", context_->facts().model, ", ", to_string(options().precision), ", cuDNN ",
                          version / 10000, ".", version % 10000 / 100, ".", version % 100);
}

PIX2PIXHD_INLINE Format CudaBackend::format(const Shape& shape, Role role) const {
  if (role == Role::parameter || role == Role::statistics) return {.type = DataType::f32, .layout = Layout::plain, .block = 1};
  return {.type = type_, .layout = Layout::blocked, .block = backend_cuda::stored_channels(shape.c)};
}

PIX2PIXHD_INLINE void CudaBackend::write(Tensor& y, const void* values, DataType type) {
  const Shape& shape = y.shape();
  const std::size_t count = shape.count();
  std::vector<float> narrowed;
  if (type == DataType::f64) {
    const auto* from = static_cast<const double*>(values);
    narrowed.resize(count);
    std::transform(from, from + count, narrowed.begin(), [](double value) { return static_cast<float>(value); });
    values = narrowed.data();
  }
  void* const to = y.storage()->mutable_data();
  if (y.format().layout == Layout::plain) return queue_->stream().copy_to_device(to, values, count * sizeof(float));
  const auto plain = allocate(count * sizeof(float));
  queue_->stream().copy_to_device(plain->mutable_data(), values, count * sizeof(float));
  queue_->launch(backend_cuda::kernels::Name::ImportTensor, backend_cuda::grid_of(backend_cuda::groups_of(y)),
                 backend_cuda::kernels::ImportTensorArguments{.x = static_cast<const float*>(plain->data()),
                                                              .y = to,
                                                              .n = shape.n,
                                                              .logical = shape.c,
                                                              .pixels = backend_cuda::pixels_of(y),
                                                              .channels = backend_cuda::channels_of(y)});
}

PIX2PIXHD_INLINE void CudaBackend::read(const Tensor& x, void* values, DataType type) {
  const Shape& shape = x.shape();
  const std::size_t count = shape.count();
  std::vector<float> wide(type == DataType::f64 ? count : 0);
  float* const to = type == DataType::f64 ? wide.data() : static_cast<float*>(values);
  if (x.format().layout == Layout::plain) {
    queue_->stream().copy_to_host(to, x.storage()->data(), count * sizeof(float));
  } else {
    const auto plain = allocate(count * sizeof(float));
    queue_->launch(backend_cuda::kernels::Name::ExportTensor, backend_cuda::grid_of(backend_cuda::groups_of(x)),
                   backend_cuda::kernels::ExportTensorArguments{.x = x.storage()->data(),
                                                                .y = static_cast<float*>(plain->mutable_data()),
                                                                .n = shape.n,
                                                                .logical = shape.c,
                                                                .pixels = backend_cuda::pixels_of(x),
                                                                .channels = backend_cuda::channels_of(x)});
    queue_->stream().copy_to_host(to, plain->data(), count * sizeof(float));
  }
  std::copy(wide.begin(), wide.end(), static_cast<double*>(values));
}

PIX2PIXHD_INLINE void CudaBackend::read_pixels(const Tensor& x, std::uint8_t* bytes) {
  const Shape& shape = x.shape();
  if (x.format().layout == Layout::plain) return backend_cuda::read_plain_pixels(*this, x, bytes);
  const auto pixels = allocate(shape.count());
  queue_->launch(backend_cuda::kernels::Name::ExportPixels, backend_cuda::grid_of(shape.with_channels(1).count()),
                 backend_cuda::kernels::ExportPixelsArguments{.x = x.storage()->data(),
                                                              .y = static_cast<unsigned char*>(pixels->mutable_data()),
                                                              .n = shape.n,
                                                              .logical = shape.c,
                                                              .pixels = backend_cuda::pixels_of(x),
                                                              .channels = backend_cuda::channels_of(x)});
  queue_->stream().copy_to_host(bytes, pixels->data(), shape.count());
}

PIX2PIXHD_INLINE void CudaBackend::write_edges(const std::int32_t* ids, const Shape& plane, Storage& edges) {
  const auto on_device = allocate(plane.count() * sizeof *ids);
  queue_->stream().copy_to_device(on_device->mutable_data(), ids, plane.count() * sizeof *ids);
  queue_->launch(backend_cuda::kernels::Name::MarkEdges, backend_cuda::grid_of(plane.count()),
                 backend_cuda::kernels::MarkEdgesArguments{.ids = static_cast<const int*>(on_device->data()),
                                                           .edges = static_cast<unsigned char*>(edges.mutable_data()),
                                                           .n = plane.n,
                                                           .h = plane.h,
                                                           .w = plane.w});
}

PIX2PIXHD_INLINE void CudaBackend::write_bytes(Storage& y, const void* bytes, std::size_t count) {
  queue_->stream().copy_to_device(y.mutable_data(), bytes, count);
}

PIX2PIXHD_INLINE void CudaBackend::read_bytes(const Storage& x, void* bytes, std::size_t count) {
  queue_->stream().copy_to_host(bytes, x.data(), count);
}

}  // namespace pix2pixhd::inline v0
