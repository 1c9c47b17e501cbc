#pragma once
/// The text in which parts of a training run keep their state in a checkpoint.

#include <pix2pixhd/core/error.hpp>

#include <charconv>
#include <cmath>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>

namespace pix2pixhd::inline v0::detail {

/// A number as text that gives the same bits back, wherever the locale puts its point: "0x1.8p+1".
inline std::string exact_text(double value) {
  char digits[40];
  const auto written = std::to_chars(std::begin(digits), std::end(digits), std::abs(value), std::chars_format::hex);
  // The prefix is for those who read it by strtod.
  return std::string(std::signbit(value) ? "-" : "") + (std::isfinite(value) ? "0x" : "") +
         std::string(std::begin(digits), written.ptr);
}

/// The number in a text of exact_text, the prefix being optional; nothing for any other text.
inline std::optional<double> exact_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.starts_with("0x")) text.remove_prefix(2);
  if (text.starts_with('-')) return {};
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value, std::chars_format::hex);
  if (read.ec != std::errc() || read.ptr != end) return {};
  return negative ? -value : value;
}

/// Names and values by turns: "log 1 every 10 steps 3". Whatever is not as expected is an Error that shows the text.
class StateText {
 public:
  /// `whose` names the part for messages: "The log".
  StateText(const std::string& text, const char* whose) : text_(text), whose_(whose), words_(text) {}

  /// Takes the next word, which must be this one.
  void name(const char* expected) {
    std::string word;
    words_ >> word;
    check(word == expected);
  }
  /// Takes the next word, a number, wherever the locale puts its point.
  template <class Number>
  void value(Number& value) {
    std::string word;
    words_ >> word;
    const char* end = word.data() + word.size();
    const auto result = std::from_chars(word.data(), end, value);
    check(!word.empty() && result.ec == std::errc() && result.ptr == end);
  }
  template <class Number>
  void value(const char* expected, Number& value) {
    name(expected);
    this->value(value);
  }
  /// What is left after one space.
  std::string rest() {
    std::string rest;
    words_.get();
    std::getline(words_, rest);
    return rest;
  }

  /// Error that shows the text unless `condition` holds.
  void check(bool condition) const {
    require(condition, whose_, "'s state \"", text_.substr(0, 200),
            "\" is damaged or of another version; go on from another checkpoint.");
  }

 private:
  std::string text_;
  const char* whose_;
  std::istringstream words_;
};

}  // namespace pix2pixhd::inline v0::detail
