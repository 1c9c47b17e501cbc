#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/store/atomic_file.hpp>
#include <pix2pixhd/store/safetensors.hpp>
#include <pix2pixhd/store/safetensors_header.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <numeric>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace pix2pixhd::inline v0 {

namespace detail {

/// A mapped .safetensors file.
class SafetensorsFile final : public TensorFile {
 public:
  SafetensorsFile(MappedFile file, SafetensorsHeader header, std::span<const std::byte> data)
      : TensorFile(file.path()), file_(std::make_shared<const MappedFile>(std::move(file))), data_(data) {
    begin_ = std::move(header.begin);
    end_ = std::move(header.end);
    set_entries(std::move(header.entries));
    set_metadata(std::move(header.metadata));
  }

  std::shared_ptr<const LentMemory> lender() const override { return file_; }

 private:
  std::span<const std::byte> mapped_bytes(std::size_t index) override {
    return data_.subspan(begin_[index], end_[index] - begin_[index]);
  }
  void stream(std::size_t index, const Sink& sink) override { sink(mapped_bytes(index)); }

  std::shared_ptr<const MappedFile> file_;
  std::span<const std::byte> data_;
  std::vector<std::uint64_t> begin_, end_;
};

/// The header's length, the first eight bytes.
PIX2PIXHD_INLINE std::uint64_t safetensors_header_length(std::span<const std::byte> bytes) {
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof length);
  return length;
}

PIX2PIXHD_INLINE bool looks_like_safetensors(std::span<const std::byte> bytes) {
  constexpr std::size_t prefix = sizeof(std::uint64_t);
  return bytes.size() > prefix && bytes[prefix] == std::byte{'{'} &&
         safetensors_header_length(bytes) <= longest_safetensors_header;
}

PIX2PIXHD_INLINE std::unique_ptr<TensorFile> open_safetensors(MappedFile file) {
  const std::span<const std::byte> bytes = file.bytes();
  constexpr std::size_t prefix = sizeof(std::uint64_t);
  require(looks_like_safetensors(bytes), file.path(), " is not a .safetensors file.");
  const std::uint64_t length = safetensors_header_length(bytes);
  require(length <= bytes.size() - prefix, file.path(), ": the header should have ", length,
          " bytes, but the file has only ", bytes.size(), "; it is truncated.");
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + prefix, length);
  const std::span<const std::byte> data = bytes.subspan(prefix + length);
  SafetensorsHeader header = parse_safetensors_header(text, data.size(), file.path());
  return std::make_unique<SafetensorsFile>(std::move(file), std::move(header), data);
}

}  // namespace detail

PIX2PIXHD_INLINE void write_safetensors(const std::filesystem::path& path, const std::vector<TensorEntry>& entries,
                                        const TensorProducer& produce, const Metadata& metadata) {
  std::set<std::string_view> names;
  for (const TensorEntry& entry : entries) {
    detail::require(names.insert(entry.name).second && entry.name != "__metadata__", path,
                    " is not written: the tensor name \"", entry.name, "\" is used twice or reserved.");
    detail::require(detail::element_count(entry.shape).has_value(), path, " is not written: the shape of tensor \"",
                    entry.name, "\" is impossible.");
  }
  std::vector<std::size_t> order(entries.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const std::size_t size_a = size_of(entries[a].type), size_b = size_of(entries[b].type);
    return size_a != size_b ? size_a > size_b : entries[a].name < entries[b].name;
  });
  std::vector<TensorEntry> sorted;
  for (const std::size_t i : order) sorted.push_back(entries[i]);
  const std::string header = detail::make_safetensors_header(sorted, metadata);
  detail::require(header.size() <= detail::longest_safetensors_header, path, " is not written: its header would have ",
                  header.size(), " bytes; readers accept ", detail::longest_safetensors_header, ".");

  AtomicFile file(path);
  file.write(header);
  std::vector<std::byte> piece(std::size_t{1} << 20);
  for (const std::size_t i : order) {
    const TensorValues values = produce(entries[i], i);
    values.check(entries[i]);
    const std::size_t size = size_of(entries[i].type);
    for (std::size_t first = 0; const std::size_t bytes = values.encode(entries[i], first, piece);
         first += bytes / size)
      file.write(std::span(piece).first(bytes));
  }
  file.commit();
}

}  // namespace pix2pixhd::inline v0
