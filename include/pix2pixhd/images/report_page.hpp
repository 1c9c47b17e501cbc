#pragma once
/// Pages that a browser shows from disk: one file, no scripts, nothing fetched from elsewhere.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pix2pixhd::inline v0 {

/// A name and what is said about it, as plain text.
struct NamedText {
  std::string name;
  std::string text;
};

/// A table as plain text. The first column names its rows, the others are figures.
struct ReportTable {
  std::string title = {};
  std::vector<std::string> columns = {};
  std::vector<std::vector<std::string>> rows = {};
  std::string note = {};  ///< below the table
};

/// A page and its parts.
struct ReportPage {
  std::string title;        ///< plain text
  std::string body = {};    ///< HTML
  int refresh_seconds = 0;  ///< the browser reads the page again after so many; 0: never
};

/// The whole page, light or dark as the browser wishes, for screens of any width.
std::string html_page(const ReportPage& page);

/// Plain text as HTML. What is no UTF-8 becomes a question mark, and so do control characters other than line breaks.
std::string html_text(std::string_view text);

/// A file's path as the value of a link beside the page: percent signs for what a link may not hold.
std::string html_link(std::string_view path);

/// Nothing for a table without rows.
std::string html_table(const ReportTable& table);
/// Names on the left, texts on the right.
std::string html_facts(const std::vector<NamedText>& facts);

namespace detail {

/// Appends texts one after the other.
template <class... Texts>
void append(std::string& text, const Texts&... more) {
  (text.append(std::string_view(more)), ...);
}

/// Texts one after the other.
template <class... Texts>
std::string joined(const Texts&... texts) {
  std::string text;
  append(text, texts...);
  return text;
}

}  // namespace detail

/// A number with so many digits after the point, whatever the locale: "3.14", and "inf" or "nan".
std::string fixed_text(double value, int digits);
/// A number with two digits and a power of ten: "2.5e-4".
std::string exponent_text(double value);
/// A number in few letters: three digits, "12.3k", "4.56M", and small ones with a power of ten.
std::string brief_text(double value);
/// "45 s", "3 min 20 s", "1 h 12 min", "2 d 3 h".
std::string duration_text(double seconds);
/// Whole numbers with thin spaces between thousands.
std::string count_text(std::int64_t value);

/// Writes a page whole or not at all, so that a browser never reads a part.
void write_page(const std::filesystem::path& path, const ReportPage& page);

namespace detail {

/// The style sheet of all pages.
std::string_view report_style();

}  // namespace detail
}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/images/report_page-inl.hpp>
#include <pix2pixhd/images/report_style-inl.hpp>
#endif
