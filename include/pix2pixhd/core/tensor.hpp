#pragma once
/// Handles of four-dimensional arrays on a device.

#include <pix2pixhd/core/geometry.hpp>
#include <pix2pixhd/core/shape.hpp>
#include <pix2pixhd/core/storage.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace pix2pixhd::inline v0 {

/// Type of the stored values. f64 occurs on the reference backend only.
enum class DataType { f32, f64, bf16, f16 };

constexpr std::size_t size_of(DataType type) { return type == DataType::f64 ? 8 : type == DataType::f32 ? 4 : 2; }

/// Order of the values in memory. `plain`: N, C, H, W. `blocked`: N, C / block, H, W, block, the last block filled
/// up with zeros.
enum class Layout { plain, blocked };

/// What a tensor is for; the backend chooses type and layout by it.
enum class Role {
  activation,        ///< values between layers
  float_activation,  ///< the same where f32 is wanted, as far as the backend mixes types of activations
  parameter,         ///< weights and their gradients: plain, in PyTorch's order
  statistics,        ///< per picture and channel: see Pending
};

/// How a backend stores a tensor.
struct Format {
  DataType type = DataType::f32;
  Layout layout = Layout::plain;
  int block = 1;  ///< channels of one block when blocked

  friend constexpr bool operator==(const Format&, const Format&) = default;

  /// Channels including the zeros that fill up the last block.
  constexpr int stored_channels(int channels) const { return (channels + block - 1) / block * block; }
  constexpr std::size_t bytes(const Shape& shape) const {
    return shape.with_channels(stored_channels(shape.c)).count() * size_of(type);
  }
};

struct Pending;

/// A handle: copying it shares the values. Only upload, download and operations know layout and type.
///
/// A tensor may be *pending*: its storage then holds the raw output of a convolution, and whoever reads it applies
/// the normalisation and activation named by `pending()` on the way. Backends that can do so save a pass over memory;
/// `download` and every operation give and take the finished values all the same.
class Tensor {
 public:
  Tensor() = default;
  Tensor(const Shape& shape, const Format& format, std::shared_ptr<Storage> storage)
      : shape_(shape), format_(format), storage_(std::move(storage)) {}

  bool empty() const { return !storage_; }
  explicit operator bool() const { return static_cast<bool>(storage_); }

  const Shape& shape() const { return shape_; }
  const Format& format() const { return format_; }
  std::size_t bytes() const { return format_.bytes(shape_); }
  const std::shared_ptr<Storage>& storage() const { return storage_; }

  /// True if no other handle refers to the same values, so that they may be overwritten.
  bool unique() const { return storage_ && storage_.use_count() == 1; }

  template <class T>
  const T* data() const {
    return static_cast<const T*>(storage_->data());
  }
  template <class T>
  T* mutable_data() const {
    return static_cast<T*>(storage_->mutable_data());
  }

  const std::shared_ptr<const Pending>& pending() const { return pending_; }
  /// The same values, to be finished as `pending` says when they are read.
  Tensor with_pending(std::shared_ptr<const Pending> pending) const {
    Tensor result = *this;
    result.pending_ = std::move(pending);
    return result;
  }

 private:
  Shape shape_{0, 0, 0, 0};
  Format format_;
  std::shared_ptr<Storage> storage_;
  std::shared_ptr<const Pending> pending_;
};

/// Rows of a statistics tensor of shape {n, rows, 1, stored channels}; batch norm repeats its values for every n.
/// A value x of a channel becomes (x - mean) * scale + shift.
enum class StatisticsRow : int {
  mean = 0,
  scale = 1,
  shift = 2,
  deviation = 3
};  // deviation: 1 / sqrt(variance + eps)
inline constexpr int statistics_rows = 4;

/// The kind of a pixel of which nothing is known: see Pending::kinds.
inline constexpr std::uint8_t no_kind = 255;

/// What a pending tensor still lacks: activation((x - mean) * scale + shift).
struct Pending {
  Tensor statistics;
  Activation activation = Activation::none;
  /// Kinds of pixels, bytes [n][h][w], or null. Pixels of a picture that are of one kind, no_kind apart, have the same
  /// values in all channels, so that what is computed from them alone need not be computed twice: behind the first
  /// layer on a map most pixels saw one class only.
  std::shared_ptr<const Storage> kinds = nullptr;
};

}  // namespace pix2pixhd::inline v0
