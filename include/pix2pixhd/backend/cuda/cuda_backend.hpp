#pragma once
/// The CUDA backend: convolutions by cuDNN, everything else by own kernels, both found and compiled when a device is
/// opened. Nothing of CUDA is needed to compile a program or to start it.
///
/// Activations are N, H, W, C with the channels filled up with zeros to a multiple of eight (one block of
/// Layout::blocked), in f32, bf16 or f16; arithmetic and sums are f32 or better. Parameters and statistics are plain
/// f32. A block's norm and activation are applied by whoever reads its output, in the same pass that pads it.
///
/// What cuDNN writes is rounded to the type of activations, results of a convolution that are not yet finished too: the
/// gradient of a filter, before it is added to the parameter's in f32; that by a padded input, before its border is
/// folded back; the columns of a large filter with few outputs, before they are summed; and the sum over dense channels
/// beside a map's, before what is looked up is added.

#include <pix2pixhd/backend/cuda/device_memory.hpp>
#include <pix2pixhd/backend/cuda/queue.hpp>
#include <pix2pixhd/core/backend.hpp>
#include <pix2pixhd/core/batched_updates.hpp>
#include <pix2pixhd/core/deferred_step.hpp>
#include <pix2pixhd/core/device.hpp>
#include <pix2pixhd/core/instance_edges.hpp>
#include <pix2pixhd/core/pixels.hpp>
#include <pix2pixhd/core/recorded_work.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace pix2pixhd::inline v0 {

namespace backend_cuda {

class Recording;

/// A copy of a table for a kernel, in memory that the meter does not count: it is small and gone after the call.
struct DeviceTable {
  std::shared_ptr<void> memory;  ///< of the device
  void* source = nullptr;        ///< where a recorded pass reads it from each time (Recording::keep_table); else null

  template <class Entry>
  const Entry* entries() const {
    return static_cast<const Entry*>(memory.get());
  }
};

}  // namespace backend_cuda

class CudaBackend final : public Backend,
                          public RecordingBackend,
                          public BatchedUpdates,
                          public DeferringBackend,
                          public PixelReader,
                          public EdgeMarker {
 public:
  CudaBackend(int index, const DeviceOptions& options);

  backend_cuda::CudaQueue& queue() const { return *queue_; }
  backend_cuda::DeviceMemory& device_memory() const { return *memory_; }
  /// Type of stored activations.
  DataType type() const { return type_; }

  std::string name() const override { return context_->name(); }
  std::string description() const override;
  std::shared_ptr<Backend> in_precision(Precision precision) override;
  bool accepts(const Backend& other) const override;
  Format format(const Shape& shape, Role role) const override;
  bool normalises_on_load() const override { return true; }

  void write(Tensor& y, const void* values, DataType type) override;
  void read(const Tensor& x, void* values, DataType type) override;
  void write_bytes(Storage& y, const void* bytes, std::size_t count) override;
  void read_bytes(const Storage& x, void* bytes, std::size_t count) override;
  void read_pixels(const Tensor& x, std::uint8_t* bytes) override;
  void write_edges(const std::int32_t* ids, const Shape& plane, Storage& edges) override;

  // Passes recorded as CUDA graphs: cuda_recording-inl.hpp.
  std::unique_ptr<RecordedWork> record(const std::function<void()>& pass) override;
  void write_constants(Tensor& y, const float* values) override;
  void copy(const Storage& from, Storage& to) override;
  std::shared_ptr<void> hold() override;

  // Passes over whole tensors: cuda_passes-inl.hpp, cuda_pooling-inl.hpp, cuda_extension-inl.hpp.
  void statistics(const Statistics& call) override;
  void normalise(const Normalise& call) override;
  void normalise_backward(const NormaliseBackward& call) override;
  void add(const Tensor& a, const Tensor& b, Tensor& y) override;
  void pool(const Tensor& x, Pooling pooling, Tensor& y) override;
  void pool_backward(const Tensor& dy, const Tensor& x, Pooling pooling, Tensor& dx) override;
  void instance_mean(const Tensor& x, const InstanceMap& instances, Tensor& y) override;
  void extend(const Tensor& x, Tensor& y) override;
  void extend_plane(const Storage& x, const Shape& from, Storage& y, const Shape& to) override;

  // Losses and optimisation: cuda_training-inl.hpp.
  double loss(const LossCall& call) override;
  void adam(const AdamCall& call) override;
  void adam_of_all(std::span<const AdamCall> calls) override;
  /// Few launches, and few waits for what the search for infinite gradients found.
  std::size_t gradient_batch() const override { return std::size_t{128} << 20; }
  void move_towards(const Tensor& x, double share, Tensor& y) override;
  bool all_finite(const Tensor& x) override;
  std::size_t first_non_finite(std::span<const Tensor* const> tensors) override;

  // Steps that are read at their end: cuda_step-inl.hpp.
  std::unique_ptr<DeferredStep> begin_step(std::size_t sums, std::size_t tensors) override;
  /// Puts a loss into the stream, whose value times `factor` becomes `sum`, or is added to it.
  void put_loss(const LossCall& call, double factor, double* sum, bool add);
  /// Where a search notes what it found; none of it is cleared before.
  struct Found {
    int* stop = nullptr;           ///< becomes 1 if anything is not finite
    int* bad = nullptr;            ///< one a tensor: becomes 1 if that one is not finite
    const double* sums = nullptr;  ///< searched too, as floats
    int sums_number = 0;
  };
  void put_search(std::span<const Tensor* const> tensors, const Found& found);
  /// `stop` is null where there is nothing that could stop it. Returns where a recorded pass reads the arrays from, in
  /// the order of the calls; null: it is not recorded, or there is nothing to do.
  backend_cuda::kernels::AdamArray* put_adam(std::span<const AdamCall> calls, const int* stop);

  // Convolutions and blocks: cuda_blocks-inl.hpp.
  void convolve(const Convolution& call) override;
  void convolve_backward_data(const ConvolutionBackwardData& call) override;
  void convolve_backward_weights(const ConvolutionBackwardWeights& call) override;
  std::size_t workspace(const ConvBlockCall& call) const override;
  std::size_t workspace(const ConvBlockBackwardCall& call) const override;
  std::vector<DerivedBytes> derived(const ConvBlockCall& call) const override;
  std::vector<DerivedBytes> derived(const ConvBlockBackwardCall& call) const override;
  void conv_block(const ConvBlockCall& call) override;
  void conv_block_backward(const ConvBlockBackwardCall& call) override;

 protected:
  std::shared_ptr<void> allocate_bytes(std::size_t bytes) override;

 private:
  CudaBackend(const CudaBackend& device, Precision precision);

  /// What this thread records at the moment; null: nothing.
  std::shared_ptr<backend_cuda::Recording> recording() const;
  backend_cuda::DeviceTable put_table(const void* values, std::size_t bytes);
  template <class Entry>
  backend_cuda::DeviceTable on_device(const std::vector<Entry>& table) {
    return put_table(table.data(), table.size() * sizeof(Entry));
  }

  DataType type_;
  std::shared_ptr<backend_cuda::CudaContext> context_;
  std::shared_ptr<backend_cuda::DeviceMemory> memory_;
  std::unique_ptr<backend_cuda::CudaQueue> queue_;
  mutable std::mutex recording_mutex_;  ///< of what follows
  std::thread::id recording_thread_;
  std::shared_ptr<backend_cuda::Recording> recording_;
};

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cuda/cuda_backend-inl.hpp>
#include <pix2pixhd/backend/cuda/cuda_blocks-inl.hpp>
#include <pix2pixhd/backend/cuda/cuda_extension-inl.hpp>
#include <pix2pixhd/backend/cuda/cuda_passes-inl.hpp>
#include <pix2pixhd/backend/cuda/cuda_pooling-inl.hpp>
#include <pix2pixhd/backend/cuda/cuda_recording-inl.hpp>
#include <pix2pixhd/backend/cuda/cuda_step.hpp>
#include <pix2pixhd/backend/cuda/cuda_training-inl.hpp>
#endif
