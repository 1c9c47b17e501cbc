#pragma once
/// Pictures on a page: files beside it, and rows of them.

#include <pix2pixhd/images/image.hpp>
#include <pix2pixhd/images/resize.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace pix2pixhd::inline v0 {

/// A picture on a page.
struct PagePicture {
  std::string file;     ///< relative to the page
  std::string caption;  ///< plain text
  PictureSize size = {};
};

/// Pictures of one scene side by side.
struct PictureRow {
  std::string caption;
  std::vector<PagePicture> pictures = {};
  std::vector<PagePicture> small = {};  ///< below them in a strip that can be pushed sideways
};

/// Rows as HTML. A picture is a link to its file; one of few pixels is shown with their edges sharp.
std::string html_pictures(const std::vector<PictureRow>& rows);

/// How large a picture is on a page that shows none wider than `width`: the ratio of its sides is kept.
PictureSize page_size(const PictureSize& size, int width);

/// What a page shows of an image (1, 1 or 3, H, W) in [-1, 1]: all that has to be kept of it until the page is written.
/// Errors: those of to_raster().
ImageArray page_image(const ImageArray& image, int width);

/// Writes an image (1, 1 or 3, H, W) in [-1, 1] as a PNG file, whole or not at all, no wider than `width`.
/// Errors: those of to_raster(); a file that cannot be written.
void write_page_picture(const std::filesystem::path& path, const ImageArray& image, int width);

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/images/report_pictures-inl.hpp>
#endif
