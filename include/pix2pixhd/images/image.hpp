#pragma once
/// The arrays that networks are fed with, and how they are made from samples and back.

#include <pix2pixhd/images/raster.hpp>
#include <pix2pixhd/ops/host_array.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pix2pixhd::inline v0 {

/// An image, (1, C, H, W) with C = 1 or 3, in [-1, 1]: -1 is black, 1 is white.
using ImageArray = xt::xtensor<float, 4>;
/// A label map, (H, W): the class of each pixel.
using LabelArray = xt::xtensor<std::uint8_t, 2>;
/// An instance map, (H, W): the id of the object that each pixel belongs to.
using InstanceArray = xt::xtensor<std::int32_t, 2>;

/// An image from samples, expanded as expand() does: v / 127.5 - 1 for 8 bit, v / 32767.5 - 1 for 16 bit.
/// `channels` is 1, 3 or 0 (as in the file). Errors: those of expand().
ImageArray to_image(const Raster& raster, int channels, std::string_view name);

/// Classes from samples, never scaled: grey values or palette indices. Alpha is dropped. RGB is accepted only where the
/// three channels are equal at every pixel.
/// Errors: a coloured pixel, or a value above 255; file and pixel are named.
LabelArray to_labels(const Raster& raster, std::string_view name);

/// Instance ids from samples: grey values of up to 16 bit or palette indices, as they are; 8-bit RGB as
/// red + 256 green + 65536 blue (the panoptic encoding). Alpha is dropped.
/// Error: RGB of 16 bit.
InstanceArray to_instances(const Raster& raster, std::string_view name);

/// Samples from an image of shape (1, 1 or 3, H, W). For 8 bit: ((x + 1) / 2 * 255) in single precision, rounded to the
/// nearest integer and ties to even as numpy.round does; values outside [-1, 1] are clamped. `bits` is 8 or 16.
/// Errors: another shape; a value that is not a number (file, channel and pixel are named).
Raster to_raster(const ImageArray& image, int bits, std::string_view name);

/// 8-bit grey samples from classes.
Raster to_raster(const LabelArray& labels, std::string_view name);

/// Samples from instance ids: 16-bit grey if all ids are below 65536, else RGB in the panoptic encoding.
/// Error: an id below 0 or above 16777215; file and pixel are named.
Raster to_raster(const InstanceArray& instances, std::string_view name);

namespace detail {

/// The shape of a map's raster, given the (H, W) of its array. Error where it could not be made.
RasterShape map_raster_shape(const std::array<std::size_t, 2>& shape, int bits, std::string_view name);

}  // namespace detail
}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/images/image-inl.hpp>
#endif
