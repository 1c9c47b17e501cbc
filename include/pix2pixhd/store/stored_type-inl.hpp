#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/store/stored_type.hpp>

#include <Eigen/Core>
#include <bit>
#include <cstring>
#include <limits>

namespace pix2pixhd::inline v0 {

static_assert(std::endian::native == std::endian::little,
              "tensor files are read and written on little-endian machines");

PIX2PIXHD_INLINE std::size_t size_of(StoredType type) {
  switch (type) {
    case StoredType::u8:
    case StoredType::i8:
    case StoredType::boolean:
      return 1;
    case StoredType::f16:
    case StoredType::bf16:
    case StoredType::i16:
    case StoredType::u16:
      return 2;
    case StoredType::f32:
    case StoredType::i32:
    case StoredType::u32:
      return 4;
    case StoredType::f64:
    case StoredType::i64:
    case StoredType::u64:
      return 8;
  }
  throw Error("a stored type is none of the enumerated ones.");
}

PIX2PIXHD_INLINE std::string_view name_of(StoredType type) {
  switch (type) {
    case StoredType::f16:
      return "f16";
    case StoredType::bf16:
      return "bf16";
    case StoredType::f32:
      return "f32";
    case StoredType::f64:
      return "f64";
    case StoredType::u8:
      return "u8";
    case StoredType::i8:
      return "i8";
    case StoredType::i16:
      return "i16";
    case StoredType::i32:
      return "i32";
    case StoredType::i64:
      return "i64";
    case StoredType::boolean:
      return "boolean";
    case StoredType::u16:
      return "u16";
    case StoredType::u32:
      return "u32";
    case StoredType::u64:
      return "u64";
  }
  throw Error("a stored type is none of the enumerated ones.");
}

PIX2PIXHD_INLINE bool is_floating(StoredType type) {
  return type == StoredType::f16 || type == StoredType::bf16 || type == StoredType::f32 || type == StoredType::f64;
}

namespace detail {

PIX2PIXHD_INLINE std::optional<std::size_t> element_count(std::span<const std::int64_t> shape) {
  constexpr std::uint64_t most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / 8;
  std::uint64_t count = 1;
  for (const std::int64_t side : shape) {
    if (side < 0) return std::nullopt;
    const auto factor = static_cast<std::uint64_t>(side);
    if (factor > most || (factor != 0 && count > most / factor)) return std::nullopt;
    count *= factor;
  }
  return static_cast<std::size_t>(count);
}

/// One element loaded from any address.
template <class Stored>
Stored load_element(const std::byte* address) {
  Stored value;
  std::memcpy(&value, address, sizeof value);
  return value;
}

template <class Stored, class Value>
void decode_as(std::span<const std::byte> bytes, std::span<Value> out) {
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<Value>(load_element<Stored>(bytes.data() + i * sizeof(Stored)));
}

template <class Half, class Value>
void decode_half(std::span<const std::byte> bytes, std::span<Value> out) {
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<float>(
        Eigen::numext::bit_cast<Half>(load_element<std::uint16_t>(bytes.data() + i * sizeof(std::uint16_t))));
}

template <class Value>
void decode_any(StoredType type, std::span<const std::byte> bytes, std::span<Value> out) {
  require(bytes.size() == out.size() * size_of(type), bytes.size(), " bytes were given for ", out.size(),
          " elements of type ", name_of(type), ".");
  switch (type) {
    case StoredType::f16:
      return decode_half<Eigen::half>(bytes, out);
    case StoredType::bf16:
      return decode_half<Eigen::bfloat16>(bytes, out);
    case StoredType::f32:
      return decode_as<float>(bytes, out);
    case StoredType::f64:
      return decode_as<double>(bytes, out);
    case StoredType::u8:
      return decode_as<std::uint8_t>(bytes, out);
    case StoredType::i8:
      return decode_as<std::int8_t>(bytes, out);
    case StoredType::i16:
      return decode_as<std::int16_t>(bytes, out);
    case StoredType::i32:
      return decode_as<std::int32_t>(bytes, out);
    case StoredType::i64:
      return decode_as<std::int64_t>(bytes, out);
    case StoredType::u16:
      return decode_as<std::uint16_t>(bytes, out);
    case StoredType::u32:
      return decode_as<std::uint32_t>(bytes, out);
    case StoredType::u64:
      return decode_as<std::uint64_t>(bytes, out);
    case StoredType::boolean:
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = bytes[i] == std::byte{0} ? Value{0} : Value{1};
      return;
  }
}

template <class Stored>
void encode_as(std::span<const float> values, std::span<std::byte> bytes) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Stored value = static_cast<Stored>(values[i]);
    std::memcpy(bytes.data() + i * sizeof value, &value, sizeof value);
  }
}

PIX2PIXHD_INLINE void decode(StoredType type, std::span<const std::byte> bytes, std::span<float> out) {
  decode_any(type, bytes, out);
}

PIX2PIXHD_INLINE void decode(StoredType type, std::span<const std::byte> bytes, std::span<double> out) {
  decode_any(type, bytes, out);
}

PIX2PIXHD_INLINE void encode(StoredType type, std::span<const float> values, std::span<std::byte> bytes) {
  require(is_floating(type), "float values cannot be written as ", name_of(type),
          "; choose f16, bf16, f32 or f64, or hand over bytes.");
  require(bytes.size() == values.size() * size_of(type), values.size(), " values do not fit into ", bytes.size(),
          " bytes of type ", name_of(type), ".");
  if (type == StoredType::f16) return encode_as<Eigen::half>(values, bytes);
  if (type == StoredType::bf16) return encode_as<Eigen::bfloat16>(values, bytes);
  if (type == StoredType::f32) return encode_as<float>(values, bytes);
  encode_as<double>(values, bytes);
}

}  // namespace detail
}  // namespace pix2pixhd::inline v0
