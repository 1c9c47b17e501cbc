#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/core/pixel_position.hpp>
#include <pix2pixhd/images/image.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace pix2pixhd::inline v0 {
namespace detail {

PIX2PIXHD_INLINE RasterShape map_raster_shape(const std::array<std::size_t, 2>& shape, int bits,
                                              std::string_view name) {
  const std::size_t limit = static_cast<std::size_t>(std::numeric_limits<int>::max());
  require(shape[0] <= limit && shape[1] <= limit, name, " would be ", shape[1], "x", shape[0], " pixels; at most ",
          max_pixels, " pixels are allowed.");
  const RasterShape result{
      .width = static_cast<int>(shape[1]), .height = static_cast<int>(shape[0]), .channels = 1, .bits = bits};
  check_raster_shape(result, name);
  return result;
}

}  // namespace detail

PIX2PIXHD_INLINE ImageArray to_image(const Raster& raster, int channels, std::string_view name) {
  const Raster samples = expand(raster, channels, name);
  const std::size_t count = static_cast<std::size_t>(samples.channels);
  const std::size_t pixels = samples.pixels();
  ImageArray image = ImageArray::from_shape(
      {1, count, static_cast<std::size_t>(samples.height), static_cast<std::size_t>(samples.width)});
  const float half = static_cast<float>(samples.max_sample()) / 2.0F;
  float* planes = image.data();
  for (std::size_t i = 0; i < pixels; ++i) {
    for (std::size_t c = 0; c < count; ++c) {
      planes[c * pixels + i] = static_cast<float>(samples.sample(i * count + c)) / half - 1.0F;
    }
  }
  return image;
}

PIX2PIXHD_INLINE LabelArray to_labels(const Raster& raster, std::string_view name) {
  check_raster(raster, name);
  LabelArray labels =
      LabelArray::from_shape({static_cast<std::size_t>(raster.height), static_cast<std::size_t>(raster.width)});
  const auto step = static_cast<std::size_t>(raster.channels);
  for (std::size_t i = 0; i < raster.pixels(); ++i) {
    const unsigned value = raster.sample(i * step);
    if (raster.channels >= 3) {
      const unsigned green = raster.sample(i * step + 1);
      const unsigned blue = raster.sample(i * step + 2);
      if (value != green || value != blue) {
        throw Error(detail::sentence(
            name, " is a colour picture: pixel ", detail::pixel_position(i, raster.width), " is (", value, ", ", green,
            ", ", blue,
            "). A label map has one number a pixel, its class; save it as a grey or palette PNG of class ids."));
      }
    }
    if (value > 255) {
      throw Error(detail::sentence(name, " has ", value, " at pixel ", detail::pixel_position(i, raster.width),
                                   ". Classes are 0 to 255; if this is an instance map, read it as one."));
    }
    labels.data()[i] = static_cast<std::uint8_t>(value);
  }
  return labels;
}

PIX2PIXHD_INLINE InstanceArray to_instances(const Raster& raster, std::string_view name) {
  check_raster(raster, name);
  detail::require(raster.channels < 3 || raster.bits == 8, name, " is RGB of ", raster.bits,
                  " bits. An instance map is a grey or palette PNG of ids, or 8-bit RGB with the id red + 256 green + "
                  "65536 blue.");
  InstanceArray instances =
      InstanceArray::from_shape({static_cast<std::size_t>(raster.height), static_cast<std::size_t>(raster.width)});
  const auto step = static_cast<std::size_t>(raster.channels);
  for (std::size_t i = 0; i < raster.pixels(); ++i) {
    unsigned id = raster.sample(i * step);
    if (raster.channels >= 3) id += 256U * raster.sample(i * step + 1) + 65536U * raster.sample(i * step + 2);
    instances.data()[i] = static_cast<std::int32_t>(id);
  }
  return instances;
}

PIX2PIXHD_INLINE Raster to_raster(const ImageArray& image, int bits, std::string_view name) {
  const auto& shape = image.shape();
  detail::require(shape[0] == 1 && (shape[1] == 1 || shape[1] == 3), name, " would be made from an array of shape (",
                  shape[0], ", ", shape[1], ", ", shape[2], ", ", shape[3],
                  "); an image has the shape (1, C, H, W) with C = 1 or 3. Write the pictures of a batch one by one.");
  detail::require(bits == 8 || bits == 16, name, " would have ", bits, " bits a sample; 8 and 16 are possible.");
  RasterShape wanted = detail::map_raster_shape({shape[2], shape[3]}, bits, name);
  wanted.channels = static_cast<int>(shape[1]);
  Raster raster = make_raster(wanted, name);
  const std::size_t count = shape[1];
  const std::size_t pixels = raster.pixels();
  const float largest = static_cast<float>(raster.max_sample());
  for (std::size_t c = 0; c < count; ++c) {
    const float* plane = image.data() + c * pixels;
    for (std::size_t i = 0; i < pixels; ++i) {
      if (std::isnan(plane[i])) {
        throw Error(detail::sentence(name, " was not written: the image is not a number (NaN) in channel ", c,
                                     " at pixel ", detail::pixel_position(i, raster.width),
                                     ". Look for the first layer whose output is NaN."));
      }
      const float value = (std::clamp(plane[i], -1.0F, 1.0F) + 1.0F) / 2.0F * largest;
      // The default rounding mode is to nearest, ties to even.
      raster.set_sample(i * count + c, static_cast<unsigned>(std::lrint(value)));
    }
  }
  return raster;
}

PIX2PIXHD_INLINE Raster to_raster(const LabelArray& labels, std::string_view name) {
  const auto& shape = labels.shape();
  Raster raster = make_raster(detail::map_raster_shape({shape[0], shape[1]}, 8, name), name);
  std::copy_n(labels.data(), labels.size(), raster.bytes.begin());
  return raster;
}

PIX2PIXHD_INLINE Raster to_raster(const InstanceArray& instances, std::string_view name) {
  const auto& shape = instances.shape();
  RasterShape wanted = detail::map_raster_shape({shape[0], shape[1]}, 16, name);
  for (std::size_t i = 0; i < instances.size(); ++i) {
    const std::int32_t id = instances.data()[i];
    if (id < 0 || id > 0xFFFFFF) {
      throw Error(detail::sentence(name, " was not written: id ", id, " at pixel ",
                                   detail::pixel_position(i, wanted.width),
                                   ". Ids of 0 to 16777215 can be written as PNG; renumber them."));
    }
    if (id > 0xFFFF) {
      wanted.channels = 3;
      wanted.bits = 8;
    }
  }
  Raster raster = make_raster(wanted, name);
  for (std::size_t i = 0; i < instances.size(); ++i) {
    const auto id = static_cast<unsigned>(instances.data()[i]);
    if (wanted.channels == 1) {
      raster.set_sample(i, id);
    } else {
      raster.set_sample(3 * i, id & 0xFFU);
      raster.set_sample(3 * i + 1, (id >> 8) & 0xFFU);
      raster.set_sample(3 * i + 2, id >> 16);
    }
  }
  return raster;
}

}  // namespace pix2pixhd::inline v0
