#pragma once
/// Scenes for the tests of editing.

#include <pix2pixhd/core/random.hpp>
#include <pix2pixhd/features/scene_editor.hpp>

#include <doctest/doctest.h>

#include <map>
#include <string>

namespace scenes {

using namespace pix2pixhd;

/// The text of the Error that f() throws; empty if it throws none.
template <class F>
std::string error_of(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

inline bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// A map from rows of letters: a is class 0, b class 1 ... A capital letter followed by its class and number in
/// `objects` is an object.
inline Scene drawn(const std::vector<std::string>& rows, const std::map<char, PixelValue>& objects = {}) {
  Scene scene{.labels = xt::xtensor<std::uint8_t, 2>::from_shape({rows.size(), rows.front().size()}),
              .instances = xt::xtensor<std::int32_t, 2>::from_shape({rows.size(), rows.front().size()})};
  std::size_t i = 0;
  for (const std::string& row : rows)
    for (const char letter : row) {
      const auto object = objects.find(letter);
      const auto label = static_cast<std::uint8_t>(letter - 'a');
      const PixelValue value = object == objects.end() ? PixelValue{label, label} : object->second;
      scene.labels.data()[i] = value.label;
      scene.instances->data()[i++] = value.id;
    }
  return scene;
}

/// Sky (0) over road (1), with cars (2) that each have an id of the rule.
inline Scene street(int width, int height, IdRule rule = IdRule::thousands, bool instances = true) {
  const auto w = static_cast<std::size_t>(width), h = static_cast<std::size_t>(height);
  Scene scene{.labels = xt::xtensor<std::uint8_t, 2>::from_shape({h, w}), .instances = {}};
  xt::xtensor<std::int32_t, 2> ids = xt::xtensor<std::int32_t, 2>::from_shape({h, w});
  for (std::size_t y = 0; y < h; ++y)
    for (std::size_t x = 0; x < w; ++x) {
      const bool car = y >= h / 2 && y < h - 2 && x % 16 >= 4 && x % 16 < 11;
      const int label = car ? 2 : y < h / 2 ? 0 : 1, number = static_cast<int>(x / 16) + 1;
      scene.labels(y, x) = static_cast<std::uint8_t>(label);
      ids(y, x) = !car                        ? label
                  : rule == IdRule::red       ? 2 + 256 * number
                  : rule == IdRule::thousands ? 2000 + number
                                              : 10 + number;
    }
  if (instances) scene.instances = ids;
  return scene;
}

/// Rules for four classes with 0, 1, 3 and 2 styles, and an ignore label.
inline SceneRules rules_for(IdRule rule) {
  return {.classes = 4, .ignore = {255}, .ids = rule, .styles = {0, 1, 3, 2}};
}

inline bool equal(const Scene& a, const Scene& b) {
  return a.labels == b.labels && a.instances.has_value() == b.instances.has_value() &&
         (!a.instances || *a.instances == *b.instances);
}

}  // namespace scenes
