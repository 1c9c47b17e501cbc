#pragma once
/// Moments in the work of a device, and the seconds between them.

#include <pix2pixhd/backend/cuda/cuda_backend.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

namespace stages {

class Clock {
 public:
  virtual ~Clock() = default;
  /// Notes the moment at which everything that the device was asked for until now is done. Returns its number.
  virtual std::size_t mark() = 0;
  /// Seconds from one moment to a later one; waits for it.
  virtual double between(std::size_t earlier, std::size_t later) = 0;
  /// Forgets all moments.
  virtual void clear() = 0;
};

/// Of a device that has done what it was asked for when the call returns.
class HostClock final : public Clock {
 public:
  std::size_t mark() override {
    moments_.push_back(std::chrono::steady_clock::now());
    return moments_.size() - 1;
  }
  double between(std::size_t earlier, std::size_t later) override {
    return std::chrono::duration<double>(moments_[later] - moments_[earlier]).count();
  }
  void clear() override { moments_.clear(); }

 private:
  std::vector<std::chrono::steady_clock::time_point> moments_;
};

/// Of a GPU, by events in its queue: the host may be far ahead of it, so that calls are timed as they follow each other
/// in a whole pass, without what it takes to launch them.
class CudaClock final : public Clock {
 public:
  explicit CudaClock(pix2pixhd::backend_cuda::CudaQueue& queue) : queue_(queue) {}
  std::size_t mark() override {
    moments_.push_back(queue_.stream().mark());
    return moments_.size() - 1;
  }
  double between(std::size_t earlier, std::size_t later) override {
    return queue_.stream().seconds_between(moments_[earlier], moments_[later]);
  }
  void clear() override { moments_.clear(); }

 private:
  pix2pixhd::backend_cuda::CudaQueue& queue_;
  std::vector<pix2pixhd::backend_cuda::CudaStream::Moment> moments_;
};

inline std::unique_ptr<Clock> clock_of(pix2pixhd::Backend& backend) {
  if (auto* gpu = dynamic_cast<pix2pixhd::CudaBackend*>(&backend)) return std::make_unique<CudaClock>(gpu->queue());
  return std::make_unique<HostClock>();
}

}  // namespace stages
