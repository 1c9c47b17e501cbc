#pragma once
/// Tensors as PyTorch stores them: strided views of storages that several tensors may share.

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/store/stored_type.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace pix2pixhd::inline v0::detail {

/// A run of elements of one type in a file.
struct TensorStorage {
  std::string key = {};  ///< What the pickle calls it.
  StoredType type = StoredType::u8;
  std::int64_t count = 0;  ///< Elements.
};

/// A view of a storage. Offset and strides count elements of `type`, which is the storage's own except for untyped
/// storages.
struct StridedTensor {
  std::size_t storage = 0;
  StoredType type = StoredType::u8;
  std::int64_t offset = 0;
  std::vector<std::int64_t> shape = {}, strides = {};
};

/// The bytes of its storage from a tensor's first to its last element.
struct ByteRange {
  std::size_t first = 0, size = 0;
};

/// Where the tensor lies in its storage, or nothing if it does not lie inside it, its sides or strides are negative or
/// overflow, or it repeats elements (stride 0) into far more than the storage has.
std::optional<ByteRange> range_of(const StridedTensor& tensor, const TensorStorage& storage);

/// Whether the elements lie in row-major order without gaps.
bool is_contiguous(const StridedTensor& tensor);

/// Hands the tensor's elements in row-major order to `sink`, in pieces. `range` holds the bytes of range_of(tensor).
void gather(const StridedTensor& tensor, std::span<const std::byte> range,
            const std::function<void(std::span<const std::byte>)>& sink);

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/store/strided_tensor-inl.hpp>
#endif
