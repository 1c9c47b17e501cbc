#pragma once

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/images/report_page.hpp>
#include <pix2pixhd/store/atomic_file.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <utility>

namespace pix2pixhd::inline v0 {
namespace detail {

/// The bytes of the UTF-8 character at the beginning of a text; 0 where there is none. Overlong forms, surrogates and
/// what lies beyond Unicode are none.
PIX2PIXHD_INLINE std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : 4;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  if ((first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) > 0x9f)) return 0;
  if ((first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) > 0x8f)) return 0;
  return length;
}

}  // namespace detail

PIX2PIXHD_INLINE std::string html_text(std::string_view text) {
  std::string html;
  while (!text.empty()) {
    const std::size_t length = detail::utf8_length(text);
    const char c = text.front();
    if (length == 0 || (length == 1 && c != '\n' && (static_cast<unsigned char>(c) < 32 || c == 127)))
      html += '?';
    else if (c == '&')
      html += "&amp;";
    else if (c == '<')
      html += "&lt;";
    else if (c == '>')
      html += "&gt;";
    else if (c == '"')
      html += "&quot;";
    else if (c == '\'')
      html += "&#39;";
    else
      html += text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return html;
}

PIX2PIXHD_INLINE std::string html_link(std::string_view path) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string link;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("/._-").find(c) != std::string_view::npos;
    if (plain)
      link += c;
    else
      (link += '%').append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
  }
  return link;
}

PIX2PIXHD_INLINE std::string html_table(const ReportTable& table) {
  if (table.rows.empty()) return {};
  const auto row = [](const std::vector<std::string>& cells, const std::string& tag) {
    std::string html = "<tr>";
    for (const std::string& cell : cells) detail::append(html, "<", tag, ">", html_text(cell), "</", tag, ">");
    return detail::joined(html, "</tr>\n");
  };
  std::string html = "<section class=\"card\">";
  if (!table.title.empty()) detail::append(html, "<h3>", html_text(table.title), "</h3>");
  detail::append(html, "<div class=\"scroll\"><table>\n", row(table.columns, "th"));
  for (const std::vector<std::string>& cells : table.rows) html += row(cells, "td");
  html += "</table></div>";
  if (!table.note.empty()) detail::append(html, "<p class=\"soft small\">", html_text(table.note), "</p>");
  return detail::joined(html, "</section>\n");
}

PIX2PIXHD_INLINE std::string html_facts(const std::vector<NamedText>& facts) {
  std::string html = "<table class=\"facts\">\n";
  for (const NamedText& fact : facts)
    detail::append(html, "<tr><td>", html_text(fact.name), "</td><td>", html_text(fact.text), "</td></tr>\n");
  return detail::joined(html, "</table>\n");
}

PIX2PIXHD_INLINE std::string html_page(const ReportPage& page) {
  std::string html = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n";
  if (page.refresh_seconds > 0)
    detail::append(html, "<meta http-equiv=\"refresh\" content=\"", std::to_string(page.refresh_seconds), "\">\n");
  detail::append(html, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
                 html_text(page.title));
  html.append("</title>\n<style>").append(detail::report_style()).append("</style></head>\n<body>\n");
  return detail::joined(html, page.body, "</body></html>\n");
}

PIX2PIXHD_INLINE void write_page(const std::filesystem::path& path, const ReportPage& page) {
  AtomicFile file(path);
  file.write(html_page(page));
  file.commit();
}

PIX2PIXHD_INLINE std::string fixed_text(double value, int digits) {
  if (!std::isfinite(value)) return std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf";
  char text[400];  // the largest double has 309 digits before the point
  return {text, std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, std::min(digits, 20)).ptr};
}

PIX2PIXHD_INLINE std::string exponent_text(double value) {
  if (value == 0 || !std::isfinite(value)) return fixed_text(value, 0);
  int power = static_cast<int>(std::floor(std::log10(std::abs(value))));
  double number = std::round(value * std::pow(10.0, 1 - power)) / 10;
  if (std::abs(number) >= 10) {
    number /= 10;
    ++power;
  }
  return detail::joined(fixed_text(number, number == std::round(number) ? 0 : 1), "e", std::to_string(power));
}

PIX2PIXHD_INLINE std::string brief_text(double value) {
  const double size = std::abs(value);
  if (size == 0 || !std::isfinite(value)) return fixed_text(value, 0);
  if (size < 0.001 || size >= 1e15) return exponent_text(value);
  for (const auto& [unit, letter] : {std::pair(1e9, "G"), std::pair(1e6, "M"), std::pair(1e3, "k")})
    if (size >= unit * 9.995) return brief_text(value / unit) + letter;
  return fixed_text(value, size < 0.0995 ? 4 : size < 0.995 ? 3 : size < 9.995 ? 2 : size < 99.95 ? 1 : 0);
}

PIX2PIXHD_INLINE std::string duration_text(double seconds) {
  if (!(seconds >= 0 && seconds < 1e12)) return "unknown";
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  const auto two = [](std::int64_t a, const char* unit, std::int64_t b, const char* small) {
    std::string text = detail::joined(std::to_string(a), " ", unit);
    if (b > 0) detail::append(text, " ", std::to_string(b), " ", small);
    return text;
  };
  if (whole < 60) return detail::joined(std::to_string(whole), " s");
  if (whole < 3600) return two(whole / 60, "min", whole % 60, "s");
  if (whole < 86400) return two(whole / 3600, "h", whole % 3600 / 60, "min");
  return two(whole / 86400, "d", whole % 86400 / 3600, "h");
}

PIX2PIXHD_INLINE std::string count_text(std::int64_t value) {
  std::string digits = std::to_string(value), text;
  const std::size_t sign = value < 0 ? 1 : 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > sign && (digits.size() - i) % 3 == 0) text += "\u202f";
    text += digits[i];
  }
  return text;
}

}  // namespace pix2pixhd::inline v0
