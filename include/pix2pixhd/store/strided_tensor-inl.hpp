#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/store/strided_tensor.hpp>

#include <algorithm>
#include <array>
#include <cstring>

namespace pix2pixhd::inline v0::detail {

PIX2PIXHD_INLINE std::optional<ByteRange> range_of(const StridedTensor& tensor, const TensorStorage& storage) {
  const auto count = element_count(tensor.shape);
  if (!count || tensor.shape.size() != tensor.strides.size() || tensor.offset < 0 || storage.count < 0) return {};
  if (*count == 0) return ByteRange{};
  const std::size_t size = size_of(tensor.type);
  std::int64_t storage_bytes = 0, last = tensor.offset;
  if (__builtin_mul_overflow(storage.count, static_cast<std::int64_t>(size_of(storage.type)), &storage_bytes))
    return {};
  const std::int64_t elements = storage_bytes / static_cast<std::int64_t>(size);
  for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
    std::int64_t way = 0;
    if (tensor.strides[i] < 0 || __builtin_mul_overflow(tensor.shape[i] - 1, tensor.strides[i], &way) ||
        __builtin_add_overflow(last, way, &last))
      return {};
  }
  if (last >= elements) return {};
  // Expanded tensors repeat elements. A few are fine; a terabyte out of one stored number is an attack on the memory.
  constexpr std::size_t harmless = std::size_t{1} << 20;
  if (*count > std::max(harmless, static_cast<std::size_t>(elements))) return {};
  return ByteRange{.first = static_cast<std::size_t>(tensor.offset) * size,
                   .size = static_cast<std::size_t>(last - tensor.offset + 1) * size};
}

PIX2PIXHD_INLINE bool is_contiguous(const StridedTensor& tensor) {
  std::int64_t expected = 1;
  for (std::size_t i = tensor.shape.size(); i-- > 0;) {
    if (tensor.shape[i] == 1) continue;  // The stride of a side of one is never used and may be anything.
    if (tensor.strides[i] != expected) return false;
    expected *= tensor.shape[i];
  }
  return true;
}

PIX2PIXHD_INLINE void gather(const StridedTensor& tensor, std::span<const std::byte> range,
                             const std::function<void(std::span<const std::byte>)>& sink) {
  const std::size_t size = size_of(tensor.type), rank = tensor.shape.size();
  std::vector<std::int64_t> at(rank, 0);
  std::array<std::byte, 32768> piece;
  std::size_t filled = 0, element = 0;  // bytes in the piece; element relative to the first
  for (std::size_t left = element_count(tensor.shape).value(); left > 0; --left) {
    std::memcpy(piece.data() + filled, range.data() + element * size, size);
    filled += size;
    if (filled == piece.size() || left == 1) {
      sink(std::span<const std::byte>(piece).first(filled));
      filled = 0;
    }
    for (std::size_t i = rank; i-- > 0;) {
      element += static_cast<std::size_t>(tensor.strides[i]);
      if (++at[i] < tensor.shape[i]) break;
      element -= static_cast<std::size_t>(tensor.strides[i]) * static_cast<std::size_t>(tensor.shape[i]);
      at[i] = 0;
    }
  }
}

}  // namespace pix2pixhd::inline v0::detail
