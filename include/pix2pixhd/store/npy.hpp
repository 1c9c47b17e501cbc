#pragma once
/// Arrays in numpy's .npy files.

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/store/mapped_file.hpp>
#include <pix2pixhd/store/npy_file.hpp>
#include <pix2pixhd/store/stored_type.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <span>
#include <type_traits>
#include <utility>

#if __has_include(<xtensor/containers/xtensor.hpp>)
#include <xtensor/containers/xtensor.hpp>
#else
#include <xtensor/xtensor.hpp>
#endif

namespace pix2pixhd::inline v0 {

namespace detail {

/// The stored type that equals a C++ number type.
template <class T>
constexpr StoredType stored_type_of() {
  if constexpr (std::is_same_v<T, float>) return StoredType::f32;
  if constexpr (std::is_same_v<T, double>) return StoredType::f64;
  if constexpr (std::is_same_v<T, bool>) return StoredType::boolean;
  if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
    constexpr bool sign = std::is_signed_v<T>;
    if constexpr (sizeof(T) == 1) return sign ? StoredType::i8 : StoredType::u8;
    if constexpr (sizeof(T) == 2) return sign ? StoredType::i16 : StoredType::u16;
    if constexpr (sizeof(T) == 4) return sign ? StoredType::i32 : StoredType::u32;
    if constexpr (sizeof(T) == 8) return sign ? StoredType::i64 : StoredType::u64;
  }
}

/// Converts stored integers to T, of which `first` is the number of the first. Throws Error naming the file and the
/// element that does not fit.
template <class Stored, class T>
void convert_integers(const NpyView& file, std::span<const std::byte> bytes, std::size_t first, std::span<T> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    Stored value{};
    std::memcpy(&value, bytes.data() + i * sizeof value, sizeof value);
    require(std::in_range<T>(value), file.path(), ": element ", first + i, " (row-major) is ", +value,
            ", outside of the allowed range from ", +std::numeric_limits<T>::min(), " to ",
            +std::numeric_limits<T>::max(), ".");
    out[i] = static_cast<T>(value);
  }
}

/// Converts stored elements to T.
template <class T>
void convert_npy(const NpyView& file, std::span<const std::byte> bytes, std::size_t first, std::span<T> out) {
  if constexpr (std::is_floating_point_v<T>) {
    decode(file.type(), bytes, out);
  } else {
    switch (file.type()) {
      case StoredType::boolean:
      case StoredType::u8:
        return convert_integers<std::uint8_t>(file, bytes, first, out);
      case StoredType::i8:
        return convert_integers<std::int8_t>(file, bytes, first, out);
      case StoredType::u16:
        return convert_integers<std::uint16_t>(file, bytes, first, out);
      case StoredType::i16:
        return convert_integers<std::int16_t>(file, bytes, first, out);
      case StoredType::u32:
        return convert_integers<std::uint32_t>(file, bytes, first, out);
      case StoredType::i32:
        return convert_integers<std::int32_t>(file, bytes, first, out);
      case StoredType::u64:
        return convert_integers<std::uint64_t>(file, bytes, first, out);
      case StoredType::i64:
        return convert_integers<std::int64_t>(file, bytes, first, out);
      default:
        throw Error(sentence(file.path(), " holds ", name_of(file.type()), " where integers are needed."));
    }
  }
}

}  // namespace detail

/// The array of rank N in the bytes of an .npy file; `path` is the file's, for messages. Otherwise as read_npy().
template <class T, std::size_t N>
xt::xtensor<T, N, xt::layout_type::row_major> npy_array(std::span<const std::byte> bytes,
                                                        const std::filesystem::path& path) {
  static_assert(std::is_arithmetic_v<T> && !std::is_same_v<T, bool>,
                "npy_array and read_npy give numbers; choose std::uint8_t for truth values");
  const detail::NpyView file(bytes, path);
  detail::require(file.shape().size() == N, path, " holds an array of ", file.shape().size(), " dimensions where ", N,
                  " are needed.");
  typename xt::xtensor<T, N, xt::layout_type::row_major>::shape_type shape{};
  for (std::size_t i = 0; i < N; ++i) shape[i] = static_cast<std::size_t>(file.shape()[i]);
  xt::xtensor<T, N, xt::layout_type::row_major> array(shape);
  const std::span<T> values(array.data(), array.size());
  std::size_t done = 0;
  file.stream([&](std::span<const std::byte> piece) {
    const std::size_t count = piece.size() / size_of(file.type());
    detail::convert_npy(file, piece, done, values.subspan(done, count));
    done += count;
  });
  return array;
}

/// Reads an .npy array of rank N. To float and double every number type is converted; to an integer type only integers,
/// each of which must fit. Little-endian, C or Fortran order. Throws Error naming the file if it cannot be read, is
/// damaged, or has another rank. The file is mapped, so it must not be shortened meanwhile.
template <class T, std::size_t N>
xt::xtensor<T, N, xt::layout_type::row_major> read_npy(const std::filesystem::path& path) {
  const detail::MappedFile file(path);
  return npy_array<T, N>(file.bytes(), path);
}

/// Writes an array as .npy (version 1, C order), whole or not at all. Throws Error naming the file.
template <class T, std::size_t N>
void write_npy(const std::filesystem::path& path, const xt::xtensor<T, N, xt::layout_type::row_major>& array) {
  static_assert(std::is_arithmetic_v<T>, "write_npy writes numbers");
  std::array<std::int64_t, N> shape{};
  for (std::size_t i = 0; i < N; ++i) shape[i] = static_cast<std::int64_t>(array.shape()[i]);
  detail::write_npy_bytes(path, detail::stored_type_of<T>(), shape,
                          std::as_bytes(std::span<const T>(array.data(), array.size())));
}

}  // namespace pix2pixhd::inline v0
