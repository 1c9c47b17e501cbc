#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/store/pytorch_file.hpp>

namespace pix2pixhd::inline v0::detail {

PIX2PIXHD_INLINE void PytorchFile::set_tensors(std::vector<NamedTensor> tensors) {
  std::vector<TensorEntry> entries;
  for (const NamedTensor& named : tensors)
    entries.push_back({.name = named.name, .type = named.tensor.type, .shape = named.tensor.shape});
  tensors_ = std::move(tensors);
  set_entries(std::move(entries));
}

PIX2PIXHD_INLINE void PytorchFile::stream(std::size_t index, const Sink& sink) {
  const StridedTensor& tensor = tensors_[index].tensor;
  const ByteRange range = tensors_[index].range;
  if (range.size == 0) return;
  if (is_contiguous(tensor)) return read_storage(tensor.storage, range, sink);
  std::vector<std::byte> collected;
  read_storage(tensor.storage, range, [&](std::span<const std::byte> piece) {
    if (piece.size() == range.size) return gather(tensor, piece, sink);
    collected.reserve(range.size);
    collected.insert(collected.end(), piece.begin(), piece.end());
  });
  if (!collected.empty()) gather(tensor, collected, sink);
}

PIX2PIXHD_INLINE std::span<const std::byte> PytorchFile::mapped_bytes(std::size_t index) {
  const NamedTensor& named = tensors_[index];
  if (named.range.size == 0 || !is_contiguous(named.tensor)) return {};
  const std::span<const std::byte> storage = mapped_storage(named.tensor.storage);
  return storage.empty() ? storage : storage.subspan(named.range.first, named.range.size);
}

}  // namespace pix2pixhd::inline v0::detail
