#pragma once
/// What stands behind an object that is taken away.

#include <pix2pixhd/features/scene.hpp>

namespace pix2pixhd::inline v0 {

/// Gives every pixel of `hole` the value of the pixel beside the hole that is nearest to it (distance of the centres;
/// of equals the left, then the upper one). Surfaces go before counted objects: these count only where nothing else
/// touches the hole, so that a car that is deleted between two others leaves road. Pixels touch sideways or up and
/// down. Error where the hole is the whole picture.
void fill_hole(Scene& scene, const SceneRules& rules, const Region& hole);

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/features/fill_hole-inl.hpp>
#endif
