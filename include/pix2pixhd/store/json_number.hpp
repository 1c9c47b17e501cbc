#pragma once
/// Whole numbers from JSON that comes from files.

#include <pix2pixhd/core/error.hpp>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace pix2pixhd::inline v0::detail {

/// The whole number that `json` is, from `low` to `high`. Otherwise Error; `where` says what it is, "An edit's box".
/// JSON's own conversion would cut fractions off and let numbers overflow.
template <class Number>
Number whole_number(const nlohmann::json& json, Number low, Number high, std::string_view where) {
  const bool fits = json.is_number_unsigned()
                        ? std::cmp_greater_equal(json.get<std::uint64_t>(), low) &&
                              std::cmp_less_equal(json.get<std::uint64_t>(), high)
                        : json.is_number_integer() && std::cmp_greater_equal(json.get<std::int64_t>(), low) &&
                              std::cmp_less_equal(json.get<std::int64_t>(), high);
  if (!fits) {
    // An array may be nested so deep that writing it out, which recurses, would overflow the stack.
    const auto text = [&] { return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).substr(0, 50); };
    const std::string found = json.is_structured() ? sentence("an ", json.type_name()) : text();
    throw Error(sentence(where, " is ", found, ", where a whole number from ", low, " to ", high, " is needed."));
  }
  return json.get<Number>();
}

}  // namespace pix2pixhd::inline v0::detail
