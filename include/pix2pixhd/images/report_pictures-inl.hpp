#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/images/png.hpp>
#include <pix2pixhd/images/report_page.hpp>
#include <pix2pixhd/images/report_pictures.hpp>
#include <pix2pixhd/store/atomic_file.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace pix2pixhd::inline v0 {
namespace detail {

PIX2PIXHD_INLINE std::string html_picture(const PagePicture& picture) {
  constexpr int few_pixels = 320;  // wide; shown larger than that, browsers would blur them
  const std::string link = html_link(picture.file), caption = html_text(picture.caption);
  return joined("<figure><a href=\"", link, "\"><img", (picture.size.width < few_pixels ? " class=\"coarse\"" : ""),
                " src=\"", link, "\" alt=\"", caption, "\" width=\"", std::to_string(picture.size.width),
                "\" height=\"", std::to_string(picture.size.height), "\"></a><figcaption>", caption,
                "</figcaption></figure>\n");
}

PIX2PIXHD_INLINE Raster page_raster(const ImageArray& image, int width, const std::string& name) {
  Raster raster = to_raster(image, 8, name);
  const PictureSize size = page_size({.width = raster.width, .height = raster.height}, width);
  return size.width == raster.width ? raster : resize_bicubic(raster, size, name);
}

}  // namespace detail

PIX2PIXHD_INLINE std::string html_pictures(const std::vector<PictureRow>& rows) {
  std::string html;
  for (const PictureRow& row : rows) {
    html += "<section class=\"card\">";
    if (!row.caption.empty()) detail::append(html, "<h3>", html_text(row.caption), "</h3>");
    html += "<div class=\"pictures\">\n";
    for (const PagePicture& picture : row.pictures) html += detail::html_picture(picture);
    html += "</div>\n";
    if (!row.small.empty()) {
      html += "<div class=\"strip\">\n";
      for (const PagePicture& picture : row.small) html += detail::html_picture(picture);
      html += "</div>\n";
    }
    html += "</section>\n";
  }
  return html;
}

PIX2PIXHD_INLINE PictureSize page_size(const PictureSize& size, int width) {
  if (size.width <= width) return size;
  const std::int64_t height = (std::int64_t{size.height} * width + size.width / 2) / size.width;
  return {.width = width, .height = static_cast<int>(std::max<std::int64_t>(height, 1))};
}

PIX2PIXHD_INLINE ImageArray page_image(const ImageArray& image, int width) {
  const std::string name = "a picture of a page";
  return to_image(detail::page_raster(image, width, name), 0, name);
}

PIX2PIXHD_INLINE void write_page_picture(const std::filesystem::path& path, const ImageArray& image, int width) {
  const std::string name = detail::sentence(path);
  AtomicFile file(path);
  file.write(encode_png(detail::page_raster(image, width, name), name));
  file.commit();
}

}  // namespace pix2pixhd::inline v0
