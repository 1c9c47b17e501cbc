#pragma once
/// The types in which activations are stored: float, and bf16 where the device was opened for it.

#include <pix2pixhd/core/tensor.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace pix2pixhd::inline v0::detail {

/// The upper half of a float: 8 bits of exponent, 7 of fraction.
struct Bf16 {
  std::uint16_t bits;
};

inline float to_float(float value) { return value; }
inline float to_float(Bf16 value) { return std::bit_cast<float>(static_cast<std::uint32_t>(value.bits) << 16); }

/// The nearest bf16, of two equally near ones the even one; NaN stays NaN.
inline Bf16 to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const bool nan = (bits & 0x7fffffffu) > 0x7f800000u;
  const std::uint32_t rounded = nan ? bits | 0x00400000u : bits + 0x7fffu + (bits >> 16 & 1u);
  return {static_cast<std::uint16_t>(rounded >> 16)};
}

/// `value` as a T that is stored.
template <class T>
T to_element(float value) {
  if constexpr (std::is_same_v<T, Bf16>)
    return to_bf16(value);
  else
    return value;
}

/// Where stored values begin; their type is known at run time only.
template <class Void>
struct ElementsFrom {
  Void* address = nullptr;
  DataType type = DataType::f32;

  explicit operator bool() const { return address != nullptr; }
  /// `count` values further on.
  ElementsFrom operator+(std::size_t count) const {
    using Byte = std::conditional_t<std::is_const_v<Void>, const std::byte, std::byte>;
    return {address ? static_cast<Byte*>(address) + count * size_of(type) : nullptr, type};
  }
  operator ElementsFrom<const void>() const { return {address, type}; }
};
using Elements = ElementsFrom<void>;
using ConstElements = ElementsFrom<const void>;

/// The values of a tensor.
inline ConstElements elements(const Tensor& x) { return {x.storage()->data(), x.format().type}; }
inline Elements mutable_elements(const Tensor& x) { return {x.storage()->mutable_data(), x.format().type}; }

/// Calls f(T{}), T being the type that `type` names.
template <class F>
decltype(auto) with_element(DataType type, F&& f) {
  if (type == DataType::bf16) return f(Bf16{});
  return f(float{});
}

}  // namespace pix2pixhd::inline v0::detail
