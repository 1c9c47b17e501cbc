#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/store/pickle_writer.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace pix2pixhd::inline v0::detail {

/// Name of torch's storage class for a type.
PIX2PIXHD_INLINE std::string_view storage_class(const TensorEntry& entry) {
  switch (entry.type) {
    case StoredType::f16:
      return "HalfStorage";
    case StoredType::bf16:
      return "BFloat16Storage";
    case StoredType::f32:
      return "FloatStorage";
    case StoredType::f64:
      return "DoubleStorage";
    case StoredType::u8:
      return "ByteStorage";
    case StoredType::i8:
      return "CharStorage";
    case StoredType::i16:
      return "ShortStorage";
    case StoredType::i32:
      return "IntStorage";
    case StoredType::i64:
      return "LongStorage";
    case StoredType::boolean:
      return "BoolStorage";
    case StoredType::u16:
    case StoredType::u32:
    case StoredType::u64:
      break;
  }
  throw Error(sentence("tensor \"", entry.name, "\" of type ", name_of(entry.type),
                       " cannot be written into a .pth file; write .safetensors instead."));
}

/// Appends opcodes to a pickle.
class PickleText {
 public:
  void code(std::string_view opcodes) { text_ += opcodes; }
  void global(std::string_view module, std::string_view name) {
    (((text_ += 'c') += module) += '\n') += name;
    text_ += '\n';
  }
  void string(std::string_view value) {
    require(value.size() <= std::numeric_limits<std::uint32_t>::max(), "a tensor's name is too long to be written.");
    text_ += 'X';
    little_endian(value.size(), 4);
    text_ += value;
  }
  void integer(std::int64_t value) {
    const bool small = value >= 0 && value <= std::numeric_limits<std::int32_t>::max();
    text_ += small ? std::string_view("J") : std::string_view("\x8a\x08");
    little_endian(static_cast<std::uint64_t>(value), small ? 4 : 8);
  }
  void integers(const std::vector<std::int64_t>& values) {
    code("(");
    for (const std::int64_t value : values) integer(value);
    code("t");
  }
  std::string take() { return std::move(text_); }

 private:
  void little_endian(std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) text_ += static_cast<char>((value >> (8 * i)) & 0xffU);
  }

  std::string text_;
};

PIX2PIXHD_INLINE std::string pickle_tensors(const std::vector<TensorEntry>& entries) {
  PickleText pickle;
  pickle.code("\x80\x02");
  pickle.global("collections", "OrderedDict");
  pickle.code(")R(");
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const TensorEntry& entry = entries[i];
    const auto count = static_cast<std::int64_t>(element_count(entry.shape).value());
    pickle.string(entry.name);
    pickle.global("torch._utils", "_rebuild_tensor_v2");
    pickle.code("((");  // arguments, and in them the persistent id of the storage
    pickle.string("storage");
    pickle.global("torch", storage_class(entry));
    pickle.string(std::to_string(i));
    pickle.string("cpu");
    pickle.integer(count);
    pickle.code("tQ");
    pickle.integer(0);
    pickle.integers(entry.shape);
    std::vector<std::int64_t> strides(entry.shape.size(), 1);
    for (std::size_t side = strides.size(); side-- > 1;)
      strides[side - 1] = strides[side] * (entry.shape[side] == 0 ? 1 : entry.shape[side]);
    pickle.integers(strides);
    pickle.code("\x89");  // requires no gradient, and has no hooks
    pickle.global("collections", "OrderedDict");
    pickle.code(")RtR");
  }
  pickle.code("u.");
  return pickle.take();
}

}  // namespace pix2pixhd::inline v0::detail
