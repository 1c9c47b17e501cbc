#pragma once
/// Files that hold named tensors, read one tensor at a time, whatever their container is.

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/core/lent_memory.hpp>
#include <pix2pixhd/store/stored_type.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace pix2pixhd::inline v0 {

/// Free text that a file carries beside its tensors.
using Metadata = std::map<std::string, std::string>;

/// One tensor of a file: what it is called, how its elements are stored, and its sides (none for a scalar).
struct TensorEntry {
  std::string name;
  StoredType type = StoredType::f32;
  std::vector<std::int64_t> shape = {};
  std::size_t index = 0;  ///< Position in TensorFile::entries(); the writers do not look at it.
};

/// An open tensor file. Opening checks everything that can be checked without reading the tensors: names are unique,
/// shapes do not overflow, every tensor lies inside the file. Reading never holds more than one tensor's worth of
/// bytes. One object serves one thread at a time. A mapped file must not be shortened by others while it is open.
class TensorFile {
 public:
  virtual ~TensorFile() = default;
  TensorFile(const TensorFile&) = delete;
  TensorFile& operator=(const TensorFile&) = delete;

  /// The file, for messages.
  const std::filesystem::path& path() const { return path_; }

  /// All tensors, in the order of the file.
  const std::vector<TensorEntry>& entries() const { return entries_; }

  /// The metadata of a .safetensors file; empty for .pth files.
  const Metadata& metadata() const { return metadata_; }

  /// The entry of that name, or null. The pointer lives as long as the file.
  const TensorEntry* find(std::string_view name) const;

  /// Number of elements; 1 for a scalar.
  std::size_t count(const TensorEntry& entry) const;

  /// Reads a whole tensor, row-major, converted to float. Integers beyond 2^24 and doubles are rounded.
  /// Throws Error if `out` has not exactly count(entry) elements, if the entry is not of this file, or if the stored
  /// bytes turn out to be damaged; `out` may then be partly written.
  void read(const TensorEntry& entry, std::span<float> out);

  /// Reads a whole tensor, row-major, converted to double; otherwise as the other overload.
  void read(const TensorEntry& entry, std::span<double> out);

  /// Reads a whole tensor, row-major, as stored: count(entry) * size_of(entry.type) bytes.
  void read_bytes(const TensorEntry& entry, std::span<std::byte> out);

  /// The tensor's values without a copy, where they lie in a mapping of the file as contiguous, aligned f32; otherwise
  /// empty, and read() is needed. Valid as long as the file object. Throws Error as read() does.
  std::span<const float> view(const TensorEntry& entry);

  /// The mapping in which views lie, to be held beyond the file object's life; null where there are no views.
  virtual std::shared_ptr<const LentMemory> lender() const { return nullptr; }

 protected:
  /// Takes a tensor's stored bytes, a whole number of elements each time, row-major.
  using Sink = std::function<void(std::span<const std::byte>)>;

  explicit TensorFile(std::filesystem::path path) : path_(std::move(path)) {}

  /// Takes the entries, numbers them, and throws Error if two have one name.
  void set_entries(std::vector<TensorEntry> entries);
  void set_metadata(Metadata metadata) { metadata_ = std::move(metadata); }

 private:
  /// Hands all bytes of tensor `index` to the sink.
  virtual void stream(std::size_t index, const Sink& sink) = 0;

  /// The bytes of tensor `index` if they lie contiguously in a mapping, else empty. Checked as stream() checks them.
  virtual std::span<const std::byte> mapped_bytes(std::size_t index) = 0;

  const TensorEntry& own(const TensorEntry& entry) const;
  template <class Value>
  void read_values(const TensorEntry& entry, std::span<Value> out);

  std::filesystem::path path_;
  std::vector<TensorEntry> entries_;
  std::unordered_map<std::string_view, std::size_t> by_name_;
  Metadata metadata_;
};

/// What a writer is given of one tensor: values, which it converts to the entry's floating type, or bytes, which it
/// copies (little-endian elements of the entry's type). Refers to memory of the caller.
class TensorValues {
 public:
  TensorValues(std::span<const float> values) : values_(values) {}
  TensorValues(std::span<const std::byte> bytes) : bytes_(bytes), raw_(true) {}

  /// Throws Error unless these are exactly the elements of `entry`.
  void check(const TensorEntry& entry) const;

  /// Fills `out` with the stored form of the elements from number `first` on, as many as fit and are left. Returns the
  /// number of bytes, a whole number of elements.
  std::size_t encode(const TensorEntry& entry, std::size_t first, std::span<std::byte> out) const;

 private:
  std::span<const float> values_;
  std::span<const std::byte> bytes_;
  bool raw_ = false;
};

/// Yields the values of one entry given to a writer. Called once an entry, one at a time, in an order that the writer
/// chooses; `position` is the entry's place in the vector given to the writer. What it returns must stay valid until
/// the next call, so that only one tensor need be in host memory.
using TensorProducer = std::function<TensorValues(const TensorEntry& entry, std::size_t position)>;

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/store/tensor_file_base-inl.hpp>
#endif
