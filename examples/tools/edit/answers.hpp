#pragma once
/// Reading requests to the editor and answering them in JSON.

#include <httplib.h>
#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/features/region.hpp>

#include "operation.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <exception>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace tools::edit {

inline void answer(httplib::Response& response, const Json& json, int status = 200) {
  response.status = status;
  response.set_content(json.dump(-1, ' ', false, Json::error_handler_t::replace), "application/json");
}

/// {"error": sentence}.
inline void refuse(httplib::Response& response, int status, const std::string& sentence) {
  answer(response, {{"error", sentence}}, status);
}

/// A handler that answers errors: 400 for what is no request of ours, 422 for what is impossible, 500 for the rest.
template <class F>
httplib::Server::Handler guarded(F f) {
  return [f](const httplib::Request& request, httplib::Response& response) {
    try {
      f(request, response);
    } catch (const MalformedRequest& error) {
      refuse(response, 400, error.what());
    } catch (const Json::exception& error) {
      refuse(response, 400, std::string("The request is not understood: ") + error.what());
    } catch (const pix2pixhd::Error& error) {
      refuse(response, 422, error.what());
    } catch (const std::exception& error) {
      refuse(response, 500, std::string("The editor failed: ") + error.what());
    }
  };
}

/// Throws MalformedRequest for members that no edit has: they would be kept in the journal.
inline void check_members(const Json& json) {
  constexpr std::string_view known[] = {"kind", "points", "radius", "label", "as",     "id",    "joined", "after",
                                        "x",    "y",      "dx",     "dy",    "expect", "style", "box",    "mask"};
  for (const auto& [name, value] : json.items()) {
    if (std::find(std::begin(known), std::end(known), name) == std::end(known))
      throw MalformedRequest("No edit has a member \"" + name.substr(0, 40) + "\"; leave it out.");
    if (value.is_object()) check_members(value);
  }
}

/// The edit that a request's body tells of. Throws MalformedRequest for what is not JSON or nested more deeply than any
/// edit is: copying and writing JSON take a piece of the stack for each level.
inline Json edit_of(const std::string& body) {
  using Event = Json::parse_event_t;
  const auto shallow = [](int depth, Event event, const Json&) {
    if ((event == Event::object_start || event == Event::array_start) && depth >= deepest_edit)
      throw MalformedRequest(pix2pixhd::detail::sentence("The edit is nested too deeply: at most ", deepest_edit,
                                                         " levels of lists and objects are taken."));
    return true;
  };
  Json json = Json::parse(body, shallow, false);
  if (json.is_discarded()) throw MalformedRequest("The request is not JSON.");
  if (json.is_object()) check_members(json);
  return json;
}

/// A region as requests have masks: the lengths of pixels outside and inside in turn, row by row through its box.
inline std::vector<std::uint32_t> runs_of(const pix2pixhd::Region& region) {
  std::vector<std::uint32_t> runs{0};
  bool inside = false;
  const pix2pixhd::PixelBox& box = region.box();
  for (int y = box.y; y < box.y + box.height; ++y)
    for (int x = box.x; x < box.x + box.width; ++x) {
      if (region.contains({x, y}) != inside) {
        inside = !inside;
        runs.push_back(0);
      }
      ++runs.back();
    }
  return runs;
}

/// A number in the request's address, from 0 to 2^53. Throws MalformedRequest.
inline long long number(const httplib::Request& request, const char* name) {
  const std::string text = request.get_param_value(name);
  long long value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size() || value < 0 || value > (1LL << 53))
    throw MalformedRequest(pix2pixhd::detail::sentence("The address lacks the number \"", name, "\"."));
  return value;
}

/// The same, where no more than a picture's size makes sense.
inline int small_number(const httplib::Request& request, const char* name) {
  return static_cast<int>(std::min<long long>(number(request, name), std::numeric_limits<int>::max() / 2));
}

}  // namespace tools::edit
