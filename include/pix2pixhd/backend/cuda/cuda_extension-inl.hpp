#pragma once
/// Pictures and planes continued by reflection to a larger size.

#include <pix2pixhd/backend/cuda/cuda_backend.hpp>
#include <pix2pixhd/backend/cuda/cuda_passes.hpp>
#include <pix2pixhd/backend/cuda/stored_channels.hpp>
#include <pix2pixhd/core/linkage.hpp>

namespace pix2pixhd::inline v0 {

PIX2PIXHD_INLINE void CudaBackend::extend(const Tensor& x, Tensor& y) {
  const Shape &in = x.shape(), &out = y.shape();
  const int channels = backend_cuda::channels_of(x);
  backend_cuda::check_pixels(in);
  const std::size_t threads = backend_cuda::threads_of_rows(out.with_channels(channels));
  queue_->launch(backend_cuda::kernels::Name::Gather, backend_cuda::grid_of(threads),
                 backend_cuda::kernels::GatherArguments{
                     .x = backend_cuda::source_of(x),
                     .y = y.storage()->mutable_data(),
                     .n = out.n,
                     .in_h = in.h,
                     .in_w = in.w,
                     .in_channels = channels,
                     .out_h = out.h,
                     .out_w = out.w,
                     .out_channels = channels,
                     .first = 0,
                     .count = channels,
                     .border = {.padding = 0, .pad = backend_cuda::kernels::pad_reflect_periodically, .enlarge = 1},
                     .threads = static_cast<int>(threads)});
}

PIX2PIXHD_INLINE void CudaBackend::extend_plane(const Storage& x, const Shape& from, Storage& y, const Shape& to) {
  queue_->launch(backend_cuda::kernels::Name::GatherBytes, backend_cuda::grid_of(to.count()),
                 backend_cuda::kernels::GatherBytesArguments{.x = static_cast<const unsigned char*>(x.data()),
                                                             .y = static_cast<unsigned char*>(y.mutable_data()),
                                                             .n = to.n,
                                                             .in_h = from.h,
                                                             .in_w = from.w,
                                                             .out_h = to.h,
                                                             .out_w = to.w});
}

}  // namespace pix2pixhd::inline v0
