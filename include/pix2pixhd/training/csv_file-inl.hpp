#pragma once

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/store/append_line.hpp>
#include <pix2pixhd/store/atomic_file.hpp>
#include <pix2pixhd/training/csv_file.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <system_error>
#include <utility>

namespace pix2pixhd::inline v0::detail {

PIX2PIXHD_INLINE std::string csv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells) line.append(cell).append(",");
  line.back() = '\n';
  return line;
}

template <class Number>
std::string shortest_text(Number value) {
  char text[64];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

PIX2PIXHD_INLINE std::string csv_text(float value) { return shortest_text(value); }
PIX2PIXHD_INLINE std::string csv_text(double value) { return shortest_text(value); }

PIX2PIXHD_INLINE void check_csv_text(std::string_view text, std::string_view what) {
  for (const char c : text)
    require(c != ',' && c != '"' && static_cast<unsigned char>(c) >= 32, what, " \"", text,
            "\" cannot stand in a table; leave out commas, quotation marks and line breaks.");
}

PIX2PIXHD_INLINE CsvReader::CsvReader(const std::filesystem::path& path)
    : file_(path), text_(reinterpret_cast<const char*>(file_.bytes().data()), file_.bytes().size()) {
  if (!next_line()) fail("the line that names the columns is missing or incomplete");
  columns_.assign(cells_.begin(), cells_.end());
  cells_.clear();
}

PIX2PIXHD_INLINE void CsvReader::fail(const std::string& problem) const {
  throw Error(sentence(file_.path(), ", line ", std::max<std::size_t>(line_, 1), ": ", problem,
                       "; the file is damaged or no table of this program. Move it away to go on without it."));
}

PIX2PIXHD_INLINE bool CsvReader::next_line() {
  const std::size_t end = text_.find('\n', position_);
  if (end == std::string_view::npos) return false;
  ++line_;
  cells_.clear();
  std::string_view rest = text_.substr(position_, end - position_);
  for (std::size_t comma = rest.find(','); comma != std::string_view::npos; comma = rest.find(',')) {
    cells_.push_back(rest.substr(0, comma));
    rest.remove_prefix(comma + 1);
  }
  cells_.push_back(rest);
  position_ = end + 1;
  return true;
}

PIX2PIXHD_INLINE bool CsvReader::next() {
  if (!next_line()) return false;
  if (cells_.size() != columns_.size())
    fail(sentence("there are ", cells_.size(), " cells, but ", columns_.size(), " columns"));
  return true;
}

PIX2PIXHD_INLINE std::int64_t CsvReader::integer(std::size_t column) const {
  const std::string_view cell = cells_.at(column);
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (problem != std::errc() || end != cell.data() + cell.size())
    fail(sentence(columns_.at(column), " is \"", cell.substr(0, 40), "\", which is no whole number"));
  return value;
}

PIX2PIXHD_INLINE double CsvReader::number(std::size_t column) const {
  const std::string_view cell = cells_.at(column);
  double value = 0;
  const auto [end, problem] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (problem != std::errc() || end != cell.data() + cell.size())
    fail(sentence(columns_.at(column), " is \"", cell.substr(0, 40), "\", which is no number"));
  return value;
}

PIX2PIXHD_INLINE CsvFile::CsvFile(const std::filesystem::path& path, std::uint64_t bytes) : path_(path) {
  {
    const MappedFile old(path);
    require(bytes <= old.bytes().size(), path, " became shorter while it was read.");
    if (bytes < old.bytes().size()) {
      AtomicFile file(path);
      file.write(old.bytes().first(bytes));
      file.commit();
    }
  }
  open();
}

PIX2PIXHD_INLINE CsvFile::CsvFile(const std::filesystem::path& path, const std::vector<std::string>& columns)
    : path_(path) {
  AtomicFile file(path);
  file.write(csv_line(columns));
  file.commit();
  open();
}

PIX2PIXHD_INLINE CsvFile::CsvFile(CsvFile&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

PIX2PIXHD_INLINE CsvFile::~CsvFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

PIX2PIXHD_INLINE void CsvFile::fail(const char* action) const {
  throw Error(sentence(path_, " ", action, ": ", std::generic_category().message(errno), "."));
}

PIX2PIXHD_INLINE void CsvFile::open() {
  descriptor_ = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (descriptor_ < 0) fail("cannot be opened for writing");
}

PIX2PIXHD_INLINE void CsvFile::append(const std::vector<std::string>& cells) {
  append_line(descriptor_, csv_line(cells), path_);
}

PIX2PIXHD_INLINE void CsvFile::sync() {
  if (::fsync(descriptor_) != 0) fail("could not be brought to the disk");
}

}  // namespace pix2pixhd::inline v0::detail
