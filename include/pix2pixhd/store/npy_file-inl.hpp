#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/store/atomic_file.hpp>
#include <pix2pixhd/store/npy_file.hpp>
#include <pix2pixhd/store/pickle_value.hpp>
#include <pix2pixhd/store/strided_tensor.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

namespace pix2pixhd::inline v0::detail {

/// Each number type with its name in a header.
PIX2PIXHD_INLINE std::span<const std::pair<std::string_view, StoredType>> npy_types() {
  static constexpr std::array<std::pair<std::string_view, StoredType>, 12> types{{{"<f4", StoredType::f32},
                                                                                  {"<f8", StoredType::f64},
                                                                                  {"<f2", StoredType::f16},
                                                                                  {"|u1", StoredType::u8},
                                                                                  {"|i1", StoredType::i8},
                                                                                  {"|b1", StoredType::boolean},
                                                                                  {"<u2", StoredType::u16},
                                                                                  {"<i2", StoredType::i16},
                                                                                  {"<u4", StoredType::u32},
                                                                                  {"<i4", StoredType::i32},
                                                                                  {"<u8", StoredType::u64},
                                                                                  {"<i8", StoredType::i64}}};
  return types;
}

/// Reads the Python literal in a header, {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }. Throws Error
/// naming the file.
class NpyLiteral {
 public:
  NpyLiteral(std::string_view text, const std::filesystem::path& file) : text_(text), file_(file) {}

  NpyHeader read() {
    std::optional<StoredType> type;
    std::optional<bool> fortran_order;
    std::optional<std::vector<std::int64_t>> shape;
    expect('{');
    while (!accept('}')) {
      const std::string_view key = quoted();
      expect(':');
      if (key == "descr" && !type) {
        type = type_named(quoted());
      } else if (key == "fortran_order" && !fortran_order) {
        fortran_order = truth();
      } else if (key == "shape" && !shape) {
        shape = sides();
      } else {
        damaged();
      }
      if (!accept(',') && !(skip(), text_.starts_with('}'))) damaged();
    }
    skip();
    if (!text_.empty() || !type || !fortran_order || !shape) damaged();
    return {.type = *type, .fortran_order = *fortran_order, .shape = std::move(*shape)};
  }

 private:
  [[noreturn]] void damaged() const {
    throw Error(
        sentence(file_, ": the header of the .npy file is damaged near \"", printable(text_.substr(0, 20)), "\"."));
  }
  void skip() {
    const std::size_t next = text_.find_first_not_of(" \n");
    text_.remove_prefix(std::min(next, text_.size()));
  }
  bool accept(char wanted) {
    skip();
    if (!text_.starts_with(wanted)) return false;
    text_.remove_prefix(1);
    return true;
  }
  void expect(char wanted) {
    if (!accept(wanted)) damaged();
  }
  std::string_view quoted() {
    const char quote = accept('"') ? '"' : '\'';
    if (quote == '\'') expect(quote);
    const std::size_t end = text_.find(quote);
    if (end == text_.npos) damaged();
    const std::string_view inside = text_.substr(0, end);
    text_.remove_prefix(end + 1);
    return inside;
  }
  bool truth() {
    skip();
    const bool value = text_.starts_with("True");
    if (!value && !text_.starts_with("False")) damaged();
    text_.remove_prefix(value ? 4 : 5);
    return value;
  }
  std::vector<std::int64_t> sides() {
    std::vector<std::int64_t> shape;
    expect('(');
    while (!accept(')')) {
      skip();
      std::int64_t side = -1;
      const auto [end, problem] = std::from_chars(text_.data(), text_.data() + text_.size(), side);
      if (problem != std::errc() || side < 0) damaged();
      text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
      shape.push_back(side);
      if (!accept(',') && !(skip(), text_.starts_with(')'))) damaged();
    }
    return shape;
  }
  StoredType type_named(std::string_view name) const {
    const auto types = npy_types();
    const auto found = std::find_if(types.begin(), types.end(), [&](const auto& type) {
      return type.first == name || (size_of(type.second) == 1 && name == std::string("<").append(type.first.substr(1)));
    });
    require(found != types.end(), file_, ": elements of type \"", printable(name),
            "\" are not supported; save little-endian f2, f4, f8 or integers of 1 to 8 bytes.");
    return found->second;
  }

  std::string_view text_;
  const std::filesystem::path& file_;
};

PIX2PIXHD_INLINE NpyHeader parse_npy_header(std::span<const std::byte> bytes, const std::filesystem::path& file) {
  constexpr std::string_view magic("\x93NUMPY", 6);
  const std::string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  require(all.starts_with(magic) && all.size() >= magic.size() + 4, file, " is not an .npy file.");
  const int version = static_cast<unsigned char>(all[magic.size()]);
  require(version >= 1 && version <= 3, file, ": version ", version,
          " of the .npy format is unknown; 1 to 3 are known.");
  const std::size_t length_bytes = version == 1 ? 2 : 4, begin = magic.size() + 2 + length_bytes;
  require(all.size() >= begin, file, ": the .npy file is truncated.");
  std::uint32_t length = 0;
  std::memcpy(&length, all.data() + magic.size() + 2, length_bytes);
  require(length <= all.size() - begin, file, ": the header of the .npy file should have ", length,
          " bytes, but the file ends before; it is truncated.");
  NpyHeader header = NpyLiteral(all.substr(begin, length), file).read();
  header.bytes = begin + length;
  const auto count = element_count(header.shape);
  require(count.has_value(), file, ": the shape of the .npy array has more elements than memory can hold.");
  const std::size_t wanted = *count * size_of(header.type), given = all.size() - header.bytes;
  require(given == wanted, file, ": the .npy array needs ", wanted, " bytes, but ", given,
          " follow the header; the file is truncated or damaged.");
  return header;
}

PIX2PIXHD_INLINE std::string make_npy_header(StoredType type, std::span<const std::int64_t> shape) {
  const auto types = npy_types();
  const auto found = std::find_if(types.begin(), types.end(), [&](const auto& known) { return known.second == type; });
  require(found != types.end(), "numpy has no type ", name_of(type), "; write f32.");
  std::string sides;
  for (const std::int64_t side : shape) sides += std::to_string(side) + ", ";
  if (shape.size() > 1) sides.resize(sides.size() - 2);
  std::string text = sentence("{'descr': '", found->first, "', 'fortran_order': False, 'shape': (", sides, "), }");
  constexpr std::size_t alignment = 64, before = 10;
  text.append((alignment - (before + text.size() + 1) % alignment) % alignment, ' ');
  text += '\n';
  require(text.size() <= 0xffff, "an array of ", shape.size(), " dimensions is too much for an .npy file.");
  std::string header("\x93NUMPY\x01\x00", 8);
  header += static_cast<char>(text.size() & 0xffU);
  header += static_cast<char>(text.size() >> 8U);
  return header + text;
}

PIX2PIXHD_INLINE void NpyView::stream(const std::function<void(std::span<const std::byte>)>& sink) const {
  const std::span<const std::byte> data = bytes_.subspan(header_.bytes);
  if (data.empty()) return;
  if (!header_.fortran_order) return sink(data);
  StridedTensor tensor{.type = header_.type, .shape = header_.shape};
  std::int64_t stride = 1;
  for (const std::int64_t side : header_.shape) {
    tensor.strides.push_back(stride);
    stride *= side;
  }
  gather(tensor, data, sink);
}

PIX2PIXHD_INLINE void write_npy_bytes(const std::filesystem::path& path, StoredType type,
                                      std::span<const std::int64_t> shape, std::span<const std::byte> bytes) {
  const std::string header = make_npy_header(type, shape);
  AtomicFile file(path);
  file.write(header);
  file.write(bytes);
  file.commit();
}

}  // namespace pix2pixhd::inline v0::detail
