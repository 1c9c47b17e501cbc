#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/store/pickle.hpp>

#include <algorithm>
#include <cstring>
#include <ios>

namespace pix2pixhd::inline v0::detail {

PIX2PIXHD_INLINE PickleValue Unpickler::load() {
  stack_.clear();
  memo_.clear();
  memo_count_ = 0;
  const std::size_t begin = position_;
  try {
    require(position_ < bytes_.size(), "there is no more data");
    require(bytes_[position_] == std::byte{0x80}, "it does not begin with a protocol of 2 or more");
    while (step()) {
    }
    require(stack_.size() == 1, "its end does not leave one object");
    return pop();
  } catch (const Error& problem) {
    throw Error(sentence(file_, ": the pickled data from byte ", begin, " on cannot be read at byte ", position_, ": ",
                         problem.what(), "."));
  }
}

PIX2PIXHD_INLINE std::string_view Unpickler::take(std::uint64_t count) {
  require(count <= bytes_.size() - position_, "it is truncated");
  const std::string_view taken(reinterpret_cast<const char*>(bytes_.data()) + position_,
                               static_cast<std::size_t>(count));
  position_ += taken.size();
  constexpr std::size_t longest = 4096;  // of what counts as consumed
  consumed_ += std::min(taken.size(), longest);
  return taken;
}

PIX2PIXHD_INLINE std::uint64_t Unpickler::take_unsigned(std::size_t bytes) {
  std::uint64_t value = 0;
  const std::string_view taken = take(bytes);
  std::memcpy(&value, taken.data(), taken.size());
  return value;
}

PIX2PIXHD_INLINE std::string_view Unpickler::take_line() {
  constexpr std::size_t longest = 256;
  const std::string_view rest(reinterpret_cast<const char*>(bytes_.data()) + position_,
                              std::min(longest, bytes_.size() - position_));
  const std::size_t end = rest.find('\n');
  require(end != rest.npos, "a name does not end");
  take(end + 1);
  return rest.substr(0, end);
}

PIX2PIXHD_INLINE PickleValue Unpickler::take_long(std::uint64_t bytes) {
  const std::string_view digits = take(bytes);
  if (digits.size() > sizeof(std::int64_t)) return {.kind = Kind::big, .text = digits};
  const bool negative = !digits.empty() && (static_cast<unsigned char>(digits.back()) & 0x80U) != 0;
  std::int64_t value = negative ? -1 : 0;
  std::memcpy(&value, digits.data(), digits.size());
  return {.kind = Kind::integer, .number = value};
}

PIX2PIXHD_INLINE void Unpickler::push(PickleValue value) {
  constexpr std::size_t deepest = std::size_t{1} << 20;
  require(stack_.size() < deepest, "it needs a stack of more than ", deepest, " values");
  stack_.push_back(value);
}

PIX2PIXHD_INLINE PickleValue& Unpickler::top() {
  require(!stack_.empty() && stack_.back().kind != Kind::mark, "it takes a value where there is none");
  return stack_.back();
}

PIX2PIXHD_INLINE PickleValue Unpickler::pop() {
  const PickleValue value = top();
  stack_.pop_back();
  return value;
}

PIX2PIXHD_INLINE std::vector<PickleValue> Unpickler::pop_items(std::size_t count) {
  require(count <= stack_.size(), "it takes a value where there is none");
  const auto first = stack_.end() - static_cast<std::ptrdiff_t>(count);
  require(std::none_of(first, stack_.end(), [](const PickleValue& value) { return value.kind == Kind::mark; }),
          "it takes a value where there is none");
  std::vector<PickleValue> items(first, stack_.end());
  stack_.erase(first, stack_.end());
  return items;
}

PIX2PIXHD_INLINE std::vector<PickleValue> Unpickler::pop_to_mark() {
  const auto mark =
      std::find_if(stack_.rbegin(), stack_.rend(), [](const PickleValue& value) { return value.kind == Kind::mark; });
  require(mark != stack_.rend(), "it takes values up to a mark that is not there");
  std::vector<PickleValue> items(mark.base(), stack_.end());
  stack_.erase(mark.base() - 1, stack_.end());
  return items;
}

PIX2PIXHD_INLINE void Unpickler::remember(std::uint64_t slot) {
  // Slots are given out one after another, so an honest number is smaller than the number of bytes read.
  require(slot < consumed_, "it stores an object under the number ", slot, ", which is out of order");
  const auto place = static_cast<std::size_t>(slot);
  if (memo_.size() <= place) memo_.resize(place + 1, PickleValue{.kind = Kind::mark});
  if (memo_[place].kind == Kind::mark) ++memo_count_;
  memo_[place] = top();
}

PIX2PIXHD_INLINE void Unpickler::recall(std::uint64_t slot) {
  require(slot < memo_.size() && memo_[static_cast<std::size_t>(slot)].kind != Kind::mark,
          "it refers to an object that was never stored");
  push(memo_[static_cast<std::size_t>(slot)]);
}

PIX2PIXHD_INLINE void Unpickler::extend(Kind kind, const std::vector<PickleValue>& items) {
  require(top().kind == kind, "it adds items to something that cannot take them");
  require(kind != Kind::dict || items.size() % 2 == 0, "a key has no value");
  heap_.append(top(), items, consumed_);
}

PIX2PIXHD_INLINE void Unpickler::push_global(std::string_view module, std::string_view name) {
  const auto found = find_pickle_global(module, name);
  require(found.has_value(), "it names the global \"", printable(module), ".", printable(name),
          "\", which no tensor file needs, so nothing of it was run; save only tensors, such as model.state_dict()");
  push({.kind = Kind::global, .number = static_cast<std::int64_t>(*found)});
}

PIX2PIXHD_INLINE bool Unpickler::step() {
  const auto opcode = static_cast<std::uint8_t>(take(1)[0]);
  if (opcode == '.') return false;
  require(step_constant(opcode) || step_sequence(opcode) || step_memo(opcode) || step_object(opcode),
          "the operation 0x", std::hex, unsigned{opcode}, std::dec, " is none that tensor files need");
  return true;
}

PIX2PIXHD_INLINE bool Unpickler::step_constant(std::uint8_t opcode) {
  const auto text = [&](std::size_t length_bytes) {
    push({.kind = Kind::text, .text = take(take_unsigned(length_bytes))});
  };
  switch (opcode) {
    case 'N':
      push({.kind = Kind::none});
      return true;
    case 0x88:
    case 0x89:
      push({.kind = Kind::boolean, .number = opcode == 0x88 ? 1 : 0});
      return true;
    case 'J':
      push({.kind = Kind::integer, .number = static_cast<std::int32_t>(take_unsigned(4))});
      return true;
    case 'K':
      push({.kind = Kind::integer, .number = static_cast<std::int64_t>(take_unsigned(1))});
      return true;
    case 'M':
      push({.kind = Kind::integer, .number = static_cast<std::int64_t>(take_unsigned(2))});
      return true;
    case 0x8a:
      push(take_long(take_unsigned(1)));
      return true;
    case 0x8b:
      push(take_long(take_unsigned(4)));
      return true;
    case 'G':
      take(8);
      push({.kind = Kind::opaque});
      return true;
    case 'U':  // The texts of Python 2 are the byte strings of Python 3.
    case 0x8c:
      text(1);
      return true;
    case 'T':
    case 'X':
      text(4);
      return true;
    case 0x8d:
      text(8);
      return true;
    case 'C':
    case 'B':
    case 0x8e:
      take(take_unsigned(opcode == 'C' ? 1 : opcode == 'B' ? 4 : 8));
      push({.kind = Kind::opaque});
      return true;
    default:
      return false;
  }
}

PIX2PIXHD_INLINE bool Unpickler::step_sequence(std::uint8_t opcode) {
  const auto make = [&](Kind kind, std::vector<PickleValue> items) {
    push(heap_.make(kind, std::move(items), consumed_));
  };
  switch (opcode) {
    case '(':
      push({.kind = Kind::mark});
      return true;
    case '0':
      pop();
      return true;
    case ')':
      make(Kind::tuple, {});
      return true;
    case 't':
      make(Kind::tuple, pop_to_mark());
      return true;
    case 0x85:
    case 0x86:
    case 0x87:
      make(Kind::tuple, pop_items(opcode - 0x84U));
      return true;
    case ']':
      make(Kind::list, {});
      return true;
    case 'a':
      extend(Kind::list, pop_items(1));
      return true;
    case 'e':
      extend(Kind::list, pop_to_mark());
      return true;
    case '}':
      make(Kind::dict, {});
      return true;
    case 's':
      extend(Kind::dict, pop_items(2));
      return true;
    case 'u':
      extend(Kind::dict, pop_to_mark());
      return true;
    default:
      return false;
  }
}

PIX2PIXHD_INLINE bool Unpickler::step_memo(std::uint8_t opcode) {
  switch (opcode) {
    case 'q':
      remember(take_unsigned(1));
      return true;
    case 'r':
      remember(take_unsigned(4));
      return true;
    case 0x94:
      remember(memo_count_);
      return true;
    case 'h':
      recall(take_unsigned(1));
      return true;
    case 'j':
      recall(take_unsigned(4));
      return true;
    default:
      return false;
  }
}

PIX2PIXHD_INLINE bool Unpickler::step_object(std::uint8_t opcode) {
  switch (opcode) {
    case 0x80: {
      const std::uint64_t protocol = take_unsigned(1);
      require(protocol >= 2 && protocol <= 5, "its protocol is ", protocol, "; 2 to 5 are known");
      return true;
    }
    case 0x95:  // A frame only groups bytes for reading ahead.
      take_unsigned(8);
      return true;
    case 'c': {
      const std::string_view module = take_line();
      push_global(module, take_line());
      return true;
    }
    case 0x93: {
      const PickleValue name = pop(), module = pop();
      require(name.kind == Kind::text && module.kind == Kind::text, "a global's name is no text");
      push_global(module.text, name.text);
      return true;
    }
    case 'Q':
      push(objects_.persistent(heap_, pop()));
      return true;
    case 'R': {
      const PickleValue arguments = pop(), function = pop();
      push(objects_.call(heap_, function, arguments, consumed_));
      return true;
    }
    case 'b':  // Attributes of an OrderedDict or tensor carry no values of tensors.
      pop();
      require(top().kind == Kind::dict || top().kind == Kind::tensor, "it sets attributes of something unknown");
      return true;
    default:
      return false;
  }
}

}  // namespace pix2pixhd::inline v0::detail
