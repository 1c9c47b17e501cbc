#pragma once
/// Figures of synthesised pictures, as a table for people and as files for programs.

#include <pix2pixhd/store/atomic_file.hpp>
#include <pix2pixhd/training/evaluation.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace tools {

/// A row: what was compared with the real pictures.
struct NamedFigures {
  std::string name;
  pix2pixhd::Figures figures;
};

inline std::string number_text(const std::optional<double>& value, int digits) {
  if (!value) return "-";
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, *value);
  return text;
}

inline std::size_t most_levels(const std::vector<NamedFigures>& rows) {
  std::size_t levels = 0;
  for (const NamedFigures& row : rows) levels = std::max(levels, row.figures.sliced_wasserstein.size());
  return levels;
}

/// Prints columns, the first to the left and the others to the right, each as wide as it must be.
inline void print_columns(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const std::vector<std::string>& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i == widths.size()) widths.push_back(0);
      widths[i] = std::max(widths[i], row[i].size());
    }
  for (const std::vector<std::string>& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i)
      std::printf(i == 0 ? "%-*s" : "  %*s", static_cast<int>(widths[i]), row[i].c_str());
    std::printf("\n");
  }
}

/// The table of figures, and below it, where there are labels, that of colour errors by class.
inline void print_figures(const std::vector<NamedFigures>& rows) {
  const std::size_t levels = most_levels(rows);
  std::vector<std::vector<std::string>> table = {{"", "pictures", "PSNR", "SSIM"}},
                                        classes = {{"colour error of class"}};
  for (std::size_t i = 0; i < levels; ++i) table[0].push_back("SWD " + std::to_string(i));
  table[0].emplace_back("colour error");
  std::size_t count = 0;
  for (const NamedFigures& row : rows) {
    const pix2pixhd::Figures& figures = row.figures;
    table.push_back(
        {row.name, std::to_string(figures.pictures), number_text(figures.psnr, 2), number_text(figures.ssim, 3)});
    for (std::size_t i = 0; i < levels; ++i)
      table.back().push_back(i < figures.sliced_wasserstein.size() ? number_text(figures.sliced_wasserstein[i], 3)
                                                                   : "-");
    table.back().push_back(number_text(figures.colour_error, 1));
    count = std::max(count, figures.class_colour_errors.size());
    classes[0].push_back(row.name);
  }
  print_columns(table);
  for (std::size_t label = 0; label < count; ++label) {
    std::vector<std::string> line = {std::to_string(label)};
    bool any = false;
    for (const NamedFigures& row : rows) {
      const auto& errors = row.figures.class_colour_errors;
      line.push_back(number_text(label < errors.size() ? errors[label] : std::nullopt, 1));
      any = any || line.back() != "-";
    }
    if (any) classes.push_back(line);
  }
  if (classes.size() == 1) return;
  std::printf("\n");
  print_columns(classes);
}

inline void write_text(const std::filesystem::path& path, const std::string& text) {
  pix2pixhd::AtomicFile file(path);
  file.write(text);
  file.commit();
}

/// An array of objects. What is not there, or infinite, is null.
inline void write_json(const std::filesystem::path& path, const std::vector<NamedFigures>& rows) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const NamedFigures& row : rows) {
    const pix2pixhd::Figures& figures = row.figures;
    nlohmann::ordered_json errors = nlohmann::ordered_json::array();
    for (const std::optional<double>& error : figures.class_colour_errors)
      errors.push_back(error ? nlohmann::ordered_json(*error) : nlohmann::ordered_json());
    all.push_back({{"name", row.name},
                   {"pictures", figures.pictures},
                   {"psnr", figures.psnr},
                   {"ssim", figures.ssim},
                   {"sliced_wasserstein", figures.sliced_wasserstein},
                   {"colour_error",
                    figures.colour_error ? nlohmann::ordered_json(*figures.colour_error) : nlohmann::ordered_json()},
                   {"class_colour_errors", errors}});
  }
  // Names of files may hold bytes that are no text.
  write_text(path, all.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

/// A line for each row; what is not there is empty.
inline void write_csv(const std::filesystem::path& path, const std::vector<NamedFigures>& rows) {
  const std::size_t levels = most_levels(rows);
  std::size_t classes = 0;
  for (const NamedFigures& row : rows) classes = std::max(classes, row.figures.class_colour_errors.size());
  std::string text = "name,pictures,psnr,ssim";
  for (std::size_t i = 0; i < levels; ++i) text.append(",wasserstein_level").append(std::to_string(i));
  text += ",colour_error";
  for (std::size_t i = 0; i < classes; ++i) text.append(",colour_error_class").append(std::to_string(i));
  text += "\n";
  const auto add = [&](const std::optional<double>& value) {
    text += ",";
    if (value) text += number_text(value, 6);
  };
  for (const NamedFigures& row : rows) {
    const pix2pixhd::Figures& figures = row.figures;
    text += '"';
    for (const char c : row.name) text.append(c == '"' ? 2 : 1, c);
    text.append("\",").append(std::to_string(figures.pictures));
    add(figures.psnr);
    add(figures.ssim);
    for (std::size_t i = 0; i < levels; ++i)
      add(i < figures.sliced_wasserstein.size() ? std::optional(figures.sliced_wasserstein[i]) : std::nullopt);
    add(figures.colour_error);
    for (std::size_t i = 0; i < classes; ++i)
      add(i < figures.class_colour_errors.size() ? figures.class_colour_errors[i] : std::nullopt);
    text += "\n";
  }
  write_text(path, text);
}

}  // namespace tools
