#pragma once
/// Edits as the page asks for them.

#include <pix2pixhd/features/scene_editor.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace tools::edit {

/// A request that is not one of ours.
struct MalformedRequest : pix2pixhd::Error {
  using Error::Error;
};

using Json = nlohmann::json;

inline constexpr std::size_t most_points = 20'000;
inline constexpr std::size_t most_runs = 200'000;
inline constexpr int deepest_edit = 8;  ///< levels of lists and objects

inline const Json& member(const Json& json, const char* name) {
  const auto found = json.is_object() ? json.find(name) : json.end();
  if (!json.is_object() || found == json.end())
    throw MalformedRequest(pix2pixhd::detail::sentence("The request lacks \"", name, "\"."));
  return *found;
}

/// A whole number that fits an int.
inline int whole_number(const Json& json, const char* name) {
  const Json& value = member(json, name);
  const double number = value.is_number() ? value.get<double>() : std::nan("");
  constexpr double limit = std::numeric_limits<int>::max();
  if (!(number >= -limit && number <= limit) || number != std::floor(number))
    throw MalformedRequest(pix2pixhd::detail::sentence("\"", name, "\" must be a whole number."));
  return static_cast<int>(number);
}

inline std::optional<int> optional_number(const Json& json, const char* name) {
  return member(json, name).is_null() ? std::nullopt : std::optional(whole_number(json, name));
}

inline pix2pixhd::Pixel pixel_of(const Json& json) { return {whole_number(json, "x"), whole_number(json, "y")}; }

/// [x, y, x, y ...]
inline std::vector<pix2pixhd::Place> places_of(const Json& json) {
  const Json& list = member(json, "points");
  if (!list.is_array() || list.size() % 2 != 0)
    throw MalformedRequest("\"points\" must be a list of numbers, x and y in turn.");
  pix2pixhd::detail::require(list.size() <= 2 * most_points, "A shape of ", list.size() / 2,
                             " points is too long; at most ", most_points, " are taken. Draw it in parts.");
  std::vector<pix2pixhd::Place> places;
  for (std::size_t i = 0; i < list.size(); i += 2) {
    if (!list[i].is_number() || !list[i + 1].is_number()) throw MalformedRequest("\"points\" must be numbers.");
    places.push_back({list[i].get<double>(), list[i + 1].get<double>()});
  }
  return places;
}

/// A mask: a box, and lengths of pixels outside and inside in turn, row by row through it, as the server tells of
/// objects. What of the box lies outside of the picture is cut off.
inline pix2pixhd::Region mask_of(const Json& json, const pix2pixhd::Sides& sides) {
  using pix2pixhd::detail::require;
  const Json& box = member(json, "box");
  const Json& runs = member(json, "mask");
  if (!box.is_array() || box.size() != 4 || !runs.is_array())
    throw MalformedRequest("A mask needs \"box\" [x, y, width, height] and \"mask\", a list of lengths.");
  int numbers[4];
  for (std::size_t i = 0; i < 4; ++i) numbers[i] = whole_number({{"box", box[i]}}, "box");
  const auto [x, y, width, height] = numbers;
  require(width >= 1 && height >= 1 && width <= sides.width && height <= sides.height, "A mask of ", width, "x", height,
          " does not fit a picture of ", sides.width, "x", sides.height,
          "; it may be as large, and must not be empty.");
  require(runs.size() <= most_runs, "A mask of ", runs.size(), " runs of pixels is too ragged; at most ", most_runs,
          " are taken. Smooth it, or lay it on in parts.");
  auto mask =
      xt::xtensor<std::uint8_t, 2>::from_shape({static_cast<std::size_t>(height), static_cast<std::size_t>(width)});
  mask.fill(0);
  std::size_t at = 0;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (!runs[i].is_number_unsigned() || runs[i].get<std::uint64_t>() > mask.size() - at)
      throw MalformedRequest(
          "The lengths in \"mask\" must be whole numbers, and together no more than the box has pixels.");
    const auto length = runs[i].get<std::size_t>();
    if (i % 2 == 1) std::fill_n(mask.begin() + static_cast<std::ptrdiff_t>(at), length, std::uint8_t{1});
    at += length;
  }
  return pix2pixhd::mask_region(sides, mask, {x, y});
}

inline pix2pixhd::Paint paint_of(const Json& json) {
  using As = pix2pixhd::Paint::As;
  pix2pixhd::Paint paint{.label = whole_number(json, "label"), .as = As::surface, .id = 0, .joined = false};
  const std::string as = json.value("as", std::string("surface"));
  if (as == "new") {
    paint.as = As::new_object;
  } else if (as == "object") {
    paint.as = As::object;
    paint.id = whole_number(json, "id");
  } else if (as != "surface") {
    throw MalformedRequest("\"as\" must be surface, new or object.");
  }
  paint.joined = json.value("joined", false);
  return paint;
}

/// Settles whether a piece of a stroke is joined to the edit before: only where that is the piece before it, so that
/// one step of undo takes back nothing else. The page states as "after" the session and the version that the piece
/// before was answered with; `newest` are those of now. "after" is taken out: versions are counted anew in each run,
/// and an edit that is repeated from the journal is to be joined where it was. Throws MalformedRequest where "after" is
/// no such pair.
inline void settle_joining(Json& json, const Json& newest) {
  const auto after = json.find("after");
  const bool stated = after != json.end();
  if (stated && !(after->is_array() && after->size() == 2 && (*after)[0].is_number() && (*after)[1].is_number()))
    throw MalformedRequest("\"after\" must be the session and the version that the piece before was answered with.");
  const auto joined = json.find("joined");
  if (joined != json.end() && joined->is_boolean() && !(stated && *after == newest)) *joined = false;
  if (stated) json.erase(after);
}

/// Error if the page took the object at a pixel for another one than it is now.
inline void check_expected(const pix2pixhd::SceneEditor& editor, const Json& json) {
  const auto expected = json.find("expect");
  if (expected == json.end()) return;
  const pix2pixhd::PixelValue now = pix2pixhd::value_at(editor.scene(), pixel_of(json));
  pix2pixhd::detail::require(now.label == whole_number(*expected, "label") && now.id == whole_number(*expected, "id"),
                             "The object was changed meanwhile, in another window perhaps; pick it again.");
}

/// The choice of a style for the object at a pixel, as one for its class.
inline Json style_for_class(const pix2pixhd::SceneEditor& editor, const Json& json) {
  const pix2pixhd::Pixel at = pixel_of(json);
  check_expected(editor, json);
  return {{"kind", "class_style"}, {"label", value_at(editor.scene(), at).label}, {"style", member(json, "style")}};
}

/// Carries out one edit. Throws MalformedRequest for what is no edit, Error for one that is impossible.
inline pix2pixhd::EditResult carry_out(pix2pixhd::SceneEditor& editor, const Json& json) {
  const Json& kind_member = member(json, "kind");
  if (!kind_member.is_string()) throw MalformedRequest("\"kind\" must be a text.");
  const auto kind = kind_member.get<std::string>();
  const pix2pixhd::Sides sides = editor.scene().sides();
  if (kind == "stroke") {
    const Json& radius = member(json, "radius");
    if (!radius.is_number()) throw MalformedRequest("\"radius\" must be a number.");
    return editor.paint(pix2pixhd::stroke_region(sides, places_of(json), radius.get<double>()), paint_of(json));
  }
  if (kind == "polygon") return editor.paint(pix2pixhd::polygon_region(sides, places_of(json)), paint_of(json));
  if (kind == "mask") return editor.paint(mask_of(json, sides), paint_of(json));
  if (kind == "fill") return editor.fill(pixel_of(json), paint_of(json));
  if (kind == "class_style") return editor.set_class_style(whole_number(json, "label"), optional_number(json, "style"));
  if (kind == "undo") return editor.undo();
  if (kind == "redo") return editor.redo();
  if (kind != "relabel" && kind != "move" && kind != "duplicate" && kind != "delete" && kind != "style")
    throw MalformedRequest("There is no edit \"" + kind.substr(0, 40) + "\".");
  const pix2pixhd::Pixel at = pixel_of(json);
  check_expected(editor, json);
  if (kind == "relabel") return editor.relabel(at, whole_number(json, "label"));
  if (kind == "move") return editor.move(at, whole_number(json, "dx"), whole_number(json, "dy"));
  if (kind == "duplicate") return editor.duplicate(at, whole_number(json, "dx"), whole_number(json, "dy"));
  if (kind == "delete") return editor.remove(at);
  return editor.set_style(at, optional_number(json, "style"));
}

}  // namespace tools::edit
