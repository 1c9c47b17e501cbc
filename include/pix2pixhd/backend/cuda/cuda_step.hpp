#pragma once
/// Training steps whose findings stay in the device's memory.

#include <pix2pixhd/backend/cuda/cuda_backend.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace pix2pixhd::inline v0::backend_cuda {

/// One piece of memory holds the sums, whether something was not finite (1: no further update is made), and for each
/// tensor that was searched whether it was that. It is read once, at the end.
class CudaStep final : public DeferredStep {
 public:
  CudaStep(CudaBackend& backend, std::shared_ptr<void> memory, std::size_t sums, std::size_t tensors);

  void add_loss(const LossCall& call, double factor, std::size_t sum) override;
  std::size_t search(std::span<const Tensor* const> tensors) override;
  Update adam_of_all(std::span<const AdamCall> calls) override;
  void renew(std::size_t number, std::span<const AdamCall> calls) override;
  Findings read() override;

  /// Of the memory.
  static std::size_t bytes(std::size_t sums, std::size_t tensors) {
    return sums * sizeof(double) + (1 + tensors) * sizeof(int);
  }

 private:
  double* sums() const { return static_cast<double*>(memory_.get()); }
  int* stop() const { return reinterpret_cast<int*>(sums() + count_); }
  int* bad() const { return stop() + 1; }

  CudaBackend* backend_;
  std::shared_ptr<void> memory_;
  std::size_t count_, most_, searched_ = 0;
  std::vector<kernels::AdamArray*> updates_;  ///< where a recorded step reads them from; else null
};

}  // namespace pix2pixhd::inline v0::backend_cuda

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cuda/cuda_step-inl.hpp>
#endif
