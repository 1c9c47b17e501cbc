#pragma once
/// What a backend has to do.

#include <pix2pixhd/core/block_gradient.hpp>
#include <pix2pixhd/core/calls.hpp>
#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/core/memory_meter.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {

/// In what activations are stored, and of what the factors of convolutions are. Statistics, losses, parameters and
/// their gradients are always stored in f32, and sums are taken in it; but in bf16 and f16 CUDA rounds parts of some
/// sums to 16 bits: see CudaBackend. tf32 (factors rounded to it, storage f32) and f16 are for GPUs.
enum class Precision { f32, tf32, bf16, f16 };

inline const char* to_string(Precision precision) {
  switch (precision) {
    case Precision::tf32:
      return "tf32";
    case Precision::bf16:
      return "bf16";
    case Precision::f16:
      return "f16";
    case Precision::f32:
      break;
  }
  return "f32";
}

/// How a device is opened.
struct DeviceOptions {
  int threads = 0;  ///< of the CPU backend; 0: as many as the machine has cores
  Precision precision = Precision::f32;
  std::size_t budget = 0;     ///< bytes that may be held at once; 0: no limit
  bool deterministic = true;  ///< the same bits in every run
};

/// Values that an operation derives from a weight and keeps on its storage: packed forms, look-up tables.
struct DerivedBytes {
  std::uint64_t key = 0;
  std::size_t bytes = 0;
};

/// One device: its memory and its arithmetic.
///
/// A new backend implements the pure virtual primitives; the fused calls have bodies composed of them, to be overridden
/// where fusing pays. Every call finds shapes, types and devices checked and its results allocated. Calls of one
/// backend may come from several threads at once. The plain-loop reference in backend/reference is the definition of
/// each.
class Backend : public std::enable_shared_from_this<Backend> {
 public:
  explicit Backend(const DeviceOptions& options) : options_(options) {}
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;
  virtual ~Backend() = default;

  const DeviceOptions& options() const { return options_; }
  /// "cpu", "cuda:0", ...: for messages.
  virtual std::string name() const = 0;
  /// One line for people: processor, instruction set, threads.
  virtual std::string description() const = 0;
  /// The same device, computing in another precision: both share threads, memory, its meter and its budget, and each
  /// takes the other's parameters and maps. Throws Error where a device computes in one precision only, or not in this
  /// one.
  virtual std::shared_ptr<Backend> in_precision(Precision precision);

  // --- memory ---

  /// How this backend stores a tensor of `shape`.
  virtual Format format(const Shape& shape, Role role) const = 0;
  /// Memory of at least `bytes`, aligned to 64 bytes, contents undefined; counted, held to the budget.
  std::shared_ptr<Storage> allocate(std::size_t bytes);
  /// Whether parameters may lie in host memory that is lent, as f32 in N, C, H, W order.
  virtual bool reads_lent_memory() const { return false; }
  /// A storage on such memory, without a copy; counted and held to the budget like one that is allocated.
  std::shared_ptr<Storage> borrow(std::shared_ptr<const LentMemory> lender, std::span<const std::byte> bytes);
  MemoryMeter& memory() const { return *meter_; }
  /// Whether tensors of `other` may be used in calls of this backend.
  virtual bool accepts(const Backend& other) const { return this == &other; }

  /// Copies host values of `type` (f32 or f64) in N, C, H, W order into a tensor, and back.
  virtual void write(Tensor& y, const void* values, DataType type) = 0;
  virtual void read(const Tensor& x, void* values, DataType type) = 0;
  virtual void write_bytes(Storage& y, const void* bytes, std::size_t count) = 0;
  virtual void read_bytes(const Storage& x, void* bytes, std::size_t count) = 0;

  // --- primitives ---

  virtual void convolve(const Convolution& call) = 0;
  virtual void convolve_backward_data(const ConvolutionBackwardData& call) = 0;
  virtual void convolve_backward_weights(const ConvolutionBackwardWeights& call) = 0;
  virtual void statistics(const Statistics& call) = 0;
  virtual void normalise(const Normalise& call) = 0;
  virtual void normalise_backward(const NormaliseBackward& call) = 0;
  /// y = a + b; y may be either.
  virtual void add(const Tensor& a, const Tensor& b, Tensor& y) = 0;
  virtual void pool(const Tensor& x, Pooling pooling, Tensor& y) = 0;
  /// dx from dy; x is needed by Pooling::max2 only.
  virtual void pool_backward(const Tensor& dy, const Tensor& x, Pooling pooling, Tensor& dx) = 0;
  /// y = at every pixel the mean of x over the pixels of its instance. Being its own adjoint, it is also its backward.
  virtual void instance_mean(const Tensor& x, const InstanceMap& instances, Tensor& y) = 0;
  /// y = x continued below and to the right by reflection (period 2 (side - 1)), or cut off there.
  virtual void extend(const Tensor& x, Tensor& y) = 0;
  /// The same for a plane of bytes.
  virtual void extend_plane(const Storage& x, const Shape& from, Storage& y, const Shape& to) = 0;

  // --- losses and optimisation: the bodies here work on host copies and serve every backend ---

  /// Returns the weighted loss and writes its gradient. Sums are taken in double.
  virtual double loss(const LossCall& call);
  virtual void adam(const AdamCall& call);
  /// y += share * (x - y); both are parameters of one shape.
  virtual void move_towards(const Tensor& x, double share, Tensor& y);
  /// Whether no value is infinite or not a number.
  virtual bool all_finite(const Tensor& x);

  // --- fused calls ---

  /// Whether the output of a block with a norm is left raw, to be normalised and activated when it is read.
  virtual bool normalises_on_load() const { return false; }
  /// Whether a block on a map without dense parts fills ConvBlockCall::kinds.
  virtual bool tells_kinds() const { return false; }
  virtual std::size_t workspace(const ConvBlockCall&) const { return 0; }
  virtual std::size_t workspace(const ConvBlockBackwardCall&) const { return 0; }
  virtual std::vector<DerivedBytes> derived(const ConvBlockCall&) const { return {}; }
  virtual std::vector<DerivedBytes> derived(const ConvBlockBackwardCall&) const { return {}; }
  virtual void conv_block(const ConvBlockCall& call);
  virtual void conv_block_backward(const ConvBlockBackwardCall& call);

 protected:
  /// For in_precision().
  Backend(const Backend& device, Precision precision) : options_(device.options_), meter_(device.meter_) {
    options_.precision = precision;
  }
  virtual std::shared_ptr<void> allocate_bytes(std::size_t bytes) = 0;

 private:
  friend class Storage;  // takes memory for its copy of what was lent

  template <class Make>
  std::shared_ptr<Storage> counted(std::size_t bytes, Make make);

  DeviceOptions options_;
  std::shared_ptr<MemoryMeter> meter_ = std::make_shared<MemoryMeter>();
};

inline std::shared_ptr<Backend> Backend::in_precision(Precision precision) {
  detail::require(precision == options_.precision, name(), " was opened for ", to_string(options_.precision),
                  " and does not compute in ", to_string(precision), " as well; open the device with that precision.");
  return shared_from_this();
}

/// The storage of so many bytes that `make` returns, counted before it is made, so that several threads cannot exceed
/// the budget together.
template <class Make>
std::shared_ptr<Storage> Backend::counted(std::size_t bytes, Make make) {
  if (options_.budget == 0)
    meter_->add(bytes);
  else if (!meter_->add_within(bytes, options_.budget))
    throw OutOfMemory(detail::sentence(name(), ": ", bytes, " bytes asked for and ", meter_->current(),
                                       " held are more than the budget of ", options_.budget,
                                       " bytes; use a smaller picture or a larger budget."));
  std::unique_ptr<Storage> storage;
  try {
    storage = make();
  } catch (...) {
    meter_->subtract(bytes);
    throw;
  }
  return {storage.release(), [meter = meter_](Storage* dead) {
            meter->subtract(dead->bytes());
            delete dead;
          }};
}

inline std::shared_ptr<Storage> Backend::allocate(std::size_t bytes) {
  return counted(bytes, [&] { return std::make_unique<Storage>(shared_from_this(), allocate_bytes(bytes), bytes); });
}

inline std::shared_ptr<Storage> Backend::borrow(std::shared_ptr<const LentMemory> lender,
                                                std::span<const std::byte> bytes) {
  return counted(bytes.size(), [&] { return std::make_unique<Storage>(shared_from_this(), std::move(lender), bytes); });
}

inline void Storage::take_copy() {
  check();
  std::shared_ptr<void> own = backend_->allocate_bytes(bytes_);
  std::memcpy(own.get(), memory_.get(), bytes_);
  lender_->release({static_cast<const std::byte*>(memory_.get()), bytes_});
  memory_ = std::move(own);
  lender_.reset();
}

inline void Backend::conv_block(const ConvBlockCall& call) {
  convolve({.geometry = call.geometry, .x = call.x, .weight = call.weight, .bias = call.bias, .y = call.raw});
  const bool normed = call.norm.kind != Norm::none;
  if (normed) statistics({.x = &call.raw, .norm = call.norm, .statistics = call.statistics});
  if (!normed && call.activation != Activation::none)
    normalise({.x = &call.raw, .activation = call.activation, .y = call.raw});
  if (call.y.empty()) return;
  if (!normed && !call.skip && call.y.storage() == call.raw.storage()) return;
  normalise({.x = &call.raw,
             .statistics = normed ? &call.statistics : nullptr,
             .activation = normed ? call.activation : Activation::none,
             .skip = call.skip,
             .y = call.y});
}

inline void Backend::conv_block_backward(const ConvBlockBackwardCall& call) {
  const detail::ConvBlockBackwardParts parts(call);
  if (parts.normalise) normalise_backward(*parts.normalise);
  if (parts.weights) convolve_backward_weights(*parts.weights);
  if (parts.data) convolve_backward_data(*parts.data);
}

}  // namespace pix2pixhd::inline v0

#include <pix2pixhd/core/backend_host.hpp>
