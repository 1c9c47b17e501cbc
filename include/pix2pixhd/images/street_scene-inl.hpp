#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/images/files.hpp>
#include <pix2pixhd/images/street_scene.hpp>
#include <pix2pixhd/images/street_scene_layout.hpp>
#include <pix2pixhd/images/street_scene_surfaces.hpp>
#include <pix2pixhd/images/street_scene_things.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <system_error>

namespace pix2pixhd::inline v0 {
namespace detail::street {

/// Counts the instances of each class.
class Inks {
 public:
  /// Of what is not counted: its id is its class.
  Ink plain(StreetClass kind) const {
    const auto label = static_cast<std::uint8_t>(kind);
    return {.label = label, .instance = label};
  }
  /// Of one more thing of a class.
  Ink next(StreetClass kind) {
    const auto label = static_cast<std::uint8_t>(kind);
    return {.label = label, .instance = 1000 * label + counts_.at(label)++};
  }

 private:
  std::array<std::int32_t, street_classes.size()> counts_{};
};

PIX2PIXHD_INLINE StreetClass class_of(Kind kind) {
  switch (kind) {
    case Kind::car:
      return StreetClass::car;
    case Kind::person:
      return StreetClass::person;
    case Kind::tree:
      return StreetClass::tree;
    case Kind::pole:
      break;
  }
  return StreetClass::pole;
}

PIX2PIXHD_INLINE void paint_ground(Canvas& canvas, const Layout& layout, const Inks& inks) {
  canvas.paint(canvas.all(), inks.plain(StreetClass::sky), Sky{layout.camera, canvas.width()});
  canvas.paint(canvas.all(), inks.plain(StreetClass::sidewalk), Sidewalk{layout});
  canvas.paint(canvas.all(), inks.plain(StreetClass::road), Road{layout});
}

/// The houses of one side, the far ones first.
PIX2PIXHD_INLINE void paint_houses(Canvas& canvas, const Camera& camera, const std::vector<House>& houses, Length side,
                                   Inks& inks) {
  for (auto house = houses.rbegin(); house != houses.rend(); ++house) {
    const Ink ink = inks.next(StreetClass::building);
    const Length outer = side < 0 ? side - 11000 : side + 11000;
    const Area gable = camera.area(std::min(side, outer), std::max(side, outer), house->height(), 0, house->begin);
    canvas.paint(gable, ink, Gable{camera, *house, side});
    const Area far = camera.area(side, side, house->height(), 0, house->end);
    canvas.paint({std::min(gable.left, far.left), gable.top, std::max(gable.right, far.right), gable.bottom}, ink,
                 Front{camera, *house, side});
  }
}

PIX2PIXHD_INLINE Canvas paint_scene(const Layout& layout, const PictureSize& size) {
  Canvas canvas(size);
  Inks inks;
  paint_ground(canvas, layout, inks);
  canvas.paint(canvas.all(), inks.next(StreetClass::building), Skyline{layout.camera});
  paint_houses(canvas, layout.camera, layout.left, -house_front, inks);
  paint_houses(canvas, layout.camera, layout.right, house_front, inks);
  for (const Thing& thing : layout.things) throw_shadow(canvas, layout.camera, thing);
  for (const Thing& thing : layout.things) paint_thing(canvas, layout.camera, thing, inks.next(class_of(thing.kind)));
  canvas.shade(canvas.all(), [&](const Ink&, const Point&) { return layout.exposure; });
  return canvas;
}

PIX2PIXHD_INLINE StreetScene to_arrays(const Canvas& canvas) {
  const auto height = static_cast<std::size_t>(canvas.height()), width = static_cast<std::size_t>(canvas.width());
  StreetScene scene{.labels = LabelArray::from_shape({height, width}),
                    .instances = InstanceArray::from_shape({height, width}),
                    .image = ImageArray::from_shape({1, 3, height, width})};
  const std::size_t pixels = height * width;
  for (std::size_t i = 0; i < pixels; ++i) {
    scene.labels.data()[i] = canvas.inks()[i].label;
    scene.instances.data()[i] = canvas.inks()[i].instance;
    for (std::size_t c = 0; c < 3; ++c)
      scene.image.data()[c * pixels + i] = static_cast<float>(canvas.samples()[3 * i + c]) / 127.5F - 1.0F;
  }
  return scene;
}

}  // namespace detail::street

PIX2PIXHD_INLINE Palette street_palette() {
  Palette palette;
  for (const NamedClass& entry : street_classes) palette.push_back(entry.colour);
  return palette;
}

PIX2PIXHD_INLINE StreetScene street_scene(std::uint64_t seed, const PictureSize& size) {
  detail::require(size.width >= 32 && size.height >= 16, "A street scene was asked for in ", size.width, "x",
                  size.height, " pixels; at least 32x16 are needed to show a street.");
  detail::check_raster_shape({.width = size.width, .height = size.height}, "The street scene");
  return detail::street::to_arrays(detail::street::paint_scene(detail::street::lay_out(seed, size), size));
}

PIX2PIXHD_INLINE void write_street_folders(const std::filesystem::path& folder, const StreetFolderOptions& options) {
  detail::require(options.count >= 0, "write_street_folders was asked for ", options.count, " scenes.");
  const auto part = [&](const char* name) { return folder / (options.phase + name); };
  for (const char* name : {"_label", "_inst", "_img"}) {
    std::error_code error;
    std::filesystem::create_directories(part(name), error);
    detail::require(!error, part(name), " cannot be made: ", error.message(), ".");
  }
  const Palette palette = street_palette();
  for (int i = 0; i < options.count; ++i) {
    const StreetScene scene = street_scene(options.first_seed + static_cast<std::uint64_t>(i), options.size);
    std::array<char, 32> name{};
    std::snprintf(name.data(), name.size(), "scene_%06d.png", i);
    write_labels(part("_label") / name.data(), scene.labels, palette);
    write_instances(part("_inst") / name.data(), scene.instances);
    write_image(part("_img") / name.data(), scene.image);
  }
}

}  // namespace pix2pixhd::inline v0
