#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/store/tensor_file_base.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

namespace pix2pixhd::inline v0 {

PIX2PIXHD_INLINE const TensorEntry* TensorFile::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &entries_[found->second];
}

PIX2PIXHD_INLINE std::size_t TensorFile::count(const TensorEntry& entry) const {
  return *detail::element_count(own(entry).shape);
}

PIX2PIXHD_INLINE void TensorFile::set_entries(std::vector<TensorEntry> entries) {
  entries_ = std::move(entries);
  by_name_.reserve(entries_.size());
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    TensorEntry& entry = entries_[i];
    entry.index = i;
    const auto count = detail::element_count(entry.shape);
    detail::require(count.has_value(), path_, ": the shape of tensor \"", entry.name,
                    "\" has a negative side or more elements than memory can hold.");
    detail::require(by_name_.emplace(entry.name, i).second, path_, ": two tensors are named \"", entry.name,
                    "\"; names must be unique.");
  }
}

PIX2PIXHD_INLINE const TensorEntry& TensorFile::own(const TensorEntry& entry) const {
  detail::require(entry.index < entries_.size() && entries_[entry.index].name == entry.name, path_, ": tensor \"",
                  entry.name, "\" is no entry of this file; take entries from entries() or find().");
  return entries_[entry.index];
}

template <class Value>
void TensorFile::read_values(const TensorEntry& entry, std::span<Value> out) {
  const TensorEntry& mine = own(entry);
  detail::require(out.size() == count(mine), path_, ": tensor \"", mine.name, "\" has ", count(mine),
                  " elements, but room for ", out.size(), " was given.");
  std::size_t done = 0;
  stream(mine.index, [&](std::span<const std::byte> bytes) {
    const std::size_t elements = bytes.size() / size_of(mine.type);
    detail::decode(mine.type, bytes, out.subspan(done, elements));
    done += elements;
  });
}

PIX2PIXHD_INLINE void TensorFile::read(const TensorEntry& entry, std::span<float> out) { read_values(entry, out); }

PIX2PIXHD_INLINE void TensorFile::read(const TensorEntry& entry, std::span<double> out) { read_values(entry, out); }

PIX2PIXHD_INLINE void TensorFile::read_bytes(const TensorEntry& entry, std::span<std::byte> out) {
  const TensorEntry& mine = own(entry);
  const std::size_t size = count(mine) * size_of(mine.type);
  detail::require(out.size() == size, path_, ": tensor \"", mine.name, "\" has ", size, " bytes, but room for ",
                  out.size(), " was given.");
  std::size_t done = 0;
  stream(mine.index, [&](std::span<const std::byte> bytes) {
    std::copy(bytes.begin(), bytes.end(), out.subspan(done, bytes.size()).begin());
    done += bytes.size();
  });
}

PIX2PIXHD_INLINE std::span<const float> TensorFile::view(const TensorEntry& entry) {
  const TensorEntry& mine = own(entry);
  if (mine.type != StoredType::f32) return {};
  const std::span<const std::byte> bytes = mapped_bytes(mine.index);
  if (bytes.empty() || reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(float) != 0) return {};
  return {reinterpret_cast<const float*>(bytes.data()), bytes.size() / sizeof(float)};
}

PIX2PIXHD_INLINE void TensorValues::check(const TensorEntry& entry) const {
  const auto count = detail::element_count(entry.shape);
  const std::size_t given = raw_ ? bytes_.size() : values_.size();
  const std::size_t needed = count.value_or(0) * (raw_ ? size_of(entry.type) : 1);
  detail::require(count.has_value() && given == needed, "tensor \"", entry.name, "\" needs ", needed,
                  raw_ ? " bytes" : " values", ", but ", given, " were given to the writer.");
  detail::require(raw_ || is_floating(entry.type), "tensor \"", entry.name, "\" is to be stored as ",
                  name_of(entry.type), ", for which bytes, not float values, must be given to the writer.");
}

PIX2PIXHD_INLINE std::size_t TensorValues::encode(const TensorEntry& entry, std::size_t first,
                                                  std::span<std::byte> out) const {
  const std::size_t size = size_of(entry.type);
  const std::size_t count = raw_ ? bytes_.size() / size : values_.size();
  const std::size_t some = std::min(out.size() / size, count - std::min(first, count));
  if (raw_ && some != 0) std::memcpy(out.data(), bytes_.data() + first * size, some * size);
  if (!raw_ && some != 0) detail::encode(entry.type, values_.subspan(first, some), out.first(some * size));
  return some * size;
}

}  // namespace pix2pixhd::inline v0
