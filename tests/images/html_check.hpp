#pragma once
/// What the tests of pages share: whether a page is well formed, and what it refers to.

#include <doctest/doctest.h>

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace html_check {

/// The values of all attributes of a name, in their order.
inline std::vector<std::string> attributes(const std::string& html, const std::string& name) {
  std::vector<std::string> values;
  const std::string begin = " " + name + "=\"";
  for (std::size_t place = html.find(begin); place != std::string::npos; place = html.find(begin, place + 1)) {
    const std::size_t from = place + begin.size();
    values.push_back(html.substr(from, html.find('"', from) - from));
  }
  return values;
}

/// Checks that every element is closed in turn, that no attribute or text holds a stray bracket, that there is no
/// script and that nothing is fetched from elsewhere.
inline void check_page(const std::string& html) {
  const std::set<std::string> alone = {"meta", "img", "!doctype"};
  std::vector<std::string> open;
  for (std::size_t place = html.find('<'); place != std::string::npos; place = html.find('<', place + 1)) {
    const std::size_t end = html.find('>', place);
    REQUIRE(end != std::string::npos);
    const std::string tag = html.substr(place + 1, end - place - 1);
    CHECK(tag.find('<') == std::string::npos);
    const std::string name = tag.substr(0, tag.find_first_of(" \n/", 1));
    if (tag.front() == '/') {
      REQUIRE(!open.empty());
      CHECK(open.back() == tag.substr(1));
      open.pop_back();
    } else if (tag.back() != '/' && !alone.contains(name)) {
      open.push_back(name);
    }
    CHECK(name != "script");
    CHECK(name != "link");
  }
  CHECK(open.empty());
  CHECK(html.find("://") == std::string::npos);
  CHECK(html.find("@import") == std::string::npos);
  CHECK(html.find("url(") == std::string::npos);
}

inline std::size_t count(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t place = text.find(part); place != text.npos; place = text.find(part, place + 1)) ++count;
  return count;
}

}  // namespace html_check
