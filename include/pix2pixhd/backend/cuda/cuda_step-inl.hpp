#pragma once
/// What a step puts into the stream, and reading it back.

#include <pix2pixhd/backend/cuda/adam_factors.hpp>
#include <pix2pixhd/backend/cuda/cuda_step.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {
namespace backend_cuda {

PIX2PIXHD_INLINE CudaStep::CudaStep(CudaBackend& backend, std::shared_ptr<void> memory, std::size_t sums,
                                    std::size_t tensors)
    : backend_(&backend), memory_(std::move(memory)), count_(sums), most_(tensors) {
  backend_->queue().stream().clear(memory_.get(), bytes(count_, most_));
}

PIX2PIXHD_INLINE void CudaStep::add_loss(const LossCall& call, double factor, std::size_t sum) {
  backend_->put_loss(call, factor, sums() + sum, true);
}

PIX2PIXHD_INLINE std::size_t CudaStep::search(std::span<const Tensor* const> tensors) {
  detail::require(searched_ + tensors.size() <= most_, "a step was begun for ", most_,
                  " gradients and is given more; make a new step.");
  backend_->put_search(
      tensors, {.stop = stop(), .bad = bad() + searched_, .sums = sums(), .sums_number = static_cast<int>(count_)});
  return std::exchange(searched_, searched_ + tensors.size());
}

PIX2PIXHD_INLINE DeferredStep::Update CudaStep::adam_of_all(std::span<const AdamCall> calls) {
  updates_.push_back(backend_->put_adam(calls, stop()));
  return {.number = updates_.size() - 1, .searched = searched_};
}

PIX2PIXHD_INLINE void CudaStep::renew(std::size_t number, std::span<const AdamCall> calls) {
  kernels::AdamArray* const arrays = updates_.at(number);
  detail::require(arrays || calls.empty(), "an update can be renewed only in a step that was recorded.");
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const AdamFactors factors = adam_factors(calls[i]);
    arrays[i].rate = factors.rate;
    arrays[i].correction = factors.correction;
    for (const Tensor* changed : {&calls[i].value, &calls[i].m, &calls[i].v}) changed->storage()->mutable_data();
  }
}

PIX2PIXHD_INLINE DeferredStep::Findings CudaStep::read() {
  std::vector<std::byte> bytes(CudaStep::bytes(count_, searched_));
  backend_->queue().stream().copy_to_host(bytes.data(), memory_.get(), bytes.size());
  const auto take = [&](auto& values, const void* from) {
    const auto offset = static_cast<const std::byte*>(from) - static_cast<const std::byte*>(memory_.get());
    if (!values.empty()) std::memcpy(values.data(), bytes.data() + offset, values.size() * sizeof(values[0]));
  };
  Findings result{.sums = std::vector<double>(count_)};
  std::vector<int> bad(searched_);
  take(result.sums, sums());
  take(bad, this->bad());
  result.first_bad = static_cast<std::size_t>(std::find(bad.begin(), bad.end(), 1) - bad.begin());
  return result;
}

}  // namespace backend_cuda

PIX2PIXHD_INLINE std::unique_ptr<DeferredStep> CudaBackend::begin_step(std::size_t sums, std::size_t tensors) {
  return std::make_unique<backend_cuda::CudaStep>(*this, allocate_bytes(backend_cuda::CudaStep::bytes(sums, tensors)),
                                                  sums, tensors);
}

}  // namespace pix2pixhd::inline v0
