#pragma once

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/images/gallery.hpp>
#include <pix2pixhd/images/report_pictures.hpp>

#include <cstddef>
#include <system_error>

namespace pix2pixhd::inline v0 {

PIX2PIXHD_INLINE void write_gallery(const std::filesystem::path& path, const Gallery& gallery) {
  const std::filesystem::path folder = path.parent_path();
  const std::string pictures = detail::joined(path.stem().string(), "_pictures");
  std::error_code problem;
  std::filesystem::create_directories(folder / pictures, problem);
  detail::require(!problem, folder / pictures, " cannot be made a folder: ", problem.message(), ".");
  std::vector<PictureRow> rows;
  for (const GalleryScene& scene : gallery.scenes) {
    PictureRow row{.caption = scene.caption};
    const std::string number = std::to_string(rows.size() + 1);
    const auto add = [&](const ImageArray& image, const std::string& what, const std::string& caption) {
      const auto& shape = image.shape();
      const PictureSize size{.width = static_cast<int>(shape[3]), .height = static_cast<int>(shape[2])};
      const std::string file = detail::joined(pictures, "/scene_", number, "_", what, ".png");
      write_page_picture(folder / file, image, gallery.width);
      row.pictures.push_back({.file = file, .caption = caption, .size = page_size(size, gallery.width)});
    };
    add(scene.label, "label", "input");
    add(scene.synthesised, "synthesised", "synthesised");
    if (scene.real) add(*scene.real, "real", "real");
    for (std::size_t i = 0; i < scene.more.size(); ++i)
      add(scene.more[i].picture, "more_" + std::to_string(i + 1), scene.more[i].caption);
    rows.push_back(row);
  }
  std::string body = detail::joined("<h1>", html_text(gallery.title), "</h1>\n");
  for (const std::string& sentence : gallery.sentences) detail::append(body, "<p>", html_text(sentence), "</p>\n");
  body += html_table(gallery.figures) + html_pictures(rows);
  if (!gallery.settings.empty())
    detail::append(body, "<h2>Settings</h2>\n<section class=\"card\">", html_facts(gallery.settings), "</section>\n");
  write_page(path, {.title = gallery.title, .body = body});
}

}  // namespace pix2pixhd::inline v0
