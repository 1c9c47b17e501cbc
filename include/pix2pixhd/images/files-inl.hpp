#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/images/files.hpp>
#include <pix2pixhd/store/atomic_file.hpp>
#include <pix2pixhd/store/npy.hpp>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

namespace pix2pixhd::inline v0 {
namespace detail {

/// Longer than any file of max_pixels pixels. A device file has no end.
inline constexpr std::size_t max_picture_file_bytes = std::size_t{1} << 31;

PIX2PIXHD_INLINE bool is_npy(std::span<const std::byte> file) {
  constexpr std::string_view begin = "\x93NUMPY";
  return file.size() >= begin.size() && std::memcmp(file.data(), begin.data(), begin.size()) == 0;
}

/// The bytes of a picture file. Read, not mapped: a file that another program shortens while it is mapped ends the
/// process.
PIX2PIXHD_INLINE std::vector<std::byte> read_picture_file(const std::filesystem::path& path) {
  std::error_code ignored;
  require(!std::filesystem::is_directory(path, ignored), path, " is a directory; an image file is expected.");
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  require(stream.is_open(), path, " cannot be opened: ", std::generic_category().message(errno), ".");
  constexpr std::size_t part = std::size_t{1} << 20;
  std::vector<std::byte> file;
  while (stream.good()) {
    require(file.size() < max_picture_file_bytes, path, " is longer than ", max_picture_file_bytes,
            " bytes, the most that is read.");
    const std::size_t size = file.size();
    file.resize(size + part);
    stream.read(reinterpret_cast<char*>(file.data() + size), static_cast<std::streamsize>(part));
    file.resize(size + static_cast<std::size_t>(stream.gcount()));
    require(file.empty() || is_png(file) || is_jpeg(file) || is_npy(file), path,
            " is neither a PNG, a JPEG nor an .npy file; convert it to one of them.");
  }
  require(stream.eof(), path, " cannot be read to its end.");
  require(!file.empty(), path, " is empty; an image file is expected.");
  return file;
}

/// Runs `work` and says which file there was no memory for.
template <class Work>
auto with_picture_memory(const std::filesystem::path& path, const Work& work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    throw OutOfMemory(sentence("There is not enough memory for ", path, "."));
  }
}

/// The samples of a PNG or JPEG file.
PIX2PIXHD_INLINE Raster decode_picture(std::span<const std::byte> file, const std::filesystem::path& path) {
  return is_png(file) ? decode_png(file, sentence(path)) : decode_jpeg(file, sentence(path));
}

/// A map from PNG, through its samples, or from .npy.
template <class Map, class FromRaster>
Map read_map(const std::filesystem::path& path, std::string_view kind, const FromRaster& from_raster) {
  const std::vector<std::byte> file = read_picture_file(path);
  if (is_npy(file)) return npy_array<typename Map::value_type, 2>(file, path);
  require(!is_jpeg(file), path, " is a JPEG, whose compression changes the numbers of a ", kind,
          " map. Make the map anew as PNG.");
  return from_raster(decode_png(file, sentence(path)), sentence(path));
}

/// An image from .npy.
PIX2PIXHD_INLINE ImageArray read_image_npy(std::span<const std::byte> file, const std::filesystem::path& path,
                                           int channels) {
  ImageArray image = npy_array<float, 4>(file, path);
  const auto& shape = image.shape();
  const bool fits = channels == 0 || shape[1] == static_cast<std::size_t>(channels);
  require(shape[0] == 1 && image.size() > 0 && fits, path, " holds an array of shape (", shape[0], ", ", shape[1], ", ",
          shape[2], ", ", shape[3], "); an image has the shape (1, ", channels == 0 ? "C" : std::to_string(channels),
          ", H, W).");
  return image;
}

PIX2PIXHD_INLINE void write_picture_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

PIX2PIXHD_INLINE void write_map_raster(const std::filesystem::path& path, const Raster& raster) {
  require(output_format(path) == ImageFormat::png, path,
          " would be a JPEG, whose compression changes the numbers of a map. Choose a name that ends in .png.");
  // Maps are flat areas: to compress them well takes little time.
  write_picture_file(path, encode_png(raster, sentence(path), {.level = 6}));
}

PIX2PIXHD_INLINE std::vector<std::byte> encode_named_image(const ImageArray& image, ImageFormat format,
                                                           const WriteImageOptions& options, std::string_view name) {
  require(format == ImageFormat::png || options.bits == 8, name, " would have ", options.bits,
          " bits a sample; a JPEG has 8. Write a PNG instead.");
  const Raster raster = to_raster(image, options.bits, name);
  return format == ImageFormat::png ? encode_png(raster, name, options.png) : encode_jpeg(raster, name, options.jpeg);
}

}  // namespace detail

PIX2PIXHD_INLINE ImageFormat output_format(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  if (extension == ".png") return ImageFormat::png;
  detail::require(extension == ".jpg" || extension == ".jpeg", path, " ends in \"", extension,
                  "\"; pictures are written as .png, .jpg or .jpeg.");
  return ImageFormat::jpeg;
}

PIX2PIXHD_INLINE Raster read_raster(const std::filesystem::path& path) {
  return detail::with_picture_memory(path, [&] {
    const std::vector<std::byte> file = detail::read_picture_file(path);
    detail::require(!detail::is_npy(file), path, " is an .npy file; a PNG or JPEG file is expected.");
    return detail::decode_picture(file, path);
  });
}

PIX2PIXHD_INLINE ImageArray read_image(const std::filesystem::path& path, const ReadImageOptions& options) {
  return detail::with_picture_memory(path, [&] {
    const std::vector<std::byte> file = detail::read_picture_file(path);
    if (detail::is_npy(file)) return detail::read_image_npy(file, path, options.channels);
    return to_image(detail::decode_picture(file, path), options.channels, detail::sentence(path));
  });
}

PIX2PIXHD_INLINE LabelArray read_labels(const std::filesystem::path& path) {
  return detail::with_picture_memory(path, [&] { return detail::read_map<LabelArray>(path, "label", to_labels); });
}

PIX2PIXHD_INLINE InstanceArray read_instances(const std::filesystem::path& path) {
  return detail::with_picture_memory(path,
                                     [&] { return detail::read_map<InstanceArray>(path, "instance", to_instances); });
}

PIX2PIXHD_INLINE void write_image(const std::filesystem::path& path, const ImageArray& image,
                                  const WriteImageOptions& options) {
  detail::with_picture_memory(path, [&] {
    const ImageFormat format = output_format(path);
    detail::write_picture_file(path, detail::encode_named_image(image, format, options, detail::sentence(path)));
  });
}

PIX2PIXHD_INLINE void write_labels(const std::filesystem::path& path, const LabelArray& labels,
                                   const Palette& palette) {
  detail::with_picture_memory(path, [&] {
    Raster raster = to_raster(labels, detail::sentence(path));
    raster.palette = palette;
    // A palette file must name a colour for every pixel; expanding it asks for each.
    if (!palette.empty()) expand(raster, 3, detail::sentence(path));
    detail::write_map_raster(path, raster);
  });
}

PIX2PIXHD_INLINE void write_instances(const std::filesystem::path& path, const InstanceArray& instances) {
  detail::with_picture_memory(path,
                              [&] { detail::write_map_raster(path, to_raster(instances, detail::sentence(path))); });
}

PIX2PIXHD_INLINE std::vector<std::byte> encode_image(const ImageArray& image, ImageFormat format,
                                                     const WriteImageOptions& options) {
  return detail::encode_named_image(image, format, options, "The image");
}

}  // namespace pix2pixhd::inline v0
