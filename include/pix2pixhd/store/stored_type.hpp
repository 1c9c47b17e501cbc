#pragma once
/// Number types as files store them, and their conversion from and to float and double.

#include <pix2pixhd/core/error.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace pix2pixhd::inline v0 {

/// The type of a stored tensor's elements; all are little-endian. `boolean` is one byte, zero or not.
enum class StoredType { f16, bf16, f32, f64, u8, i8, i16, i32, i64, boolean, u16, u32, u64 };

/// Bytes of one element.
std::size_t size_of(StoredType type);

/// Short name for messages: "f16", "i64", "boolean".
std::string_view name_of(StoredType type);

/// Whether the type is one of f16, bf16, f32 and f64.
bool is_floating(StoredType type);

namespace detail {

/// Product of the sides; 1 for no sides. Nothing where a side is negative or where the elements, at 8 bytes
/// each, could not be counted in 63 bits.
std::optional<std::size_t> element_count(std::span<const std::int64_t> shape);

/// Converts stored elements, which need not be aligned. `bytes` holds out.size() of them.
void decode(StoredType type, std::span<const std::byte> bytes, std::span<float> out);
void decode(StoredType type, std::span<const std::byte> bytes, std::span<double> out);

/// Converts values to a floating stored type, rounding to nearest even. `bytes` has room for values.size() of them.
void encode(StoredType type, std::span<const float> values, std::span<std::byte> bytes);

}  // namespace detail
}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/store/stored_type-inl.hpp>
#endif
