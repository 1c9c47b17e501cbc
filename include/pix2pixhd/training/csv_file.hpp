#pragma once
/// Tables in files that grow line by line, and that a killed program may leave behind at any point.

#include <pix2pixhd/store/mapped_file.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pix2pixhd::inline v0::detail {

/// Reads a table line by line. The first line names the columns. Cells are separated by commas and never quoted. A last
/// line without its end is what a killed program left, and is passed over.
class CsvReader {
 public:
  /// Error unless the file can be read and begins with a whole line.
  explicit CsvReader(const std::filesystem::path& path);

  const std::vector<std::string>& columns() const { return columns_; }
  /// Goes to the next whole line; false where there is none. Error where it has another number of cells.
  bool next();
  /// The cells of that line, until the next call.
  const std::vector<std::string_view>& cells() const { return cells_; }
  /// Bytes up to the end of that line.
  std::uint64_t position() const { return position_; }

  /// A cell as a number. Error, naming file and line, where it is none.
  std::int64_t integer(std::size_t column) const;
  double number(std::size_t column) const;

  /// Error that begins with file and line.
  [[noreturn]] void fail(const std::string& problem) const;

 private:
  bool next_line();

  MappedFile file_;
  std::string_view text_;
  std::uint64_t position_ = 0;
  std::size_t line_ = 0;
  std::vector<std::string> columns_;
  std::vector<std::string_view> cells_;
};

/// Appends to a table. Each line is handed to the system whole, so that a killed program leaves whole lines.
class CsvFile {
 public:
  /// Opens a table that begins with `bytes` bytes that are to be kept; what follows them is dropped, by a new file
  /// that takes the place of the old one.
  CsvFile(const std::filesystem::path& path, std::uint64_t bytes);
  /// Makes a table without lines; what stood there is replaced.
  CsvFile(const std::filesystem::path& path, const std::vector<std::string>& columns);
  ~CsvFile();
  CsvFile(CsvFile&& other) noexcept;
  CsvFile(const CsvFile&) = delete;
  CsvFile& operator=(const CsvFile&) = delete;
  CsvFile& operator=(CsvFile&&) = delete;

  /// Error where the line cannot be written; the table is then as before.
  void append(const std::vector<std::string>& cells);
  /// Brings what was appended to the disk.
  void sync();

 private:
  void open();
  [[noreturn]] void fail(const char* action) const;

  std::filesystem::path path_;
  int descriptor_ = -1;
};

/// The shortest text that gives the same number back, whatever the locale.
std::string csv_text(float value);
std::string csv_text(double value);

/// Error unless a text can be a cell: no comma, quotation mark or control character.
void check_csv_text(std::string_view text, std::string_view what);

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/training/csv_file-inl.hpp>
#endif
