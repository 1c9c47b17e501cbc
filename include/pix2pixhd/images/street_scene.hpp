#pragma once
/// Invented street scenes, for a quick start, tests and benchmarks: nothing has to be downloaded.

#include <pix2pixhd/images/palette.hpp>
#include <pix2pixhd/images/resize.hpp>

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>

namespace pix2pixhd::inline v0 {

/// The classes of a street scene. Their colours are those of cityscapes_classes.
enum class StreetClass : std::uint8_t { sky, road, sidewalk, building, tree, car, person, pole };

inline constexpr std::array<NamedClass, 8> street_classes = {{
    {"sky", {70, 130, 180}},
    {"road", {128, 64, 128}},
    {"sidewalk", {244, 35, 232}},
    {"building", {70, 70, 70}},
    {"tree", {107, 142, 35}},
    {"car", {0, 0, 142}},
    {"person", {220, 20, 60}},
    {"pole", {153, 153, 153}},
}};

/// The colours of street_classes.
Palette street_palette();

/// A street as a camera sees it.
struct StreetScene {
  LabelArray labels;        ///< (H, W), see StreetClass
  InstanceArray instances;  ///< (H, W): 1000 * class + number for what can be counted, else the class
  ImageArray image;         ///< (1, 3, H, W) in [-1, 1], in steps of 1/127.5: a PNG of it reads back the same
};

/// The scene of a seed: a road with lane marks in perspective, sidewalks, houses, trees, street lamps, cars and people.
/// A function of its arguments alone, in integer arithmetic: the same bits on every machine. A seed shows the same
/// street at every size.
///
/// Most of the picture follows from the labels by rules that a network can learn: the sun is on the left; shade,
/// shadows and haze follow from it and from depth; lane marks, tiles and windows have fixed sizes in the street; the
/// number of floors chooses a house's material. The colours of cars and clothes are drawn at random.
///
/// Error: a picture smaller than 32 x 16 or of more than max_pixels.
StreetScene street_scene(std::uint64_t seed, const PictureSize& size = {.width = 128, .height = 64});

/// How many invented street scenes are written as a data set, which and how large.
struct StreetFolderOptions {
  /// Scenes go to <phase>_label, <phase>_inst and <phase>_img.
  std::string phase = "train";
  int count = 100;
  /// Scene i has the seed first_seed + i.
  std::uint64_t first_seed = 0;
  PictureSize size = {.width = 128, .height = 64};
};

/// Writes scenes as the folders that Dataset reads: scene_000000.png and so on. Files of that name are replaced.
/// Errors: those of street_scene(); a folder or file that cannot be written.
void write_street_folders(const std::filesystem::path& folder, const StreetFolderOptions& options = {});

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/images/street_scene-inl.hpp>
#endif
