#pragma once
/// Pickles written by hand, for the tests of the unpickler and of the containers.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pickle_testing {

inline std::string number(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>((value >> (8 * i)) & 0xffU);
  return text;
}

inline std::string text(std::string_view value) { return "X" + number(value.size(), 4) + std::string(value); }
inline std::string integer(std::int64_t value) {
  return std::string("\x8a\x08") + number(static_cast<std::uint64_t>(value), 8);
}

inline std::string tuple(const std::vector<std::string>& parts) {
  std::string all = "(";
  for (const std::string& part : parts) all += part;
  return all + "t";
}

inline std::string integers(const std::vector<std::int64_t>& values) {
  std::vector<std::string> parts;
  for (const std::int64_t value : values) parts.push_back(integer(value));
  return tuple(parts);
}

inline std::string global(std::string_view module, std::string_view name) {
  return "c" + std::string(module) + "\n" + std::string(name) + "\n";
}

/// A storage of `count` elements.
inline std::string storage(std::int64_t count, std::string_view key = "0", std::string_view type = "FloatStorage") {
  return tuple({text("storage"), global("torch", type), text(key), text("cpu"), integer(count)}) + "Q";
}

struct View {
  std::int64_t offset = 0;
  std::vector<std::int64_t> shape, strides;
};

inline std::string tensor(const std::string& of_storage, const View& view) {
  return global("torch._utils", "_rebuild_tensor_v2") +
         tuple({of_storage, integer(view.offset), integers(view.shape), integers(view.strides), "\x89", "}"}) + "R";
}

/// A pickle of {"x": value}.
inline std::string pickle_of(const std::string& value) { return std::string("\x80\x02}") + text("x") + value + "s."; }

/// What stands before the pickle of the object in a file of the older container.
inline const std::string legacy_magic = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
inline const std::string legacy_protocol = "\x80\x02M\xe9\x03.";
inline const std::string legacy_system = "\x80\x02}" + text("little_endian") + "\x88s.";

inline std::string repeat(const std::string& what, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += what;
  return all;
}

}  // namespace pickle_testing
