#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/ops/transfer.hpp>
#include <pix2pixhd/store/safetensors.hpp>
#include <pix2pixhd/training/checkpoint.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

namespace pix2pixhd::inline v0 {
namespace detail {

/// The metadata that marks a file as a checkpoint. Its value is the version of the format.
inline constexpr const char* checkpoint_mark = "pix2pixhd.checkpoint";

PIX2PIXHD_INLINE std::string checkpoint_key(CheckpointWeights weights, const std::string& name) {
  return (weights == CheckpointWeights::averaged ? "average/" : "value/") + name;
}

PIX2PIXHD_INLINE bool has_keys(const TensorFile& file, const std::string& beginning) {
  return std::any_of(file.entries().begin(), file.entries().end(),
                     [&](const TensorEntry& entry) { return entry.name.starts_with(beginning); });
}

PIX2PIXHD_INLINE void CheckpointWriter::add(const std::string& name, const Tensor& value, int rank) {
  const Shape& shape = value.shape();
  const std::int64_t sides[4] = {shape.n, shape.c, shape.h, shape.w};
  const bool wide = value.format().type == DataType::f64;
  entries_.push_back({.name = name, .type = wide ? StoredType::f64 : StoredType::f32, .shape = {sides, sides + rank}});
  items_.push_back({.tensor = &value});
}

PIX2PIXHD_INLINE void CheckpointWriter::add_bytes(const std::string& name, const Storage& value, const Shape& shape) {
  entries_.push_back({.name = name, .type = StoredType::u8, .shape = {shape.n, shape.c, shape.h, shape.w}});
  items_.push_back({.bytes = &value});
}

PIX2PIXHD_INLINE void CheckpointWriter::add_number(const std::string& name, std::int64_t value) {
  entries_.push_back({.name = name, .type = StoredType::i64, .shape = {}});
  items_.push_back({.number = value});
}

PIX2PIXHD_INLINE void CheckpointWriter::write(const std::filesystem::path& path) const {
  std::vector<std::byte> buffer;
  Metadata metadata = metadata_;
  metadata.emplace(checkpoint_mark, "1");
  const auto produce = [&](const TensorEntry& entry, std::size_t position) -> TensorValues {
    const Item& item = items_[position];
    if (item.tensor) {
      const std::size_t count = item.tensor->shape().count();
      buffer.resize(count * pix2pixhd::size_of(entry.type));
      Device device = device_;
      if (entry.type == StoredType::f64)
        download<double>(device, *item.tensor, {reinterpret_cast<double*>(buffer.data()), count});
      else
        download<float>(device, *item.tensor, {reinterpret_cast<float*>(buffer.data()), count});
    } else if (item.bytes) {
      buffer.resize(item.bytes->bytes());
      device_.backend().read_bytes(*item.bytes, buffer.data(), buffer.size());
    } else {
      buffer.resize(sizeof item.number);
      std::memcpy(buffer.data(), &item.number, sizeof item.number);
    }
    return std::span<const std::byte>(buffer);
  };
  write_safetensors(path, entries_, produce, metadata);
}

/// Error unless the file is a checkpoint that this library can read.
PIX2PIXHD_INLINE void check_version(const TensorFile& file) {
  const auto version = file.metadata().find(checkpoint_mark);
  require(version != file.metadata().end(), file.path().string(),
          " is not a checkpoint of a training run; load weights alone by load, and resume from a file that "
          "Trainer::save wrote.");
  require(version->second == "1", file.path().string(), " is a checkpoint of version ", version->second,
          ", this library reads version 1.");
}

PIX2PIXHD_INLINE CheckpointSections sections_of(const TensorFile& file) {
  constexpr std::string_view beginning = "section.";
  CheckpointSections sections;
  for (const auto& [name, text] : file.metadata())
    if (name.starts_with(beginning)) sections[name.substr(beginning.size())] = text;
  return sections;
}

PIX2PIXHD_INLINE CheckpointReader::CheckpointReader(Device& device, const std::filesystem::path& path)
    : device_(device), file_(open_tensor_file(path)) {
  check_version(*file_);
}

PIX2PIXHD_INLINE CheckpointSections CheckpointReader::sections() const { return sections_of(*file_); }

/// What to do about a checkpoint whose arrays are not those of the networks, and about one that holds what none can.
inline constexpr const char* other_networks =
    "; the checkpoint is damaged or of other networks. Resume from another one, or with the networks that it is of.";
inline constexpr const char* damaged_checkpoint = "; the checkpoint is damaged. Resume from another one.";

PIX2PIXHD_INLINE const TensorEntry& CheckpointReader::entry(const std::string& name) const {
  const TensorEntry* found = file_->find(name);
  require(found != nullptr, path(), " lacks ", name, other_networks);
  return *found;
}

PIX2PIXHD_INLINE Tensor CheckpointReader::tensor(const std::string& name, const Shape& shape, Role role) {
  const TensorEntry& found = entry(name);
  std::int64_t sides[4] = {1, 1, 1, 1};
  require(found.shape.size() <= 4, path(), ": ", name, " has ", found.shape.size(),
          " dimensions, at most 4 are expected", other_networks);
  for (std::size_t i = 0; i < found.shape.size(); ++i) sides[i] = found.shape[i];
  require(sides[0] == shape.n && sides[1] == shape.c && sides[2] == shape.h && sides[3] == shape.w, path(), ": ", name,
          " is ", sides[0], "x", sides[1], "x", sides[2], "x", sides[3], ", ", to_string(shape), " is needed",
          other_networks);
  if (found.type == StoredType::f64) {
    std::vector<double> values(shape.count());
    file_->read(found, std::span<double>(values));
    return upload<double>(device_, shape, values, role);
  }
  std::vector<float> values(shape.count());
  file_->read(found, std::span<float>(values));
  return upload<float>(device_, shape, values, role);
}

PIX2PIXHD_INLINE Tensor CheckpointReader::tensor(const std::string& name, Role role) {
  const TensorEntry& found = entry(name);
  require(!found.shape.empty() && found.shape.size() <= 4, path(), ": ", name, " has ", found.shape.size(),
          " dimensions, 1 to 4 are expected", damaged_checkpoint);
  for (const std::int64_t side : found.shape)
    require(side >= 1 && side <= 1 << 20, path(), ": ", name, " has a side of ", side, ", 1 to ", 1 << 20,
            " are possible", damaged_checkpoint);
  const auto side = [&](std::size_t i) { return i < found.shape.size() ? static_cast<int>(found.shape[i]) : 1; };
  return tensor(name, {side(0), side(1), side(2), side(3)}, role);
}

PIX2PIXHD_INLINE std::shared_ptr<Storage> CheckpointReader::bytes(const std::string& name, const Shape& shape,
                                                                  const std::function<bool(std::uint8_t)>& allowed) {
  const TensorEntry& found = entry(name);
  require(found.type == StoredType::u8 && file_->count(found) == shape.count(), path(), ": ", name, " should hold ",
          shape.count(), " bytes", damaged_checkpoint);
  std::vector<std::byte> values(shape.count());
  file_->read_bytes(found, values);
  for (std::size_t i = 0; i < values.size(); ++i)
    require(allowed(std::to_integer<std::uint8_t>(values[i])), path(), ": ", name, " holds ",
            std::to_integer<int>(values[i]), " at place ", i, ", which it cannot", damaged_checkpoint);
  auto storage = device_.allocate(values.size());
  device_.backend().write_bytes(*storage, values.data(), values.size());
  return storage;
}

PIX2PIXHD_INLINE std::int64_t CheckpointReader::number(const std::string& name, std::int64_t least) {
  const TensorEntry& found = entry(name);
  require(found.type == StoredType::i64 && file_->count(found) == 1, path(), ": ", name, " should be one integer",
          damaged_checkpoint);
  std::int64_t value = 0;
  file_->read_bytes(found, std::as_writable_bytes(std::span(&value, 1)));
  require(value >= least, path(), ": ", name, " is ", value, ", at least ", least, " is needed", damaged_checkpoint);
  return value;
}

PIX2PIXHD_INLINE std::string CheckpointReader::text(const std::string& name) const {
  const auto found = file_->metadata().find(name);
  require(found != file_->metadata().end(), path(), " lacks the entry ", name,
          "; it is damaged or of another version.");
  return found->second;
}

}  // namespace detail

PIX2PIXHD_INLINE CheckpointSections read_sections(const std::filesystem::path& path) {
  const auto file = open_tensor_file(path);
  detail::check_version(*file);
  return detail::sections_of(*file);
}

PIX2PIXHD_INLINE bool is_checkpoint(const TensorFile& file) {
  return file.metadata().contains(detail::checkpoint_mark);
}

PIX2PIXHD_INLINE bool checkpoint_has(const TensorFile& file, const std::string& network) {
  return is_checkpoint(file) &&
         detail::has_keys(file, detail::checkpoint_key(CheckpointWeights::trained, network + "/"));
}

PIX2PIXHD_INLINE std::string checkpoint_prefix(const TensorFile& file, const std::string& network,
                                               CheckpointWeights weights) {
  if (!is_checkpoint(file)) return {};
  const std::string prefix = detail::checkpoint_key(weights, network + "/");
  return detail::has_keys(file, prefix) ? prefix : detail::checkpoint_key(CheckpointWeights::trained, network + "/");
}

}  // namespace pix2pixhd::inline v0
