#pragma once
/// Colours and names of classes, for looking at label maps.

#include <pix2pixhd/images/image.hpp>

#include <array>
#include <optional>
#include <string_view>

namespace pix2pixhd::inline v0 {

/// A class of a data set: its place in the table is its id.
struct NamedClass {
  std::string_view name;
  Rgb colour;
};

/// The classes of Cityscapes by the ids in its labelIds files (Cordts et al., "The Cityscapes Dataset", CVPR 2016). The
/// last one has the id -1 there and occurs in no file; networks made for 35 classes count it as 34.
inline constexpr std::array<NamedClass, 35> cityscapes_classes = {{
    {"unlabeled", {0, 0, 0}},
    {"ego vehicle", {0, 0, 0}},
    {"rectification border", {0, 0, 0}},
    {"out of roi", {0, 0, 0}},
    {"static", {0, 0, 0}},
    {"dynamic", {111, 74, 0}},
    {"ground", {81, 0, 81}},
    {"road", {128, 64, 128}},
    {"sidewalk", {244, 35, 232}},
    {"parking", {250, 170, 160}},
    {"rail track", {230, 150, 140}},
    {"building", {70, 70, 70}},
    {"wall", {102, 102, 156}},
    {"fence", {190, 153, 153}},
    {"guard rail", {180, 165, 180}},
    {"bridge", {150, 100, 100}},
    {"tunnel", {150, 120, 90}},
    {"pole", {153, 153, 153}},
    {"polegroup", {153, 153, 153}},
    {"traffic light", {250, 170, 30}},
    {"traffic sign", {220, 220, 0}},
    {"vegetation", {107, 142, 35}},
    {"terrain", {152, 251, 152}},
    {"sky", {70, 130, 180}},
    {"person", {220, 20, 60}},
    {"rider", {255, 0, 0}},
    {"car", {0, 0, 142}},
    {"truck", {0, 0, 70}},
    {"bus", {0, 60, 100}},
    {"caravan", {0, 0, 90}},
    {"trailer", {0, 0, 110}},
    {"train", {0, 80, 100}},
    {"motorcycle", {0, 0, 230}},
    {"bicycle", {119, 11, 32}},
    {"license plate", {0, 0, 142}},
}};

/// The colours of cityscapes_classes.
Palette cityscapes_palette();

/// The id of a class of Cityscapes, or nothing where there is no class of this name.
std::optional<int> cityscapes_id(std::string_view name);

/// Colours that are well told apart, for `classes` classes, 1 to 256. The first is black; each next one is, of a fixed
/// set, the farthest from all before it. So a palette for fewer classes is the beginning of one for more, and the same
/// everywhere.
Palette distinct_palette(int classes);

/// An RGB image of a label map. Pixels of the class `ignore` are black.
/// Error: a class that the palette has no colour for; `name` and pixel are named.
ImageArray colorize(const LabelArray& labels, const Palette& palette, std::optional<int> ignore = {},
                    std::string_view name = "The label map");

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/images/palette-inl.hpp>
#endif
