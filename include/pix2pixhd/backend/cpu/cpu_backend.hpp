#pragma once
/// The CPU backend: own kernels for the instruction set that is found at run time.
///
/// Activations are in blocks of 16 channels (N, C / 16, H, W, 16), the last block filled up with zeros: f32, or bf16 on
/// a device that was opened for it. Tensors of fewer than eight channels (images, scores) are plain and always f32, as
/// are parameters and statistics.

#include <pix2pixhd/backend/cpu/block_cache.hpp>
#include <pix2pixhd/backend/cpu/isa.hpp>
#include <pix2pixhd/core/backend.hpp>
#include <pix2pixhd/core/device.hpp>
#include <pix2pixhd/core/thread_pool.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace pix2pixhd::inline v0 {

namespace detail {

/// Channels of a block of activations: 64 bytes of f32, 32 of bf16.
inline constexpr int cpu_block = 16;
/// Tensors of fewer channels are plain.
inline constexpr int cpu_blocked_from = 8;

/// The part of a convolution that reads a map's labels and boundaries; dense parts are convolved afterwards.
struct MapConvolution {
  ConvGeometry geometry;
  const SemanticMap* map = nullptr;
  const Tensor* weight = nullptr;  ///< of all channels; classes first, then boundaries
  const Tensor* bias = nullptr;    ///< null: none
  Activation activation = Activation::none;
  Tensor y;                        ///< overwritten
  std::uint8_t* kinds = nullptr;   ///< of the pixels of y, to be filled: see Pending::kinds; null: not wanted
  std::byte* workspace = nullptr;  ///< map_workspace() bytes, aligned to 64
  bool keep_derived = true;
};

/// Gradient by the weights of those channels.
struct MapConvolutionBackwardWeights {
  ConvGeometry geometry;
  const SemanticMap* map = nullptr;
  const Tensor* dy = nullptr;
  Tensor* weight = nullptr;  ///< of all channels: only those of classes and boundaries are touched
  bool add = true;
  std::byte* workspace = nullptr;  ///< map_backward_workspace() bytes, aligned to 64
};

}  // namespace detail

/// The processor: kernels of an instruction set, on threads of its own. f32 or bf16, in blocks of 16 channels; the same
/// bits for any number of threads. Errors: Precision::tf32 and f16.
class CpuBackend final : public Backend {
 public:
  /// Throws Error for a precision that the CPU does not have, or an instruction set that this machine does not have.
  CpuBackend(const DeviceOptions& options, Isa isa);

  Isa isa() const { return isa_; }
  ThreadPool& pool() const { return *pool_; }
  int threads() const { return pool_->threads(); }

  std::string name() const override { return "cpu"; }
  std::string description() const override;
  std::shared_ptr<Backend> in_precision(Precision precision) override;
  bool accepts(const Backend& other) const override;
  Format format(const Shape& shape, Role role) const override;
  bool normalises_on_load() const override { return true; }
  bool tells_kinds() const override { return true; }
  bool reads_lent_memory() const override { return true; }

  // Exchange with the host: convert-inl.hpp.
  void write(Tensor& y, const void* values, DataType type) override;
  void read(const Tensor& x, void* values, DataType type) override;
  void write_bytes(Storage& y, const void* bytes, std::size_t count) override;
  void read_bytes(const Storage& x, void* bytes, std::size_t count) override;

  // Passes over whole tensors: passes-inl.hpp. Inputs may be pending.
  void statistics(const Statistics& call) override;
  void normalise(const Normalise& call) override;
  void normalise_backward(const NormaliseBackward& call) override;
  void add(const Tensor& a, const Tensor& b, Tensor& y) override;
  void pool(const Tensor& x, Pooling pooling, Tensor& y) override;
  void pool_backward(const Tensor& dy, const Tensor& x, Pooling pooling, Tensor& dx) override;
  void instance_mean(const Tensor& x, const InstanceMap& instances, Tensor& y) override;
  void extend(const Tensor& x, Tensor& y) override;
  void extend_plane(const Storage& x, const Shape& from, Storage& y, const Shape& to) override;

  double loss(const LossCall& call) override;
  void adam(const AdamCall& call) override;
  void move_towards(const Tensor& x, double share, Tensor& y) override;
  bool all_finite(const Tensor& x) override;

  // Convolutions and blocks: cpu_convolution-inl.hpp.
  void convolve(const Convolution& call) override;
  void convolve_backward_data(const ConvolutionBackwardData& call) override;
  void convolve_backward_weights(const ConvolutionBackwardWeights& call) override;
  std::size_t workspace(const ConvBlockCall& call) const override;
  std::size_t workspace(const ConvBlockBackwardCall& call) const override;
  std::vector<DerivedBytes> derived(const ConvBlockCall& call) const override;
  std::vector<DerivedBytes> derived(const ConvBlockBackwardCall& call) const override;
  void conv_block(const ConvBlockCall& call) override;
  void conv_block_backward(const ConvBlockBackwardCall& call) override;

  // First layers on maps: cpu_map_convolution-inl.hpp.
  std::size_t map_workspace(const detail::MapConvolution& call) const;
  std::vector<DerivedBytes> map_derived(const detail::MapConvolution& call) const;
  void map_convolve(const detail::MapConvolution& call);
  std::size_t map_backward_workspace(const detail::MapConvolutionBackwardWeights& call) const;
  void map_convolve_backward_weights(const detail::MapConvolutionBackwardWeights& call);

 protected:
  std::shared_ptr<void> allocate_bytes(std::size_t bytes) override;

 private:
  CpuBackend(const CpuBackend& device, Precision precision);

  Isa isa_;
  std::shared_ptr<ThreadPool> pool_;
  std::shared_ptr<detail::BlockCache> blocks_ = std::make_shared<detail::BlockCache>();
};

/// The CPU as a device, with the best instruction set of this machine.
///
/// With Precision::bf16 activations between layers take half the memory: every output of a convolution and of a block
/// is rounded to bf16 once, but for what StoredAsFloat keeps in inference; where a block reads a label map beside other
/// channels, the sum over the map and that over each of the others are. Sums, statistics, losses, images, parameters
/// and gradients of parameters are f32. Throws Error for tf32 and f16, which this backend does not compute in.
Device cpu(DeviceOptions options = {});
/// The same with a chosen instruction set: for tests and comparisons.
Device cpu(DeviceOptions options, Isa isa);

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/convert-inl.hpp>
#include <pix2pixhd/backend/cpu/cpu_backend-inl.hpp>
#include <pix2pixhd/backend/cpu/cpu_convolution.hpp>
#include <pix2pixhd/backend/cpu/cpu_map_convolution-inl.hpp>
#include <pix2pixhd/backend/cpu/passes-inl.hpp>
#endif
