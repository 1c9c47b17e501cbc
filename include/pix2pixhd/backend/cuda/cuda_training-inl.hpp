#pragma once
/// Losses, Adam, averages of weights, and the search for values that are not finite.

#include <pix2pixhd/backend/cuda/adam_factors.hpp>
#include <pix2pixhd/backend/cuda/cuda_backend.hpp>
#include <pix2pixhd/backend/cuda/cuda_passes.hpp>
#include <pix2pixhd/backend/cuda/stored_channels.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <memory>
#include <vector>

namespace pix2pixhd::inline v0 {
namespace backend_cuda {

static_assert(static_cast<int>(LossKind::squared) == kernels::loss_squared &&
              static_cast<int>(LossKind::cross_entropy) == kernels::loss_cross_entropy &&
              static_cast<int>(LossKind::hinge) == kernels::loss_hinge &&
              static_cast<int>(LossKind::linear) == kernels::loss_linear &&
              static_cast<int>(LossKind::absolute) == kernels::loss_absolute);

/// Blocks of a sum over a whole tensor: a function of the number of threads' worth of work alone.
inline unsigned blocks_of_sum(std::size_t work) {
  constexpr unsigned most = 1024;
  counted(work + std::size_t{most} * kernels::threads_per_block, "threads");  // so far a thread steps behind the last
  return std::min(most, grid_of(work).x);
}

/// Blocks of an array in a kernel over several arrays.
inline int blocks_of_array(std::size_t count) {
  constexpr std::size_t each = kernels::values_per_block;
  return static_cast<int>((count + each - 1) / each);
}

}  // namespace backend_cuda

PIX2PIXHD_INLINE double CudaBackend::loss(const LossCall& call) {
  double value = 0;
  const auto sum = allocate_bytes(sizeof value);
  put_loss(call, 1, static_cast<double*>(sum.get()), false);
  queue_->stream().copy_to_host(&value, sum.get(), sizeof value);
  return value;
}

PIX2PIXHD_INLINE void CudaBackend::put_loss(const LossCall& call, double factor, double* sum, bool add) {
  const Tensor& x = *call.x;
  const Shape& shape = x.shape();
  const bool parameter = x.format().layout == Layout::plain;
  const unsigned blocks = backend_cuda::blocks_of_sum(parameter ? shape.count() : backend_cuda::groups_of(x));
  const auto partial = allocate(blocks * sizeof(double));
  const double scale = call.weight / static_cast<double>(shape.count());
  const auto kernel = parameter ? backend_cuda::kernels::Name::LossOfParameters : backend_cuda::kernels::Name::Loss;
  queue_->launch(kernel, backend_cuda::Grid{blocks, 1, 1},
                 backend_cuda::kernels::LossArguments{
                     .x = backend_cuda::source_of(x),
                     .y = call.y ? backend_cuda::source_of(*call.y) : backend_cuda::kernels::Source{},
                     .partial = static_cast<double*>(partial->mutable_data()),
                     .dx = call.dx.empty() ? nullptr : call.dx.storage()->mutable_data(),
                     .kind = static_cast<int>(call.kind),
                     .target = static_cast<float>(call.target),
                     .scale = static_cast<float>(scale),
                     .n = shape.n,
                     .pixels = backend_cuda::pixels_of(x),
                     .channels = backend_cuda::channels_of(x),
                     .logical = shape.c});
  queue_->launch(backend_cuda::kernels::Name::SumLoss, backend_cuda::Grid{},
                 backend_cuda::kernels::SumLossArguments{.partial = static_cast<const double*>(partial->data()),
                                                         .number = static_cast<int>(blocks),
                                                         .scale = factor * scale,
                                                         .sum = sum,
                                                         .add = add});
}

PIX2PIXHD_INLINE void CudaBackend::adam(const AdamCall& call) { adam_of_all({&call, 1}); }

PIX2PIXHD_INLINE void CudaBackend::adam_of_all(std::span<const AdamCall> calls) { put_adam(calls, nullptr); }

PIX2PIXHD_INLINE backend_cuda::kernels::AdamArray* CudaBackend::put_adam(std::span<const AdamCall> calls,
                                                                         const int* stop) {
  std::vector<backend_cuda::kernels::AdamArray> arrays;
  int blocks = 0;
  for (const AdamCall& call : calls) {
    const bool zero = call.gradient->storage()->cleared();
    const backend_cuda::AdamFactors factors = backend_cuda::adam_factors(call);
    const std::size_t count = call.value.shape().count();
    arrays.push_back({.gradient = zero ? nullptr : call.gradient->data<float>(),
                      .value = call.value.mutable_data<float>(),
                      .m = call.m.mutable_data<float>(),
                      .v = call.v.mutable_data<float>(),
                      .rate = factors.rate,
                      .beta1 = static_cast<float>(call.beta1),
                      .beta2 = static_cast<float>(call.beta2),
                      .epsilon = static_cast<float>(call.epsilon),
                      .correction = factors.correction,
                      .count = backend_cuda::counted(count, "values"),
                      .first_block = blocks});
    blocks += backend_cuda::blocks_of_array(count);
  }
  if (blocks == 0) return nullptr;
  const backend_cuda::DeviceTable table = on_device(arrays);
  queue_->launch(backend_cuda::kernels::Name::Adam, backend_cuda::Grid{static_cast<unsigned>(blocks), 1, 1},
                 backend_cuda::kernels::AdamArguments{.arrays = table.entries<backend_cuda::kernels::AdamArray>(),
                                                      .number = static_cast<int>(arrays.size()),
                                                      .stop = stop});
  return static_cast<backend_cuda::kernels::AdamArray*>(table.source);
}

PIX2PIXHD_INLINE void CudaBackend::move_towards(const Tensor& x, double share, Tensor& y) {
  const std::size_t count = y.shape().count();
  queue_->launch(backend_cuda::kernels::Name::MoveTowards, backend_cuda::grid_of(count),
                 backend_cuda::kernels::MoveArguments{.x = x.data<float>(),
                                                      .y = y.mutable_data<float>(),
                                                      .share = static_cast<float>(share),
                                                      .count = static_cast<int>(count)});
}

PIX2PIXHD_INLINE bool CudaBackend::all_finite(const Tensor& x) {
  const Tensor* const one = &x;
  return first_non_finite({&one, 1}) == 1;
}

PIX2PIXHD_INLINE std::size_t CudaBackend::first_non_finite(std::span<const Tensor* const> tensors) {
  if (tensors.empty()) return 0;
  std::vector<int> found(1 + tensors.size());
  const auto on_device = allocate_bytes(found.size() * sizeof(int));
  queue_->stream().clear(on_device.get(), found.size() * sizeof(int));
  int* const stop = static_cast<int*>(on_device.get());
  put_search(tensors, {.stop = stop, .bad = stop + 1});
  queue_->stream().copy_to_host(found.data(), stop, found.size() * sizeof(int));
  return static_cast<std::size_t>(std::find(found.begin() + 1, found.end(), 1) - found.begin()) - 1;
}

PIX2PIXHD_INLINE void CudaBackend::put_search(std::span<const Tensor* const> tensors, const Found& found) {
  std::vector<backend_cuda::kernels::FiniteArray> arrays;
  int blocks = 0;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const Tensor& x = *tensors[i];
    const std::size_t count = x.storage()->cleared() ? 0 : x.bytes() / size_of(x.format().type);
    arrays.push_back({.x = x.storage()->data(),
                      .bad = found.bad + i,
                      .is_float = x.format().type == DataType::f32,
                      .count = backend_cuda::counted(count, "values"),
                      .first_block = blocks});
    blocks += backend_cuda::blocks_of_array(count);
  }
  if (arrays.empty()) return;
  const backend_cuda::DeviceTable table = on_device(arrays);
  queue_->launch(backend_cuda::kernels::Name::Finite,
                 backend_cuda::Grid{static_cast<unsigned>(std::max(blocks, 1)), 1, 1},
                 backend_cuda::kernels::FiniteArguments{.arrays = table.entries<backend_cuda::kernels::FiniteArray>(),
                                                        .number = static_cast<int>(arrays.size()),
                                                        .stop = found.stop,
                                                        .sums = found.sums,
                                                        .sums_number = found.sums_number});
}

}  // namespace pix2pixhd::inline v0
