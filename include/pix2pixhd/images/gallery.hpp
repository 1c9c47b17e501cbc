#pragma once
/// A page of pictures with their figures: what a trained generator makes of scenes that it never saw.

#include <pix2pixhd/images/image.hpp>
#include <pix2pixhd/images/report_page.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pix2pixhd::inline v0 {

/// A picture with words below it.
struct GalleryPicture {
  std::string caption;
  ImageArray picture;
};

/// A scene of a gallery.
struct GalleryScene {
  std::string caption;
  ImageArray label;  ///< the label map in colours, see colorize(), or the picture to translate
  ImageArray synthesised;
  std::optional<ImageArray> real = {};
  std::vector<GalleryPicture> more = {};  ///< in other styles, for example
};

/// A page: a title, sentences below it, a table of figures, and rows of label map, synthesised, real and further
/// pictures.
struct Gallery {
  std::string title;
  std::vector<std::string> sentences = {};
  ReportTable figures = {};
  std::vector<GalleryScene> scenes = {};
  std::vector<NamedText> settings = {};
  int width = 1024;  ///< pictures are scaled down to it
};

/// Writes the pictures into a folder beside the page, named after it (gallery.html has gallery_pictures/), and then the
/// page, each file whole or not at all. Errors: those of to_raster(); a file that cannot be written.
void write_gallery(const std::filesystem::path& path, const Gallery& gallery);

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/images/gallery-inl.hpp>
#endif
