#pragma once
/// Images, label maps and instance maps from files and to files.
///
/// What a file is, is told by its first bytes, never by its name. What is written, is told by the name. A file is
/// written whole or not at all. Every Error names the file; memory that is not to be had is an OutOfMemory. Nothing
/// here resizes.

#include <pix2pixhd/images/image.hpp>
#include <pix2pixhd/images/jpeg.hpp>
#include <pix2pixhd/images/png.hpp>
#include <pix2pixhd/images/raster.hpp>

#include <cstddef>
#include <filesystem>
#include <vector>

namespace pix2pixhd::inline v0 {

/// The formats that pictures are written in.
enum class ImageFormat { png, jpeg };

/// The format that a file of this name is written in: .png, .jpg or .jpeg, in small or capital letters. Error for any
/// other; call it before long work whose result is to be written.
ImageFormat output_format(const std::filesystem::path& path);

/// The samples of a PNG or JPEG file, as they are stored; see decode_png() and decode_jpeg() for what is read.
Raster read_raster(const std::filesystem::path& path);

/// What an image is read as.
struct ReadImageOptions {
  /// 1: grey. 3: RGB. 0: as in the file.
  int channels = 0;
};

/// An image from a PNG or JPEG file; alpha is dropped. See expand() and to_image(). Or from an .npy file of the shape
/// (1, C, H, W), whose values are taken as they are and whose channels are those asked for or an Error.
ImageArray read_image(const std::filesystem::path& path, const ReadImageOptions& options = {});

/// A label map from a PNG file: grey values or palette indices, unscaled. See to_labels(). Or from an .npy file of
/// integers of the shape (H, W). JPEG is an Error, because it changes values.
LabelArray read_labels(const std::filesystem::path& path);

/// An instance map from a PNG file: grey values, palette indices or panoptic RGB. See to_instances(). Or from an .npy
/// file of integers of the shape (H, W). JPEG is an Error.
InstanceArray read_instances(const std::filesystem::path& path);

/// How finely an image is stored, and how it is compressed.
struct WriteImageOptions {
  /// 8, or 16 for PNG.
  int bits = 8;
  PngOptions png = {};
  JpegOptions jpeg = {};
};

/// Writes an image, see to_raster() for the rounding, as PNG or JPEG.
void write_image(const std::filesystem::path& path, const ImageArray& image, const WriteImageOptions& options = {});

/// Writes a label map as PNG: 8-bit grey, or with a palette, so that viewers show colours and read_labels() the
/// classes. Errors: another extension than .png; a class that the palette has no colour for.
void write_labels(const std::filesystem::path& path, const LabelArray& labels, const Palette& palette = {});

/// Writes an instance map as PNG: 16-bit grey if all ids are below 65536, else panoptic RGB.
/// Errors: another extension than .png; an id outside 0 to 16777215.
void write_instances(const std::filesystem::path& path, const InstanceArray& instances);

/// Encodes an image as it would be written, without a file.
std::vector<std::byte> encode_image(const ImageArray& image, ImageFormat format, const WriteImageOptions& options = {});

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/images/files-inl.hpp>
#endif
