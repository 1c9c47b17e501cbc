#pragma once
/// Transposition of small matrices, between PyTorch's order of weights and that of the kernels.

#include <pix2pixhd/version.hpp>

#include <cstddef>
#include <cstring>

namespace pix2pixhd::inline v0::detail {

/// Four floats; every machine of the target has such vectors.
typedef float FourFloats __attribute__((vector_size(16)));

/// to[c * to_stride + r] = from[r * from_stride + c] for four rows and columns, at any address.
inline void transpose_four(const float* from, std::size_t from_stride, float* to, std::size_t to_stride) {
  FourFloats row[4];
  for (std::size_t r = 0; r < 4; ++r) std::memcpy(&row[r], from + r * from_stride, sizeof row[r]);
  const FourFloats low01 = __builtin_shufflevector(row[0], row[1], 0, 4, 1, 5);
  const FourFloats high01 = __builtin_shufflevector(row[0], row[1], 2, 6, 3, 7);
  const FourFloats low23 = __builtin_shufflevector(row[2], row[3], 0, 4, 1, 5);
  const FourFloats high23 = __builtin_shufflevector(row[2], row[3], 2, 6, 3, 7);
  const FourFloats column[4] = {
      __builtin_shufflevector(low01, low23, 0, 1, 4, 5), __builtin_shufflevector(low01, low23, 2, 3, 6, 7),
      __builtin_shufflevector(high01, high23, 0, 1, 4, 5), __builtin_shufflevector(high01, high23, 2, 3, 6, 7)};
  for (std::size_t c = 0; c < 4; ++c) std::memcpy(to + c * to_stride, &column[c], sizeof column[c]);
}

/// The same for any number. Four of the side that is further apart in memory are walked along together, so that lines
/// are used whole even where the stride maps all of them to one place of the cache.
inline void transpose(const float* from, std::size_t from_stride, float* to, std::size_t to_stride, std::size_t rows,
                      std::size_t columns) {
  const std::size_t whole_rows = rows / 4 * 4, whole_columns = columns / 4 * 4;
  const auto four = [&](std::size_t r, std::size_t c) {
    transpose_four(from + r * from_stride + c, from_stride, to + c * to_stride + r, to_stride);
  };
  if (to_stride > from_stride) {
    for (std::size_t c = 0; c < whole_columns; c += 4)
      for (std::size_t r = 0; r < whole_rows; r += 4) four(r, c);
  } else {
    for (std::size_t r = 0; r < whole_rows; r += 4)
      for (std::size_t c = 0; c < whole_columns; c += 4) four(r, c);
  }
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = r < whole_rows ? whole_columns : 0; c < columns; ++c)
      to[c * to_stride + r] = from[r * from_stride + c];
}

}  // namespace pix2pixhd::inline v0::detail
