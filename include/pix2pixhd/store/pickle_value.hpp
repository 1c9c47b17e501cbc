#pragma once
/// Values that the unpickler knows, and the memory that they share.

#include <pix2pixhd/core/error.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pix2pixhd::inline v0::detail {

/// One unpickled value. It owns nothing: lists, tuples, dicts and tensors are numbers of things in a PickleHeap or in
/// TorchObjects, texts lie in the pickle itself. So deep nesting costs no recursion and cycles cost no memory.
struct PickleValue {
  enum class Kind : std::uint8_t {
    none,
    boolean,
    integer,
    text,
    list,
    tuple,
    dict,
    global,
    storage,
    tensor,
    mark,
    opaque,  ///< Something without importance for tensors, such as a float.
    big      ///< An integer of more than eight bytes, whose little-endian bytes are `text`.
  };
  Kind kind = Kind::none;
  std::int64_t number = 0;
  std::string_view text = {};
};

/// The lists, tuples and dicts (key, value, key, value, ...) of one pickle. The number of all their items must stay in
/// proportion to the bytes read so far, so that a small file cannot fill the memory by copying its lists again and
/// again.
class PickleHeap {
 public:
  /// Makes a list, tuple or dict. `consumed` is Unpickler::consumed().
  PickleValue make(PickleValue::Kind kind, std::vector<PickleValue> items, std::size_t consumed) {
    charge(items.size() + 1, consumed);
    sequences_.push_back(std::move(items));
    return {.kind = kind, .number = static_cast<std::int64_t>(sequences_.size() - 1)};
  }

  /// Appends to a list or dict.
  void append(const PickleValue& sequence, const std::vector<PickleValue>& items, std::size_t consumed) {
    charge(items.size(), consumed);
    auto& old = sequences_[static_cast<std::size_t>(sequence.number)];
    old.insert(old.end(), items.begin(), items.end());
  }

  /// The items of a list, tuple or dict.
  const std::vector<PickleValue>& items(const PickleValue& sequence) const {
    return sequences_[static_cast<std::size_t>(sequence.number)];
  }

  /// Counts memory that is about to be used; throws Error where the file does not justify it.
  void charge(std::size_t items, std::size_t consumed) {
    charged_ += items;
    require(charged_ <= 4096 + 8 * consumed, "it unfolds into far more objects than its size justifies");
  }

 private:
  std::vector<std::vector<PickleValue>> sequences_;
  std::size_t charged_ = 0;
};

/// Text of a file made fit for a message: at most 80 characters, unprintable ones as '?'.
inline std::string printable(std::string_view text) {
  std::string shown(text.substr(0, 80));
  for (char& c : shown)
    if (c < ' ' || c > '~') c = '?';
  return text.size() > shown.size() ? shown + "..." : shown;
}

}  // namespace pix2pixhd::inline v0::detail
