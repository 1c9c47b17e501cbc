#pragma once
/// Sums, poolings and means over instances.

#include <pix2pixhd/backend/cuda/cuda_backend.hpp>
#include <pix2pixhd/backend/cuda/stored_channels.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <cstdint>

namespace pix2pixhd::inline v0 {

PIX2PIXHD_INLINE void CudaBackend::add(const Tensor& a, const Tensor& b, Tensor& y) {
  if (y.format().layout == Layout::plain) {
    const std::size_t count = y.shape().count();
    return queue_->launch(backend_cuda::kernels::Name::AddParameters, backend_cuda::grid_of(count),
                          backend_cuda::kernels::AddParametersArguments{.a = a.data<float>(),
                                                                        .b = b.data<float>(),
                                                                        .y = y.mutable_data<float>(),
                                                                        .count = static_cast<int>(count)});
  }
  queue_->launch(backend_cuda::kernels::Name::Add, backend_cuda::grid_of(backend_cuda::groups_of(y)),
                 backend_cuda::kernels::AddArguments{.a = a.storage()->data(),
                                                     .b = b.storage()->data(),
                                                     .y = y.storage()->mutable_data(),
                                                     .groups = static_cast<int>(backend_cuda::groups_of(y))});
}

PIX2PIXHD_INLINE void CudaBackend::pool(const Tensor& x, Pooling pooling, Tensor& y) {
  const Shape &in = x.shape(), &out = y.shape();
  queue_->launch(backend_cuda::kernels::Name::Pool, backend_cuda::grid_of(backend_cuda::groups_of(y)),
                 backend_cuda::kernels::PoolArguments{.x = x.storage()->data(),
                                                      .y = y.storage()->mutable_data(),
                                                      .n = out.n,
                                                      .in_h = in.h,
                                                      .in_w = in.w,
                                                      .out_h = out.h,
                                                      .out_w = out.w,
                                                      .channels = backend_cuda::channels_of(y),
                                                      .largest = pooling == Pooling::max2});
}

PIX2PIXHD_INLINE void CudaBackend::pool_backward(const Tensor& dy, const Tensor& x, Pooling pooling, Tensor& dx) {
  const Shape &in = dx.shape(), &out = dy.shape();
  backend_cuda::check_pixels(in);  // a thread takes four
  const std::size_t threads =
      backend_cuda::groups_of({in.n, backend_cuda::channels_of(dx), (in.h + 1) / 2, (in.w + 1) / 2});
  queue_->launch(backend_cuda::kernels::Name::PoolBackward, backend_cuda::grid_of(threads),
                 backend_cuda::kernels::PoolBackwardArguments{.dy = dy.storage()->data(),
                                                              .x = x.empty() ? nullptr : x.storage()->data(),
                                                              .dx = dx.storage()->mutable_data(),
                                                              .in_h = in.h,
                                                              .in_w = in.w,
                                                              .out_h = out.h,
                                                              .out_w = out.w,
                                                              .channels = backend_cuda::channels_of(dx),
                                                              .largest = pooling == Pooling::max2,
                                                              .threads = static_cast<int>(threads)});
}

PIX2PIXHD_INLINE void CudaBackend::instance_mean(const Tensor& x, const InstanceMap& instances, Tensor& y) {
  const Shape& shape = x.shape();
  const int pixels = backend_cuda::pixels_of(x), channels = backend_cuda::channels_of(x);
  const int most = instances.largest_count();
  constexpr int most_chunks = 256, least_pixels = 1024;
  const int chunk = std::max(least_pixels, (pixels + most_chunks - 1) / most_chunks);
  const int chunks = (pixels + chunk - 1) / chunk;
  const auto* const indices = static_cast<const std::int32_t*>(instances.indices()->data());
  const std::size_t rows = static_cast<std::size_t>(shape.n) * static_cast<std::size_t>(most);
  const std::size_t partial_floats = rows * static_cast<std::size_t>(chunks) * static_cast<std::size_t>(channels + 1);
  const std::size_t means_floats = rows * static_cast<std::size_t>(channels);
  const auto partial = allocate(partial_floats * sizeof(float)), means = allocate(means_floats * sizeof(float));
  queue_->launch(
      backend_cuda::kernels::Name::InstanceSums,
      backend_cuda::Grid{static_cast<unsigned>(chunks), backend_cuda::grid_of(static_cast<std::size_t>(most)).x,
                         static_cast<unsigned>(shape.n)},
      backend_cuda::kernels::InstanceSumsArguments{.x = x.storage()->data(),
                                                   .indices = indices,
                                                   .partial = static_cast<float*>(partial->mutable_data()),
                                                   .pixels = pixels,
                                                   .channels = channels,
                                                   .chunk = chunk,
                                                   .chunks = chunks,
                                                   .instances = most});
  queue_->launch(backend_cuda::kernels::Name::InstanceMeans, backend_cuda::grid_of(means_floats),
                 backend_cuda::kernels::InstanceMeansArguments{.partial = static_cast<const float*>(partial->data()),
                                                               .means = static_cast<float*>(means->mutable_data()),
                                                               .n = shape.n,
                                                               .channels = channels,
                                                               .chunks = chunks,
                                                               .instances = most});
  queue_->launch(backend_cuda::kernels::Name::InstanceSpread, backend_cuda::grid_of(backend_cuda::groups_of(x)),
                 backend_cuda::kernels::InstanceSpreadArguments{.means = static_cast<const float*>(means->data()),
                                                                .indices = indices,
                                                                .y = y.storage()->mutable_data(),
                                                                .n = shape.n,
                                                                .pixels = pixels,
                                                                .channels = channels,
                                                                .instances = most});
}

}  // namespace pix2pixhd::inline v0
