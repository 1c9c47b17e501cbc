#pragma once

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/images/report_page.hpp>
#include <pix2pixhd/images/report_snapshots.hpp>

#include <algorithm>
#include <charconv>
#include <functional>
#include <set>
#include <string_view>
#include <system_error>

namespace pix2pixhd::inline v0 {
namespace detail {

/// The step in a name that ends in _step_123.png; nothing for other names.
PIX2PIXHD_INLINE std::optional<std::int64_t> snapshot_step(std::string_view name) {
  constexpr std::string_view before = "_step_", after = ".png";
  const std::size_t place = name.rfind(before);
  if (place == std::string_view::npos || !name.starts_with("scene_") || !name.ends_with(after)) return std::nullopt;
  const std::string_view digits =
      name.substr(place + before.size(), name.size() - place - before.size() - after.size());
  std::int64_t step = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), step);
  if (problem != std::errc() || end != digits.data() + digits.size() || step < 0) return std::nullopt;
  return step;
}

}  // namespace detail

PIX2PIXHD_INLINE ReportSnapshots::ReportSnapshots(const std::filesystem::path& page,
                                                  const std::vector<ReportScene>& scenes,
                                                  const SnapshotOptions& options)
    : folder_(page.parent_path()), pictures_(page.stem().string() + "_pictures"), options_(options) {
  detail::require(options.keep >= 1 && options.width >= 1, "A report was asked to keep ", options.keep,
                  " snapshots of a width of ", options.width, "; both must be at least 1.");
  std::error_code problem;
  std::filesystem::create_directories(folder_ / pictures_, problem);
  detail::require(!problem, folder_ / pictures_, " cannot be made a folder: ", problem.message(), ".");
  for (const ReportScene& scene : scenes) {
    const auto& shape = scene.label.shape();
    const PictureSize size{.width = static_cast<int>(shape[3]), .height = static_cast<int>(shape[2])};
    write(file_name(scenes_.size(), "label"), scene.label);
    if (scene.real) write(file_name(scenes_.size(), "real"), *scene.real);
    scenes_.push_back(
        {.caption = scene.caption, .size = page_size(size, options.width), .real = scene.real.has_value()});
  }
  find_old();
}

PIX2PIXHD_INLINE std::string ReportSnapshots::file_name(std::size_t scene, const std::string& what) const {
  return detail::joined(pictures_, "/scene_", std::to_string(scene + 1), "_", what, ".png");
}

PIX2PIXHD_INLINE std::string ReportSnapshots::step_name(std::size_t scene, std::int64_t step) const {
  return file_name(scene, detail::joined("step_", std::to_string(step)));
}

PIX2PIXHD_INLINE void ReportSnapshots::write(const std::string& name, const ImageArray& image) const {
  write_page_picture(folder_ / name, image, options_.width);
}

PIX2PIXHD_INLINE void ReportSnapshots::remove(std::int64_t step) const {
  // A file that stays although it should go is not worth stopping for: no page shows it.
  std::error_code ignored;
  for (std::size_t i = 0; i < scenes_.size(); ++i) std::filesystem::remove(folder_ / step_name(i, step), ignored);
}

PIX2PIXHD_INLINE void ReportSnapshots::find_old() {
  namespace fs = std::filesystem;
  std::error_code problem;
  std::set<std::int64_t, std::greater<>> steps;
  for (fs::directory_iterator entry(folder_ / pictures_, problem), end; !problem && entry != end;
       entry.increment(problem))
    if (const auto step = detail::snapshot_step(entry->path().filename().string())) steps.insert(*step);
  for (const std::int64_t step : steps) {
    bool whole = step <= options_.step && steps_.size() < options_.keep;
    for (std::size_t i = 0; i < scenes_.size() && whole; ++i) whole = fs::exists(folder_ / step_name(i, step), problem);
    if (whole)
      steps_.push_back(step);
    else
      remove(step);
  }
}

PIX2PIXHD_INLINE void ReportSnapshots::add(std::int64_t step, const std::vector<ImageArray>& synthesised) {
  detail::require(synthesised.size() == scenes_.size(), "A snapshot of ", synthesised.size(),
                  " pictures was given to a report of ", scenes_.size(), " scenes.");
  for (std::size_t i = 0; i < scenes_.size(); ++i) write(step_name(i, step), synthesised[i]);
  std::erase(steps_, step);
  steps_.insert(steps_.begin(), step);
  for (; steps_.size() > options_.keep; steps_.pop_back()) remove(steps_.back());
}

PIX2PIXHD_INLINE std::vector<PictureRow> ReportSnapshots::rows() const {
  std::vector<PictureRow> rows;
  for (std::size_t i = 0; i < scenes_.size(); ++i) {
    const Scene& scene = scenes_[i];
    const auto picture = [&](const std::string& file, const std::string& caption) {
      return PagePicture{.file = file, .caption = caption, .size = scene.size};
    };
    PictureRow row{.caption = scene.caption, .pictures = {picture(file_name(i, "label"), "input")}};
    for (std::size_t j = 0; j < steps_.size(); ++j) {
      const std::string step = detail::joined("step ", count_text(steps_[j]));
      if (j == 0)
        row.pictures.push_back(picture(step_name(i, steps_[j]), detail::joined("synthesised, ", step)));
      else
        row.small.push_back(picture(step_name(i, steps_[j]), step));
    }
    if (scene.real) row.pictures.push_back(picture(file_name(i, "real"), "real"));
    rows.push_back(row);
  }
  return rows;
}

}  // namespace pix2pixhd::inline v0
