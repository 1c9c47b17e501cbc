#pragma once
/// Pictures with something drawn over them: boundaries of instances, and instances in colours.

#include <pix2pixhd/images/image.hpp>

namespace pix2pixhd::inline v0 {

/// The picture (1, 3, H, W) with the boundaries of instances, as a generator sees them (see instance_edges()), in one
/// colour. Error for an instance map of another size, or a picture that is not one of three channels.
ImageArray overlay_edges(const ImageArray& picture, const InstanceArray& instances, const Rgb& colour = {255, 255, 0});

/// The picture with each instance tinted in a colour of its own, of `opacity` 0 to 1. The colour follows from the id
/// alone: the same instance has the same colour in every picture.
/// Errors: those of overlay_edges(); an opacity that is none.
ImageArray overlay_instances(const ImageArray& picture, const InstanceArray& instances, float opacity = 0.5f);

/// The colour of an instance. Ids that follow each other get hues far apart.
Rgb instance_colour(std::int32_t id);

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/images/overlay-inl.hpp>
#endif
