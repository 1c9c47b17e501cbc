#include "made_files.hpp"

#include <pix2pixhd/images/files.hpp>
#include <pix2pixhd/images/report_snapshots.hpp>
#include <pix2pixhd/images/street_scene.hpp>

#include <doctest/doctest.h>

#include <fstream>

using namespace pix2pixhd;
namespace fs = std::filesystem;

namespace {

std::vector<ReportScene> made_scenes() {
  std::vector<ReportScene> scenes;
  for (const std::uint64_t seed : {1u, 2u}) {
    const StreetScene scene = street_scene(seed, {.width = 48, .height = 24});
    scenes.push_back({.caption = "scene " + std::to_string(seed), .label = colorize(scene.labels, street_palette())});
    if (seed == 1) scenes.back().real = scene.image;
  }
  return scenes;
}

/// What a generator that knows its step would make.
std::vector<ImageArray> made_pictures(std::int64_t step) {
  std::vector<ImageArray> pictures;
  for (int scene = 0; scene < 2; ++scene) {
    ImageArray picture = ImageArray::from_shape({1, 3, 24, 48});
    picture.fill(static_cast<float>(step) / 127.5f - 1);
    pictures.push_back(picture);
  }
  return pictures;
}

std::ptrdiff_t files(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}

}  // namespace

TEST_CASE("the newest snapshot stands between input and real picture, the others below, and old ones go") {
  const made::TemporaryFolder directory;
  ReportSnapshots snapshots(directory / "report.html", made_scenes(), {.keep = 3});
  REQUIRE(snapshots.rows().size() == 2);
  CHECK(snapshots.rows()[0].pictures.size() == 2);
  CHECK(snapshots.rows()[1].pictures.size() == 1);
  CHECK(snapshots.rows()[0].small.empty());
  for (const std::int64_t step : {9, 10, 11, 120, 200}) snapshots.add(step, made_pictures(step));
  CHECK(snapshots.steps() == std::vector<std::int64_t>{200, 120, 11});
  const std::vector<PictureRow> rows = snapshots.rows();
  CHECK(rows[0].caption == "scene 1");
  REQUIRE(rows[0].pictures.size() == 3);
  CHECK(rows[0].pictures[0].caption == "input");
  CHECK(rows[0].pictures[1].caption == "synthesised, step 200");
  CHECK(rows[0].pictures[2].caption == "real");
  REQUIRE(rows[0].small.size() == 2);
  CHECK(rows[0].small[0].caption == "step 120");
  CHECK(rows[0].small[1].caption == "step 11");
  CHECK(rows[1].pictures.size() == 2);
  for (const PictureRow& row : rows)
    for (const PagePicture& picture : row.pictures) {
      const Raster raster = read_raster(directory / picture.file);
      CHECK(raster.width == picture.size.width);
      CHECK(raster.height == picture.size.height);
    }
  CHECK(read_image(directory / rows[0].pictures[1].file)(0, 0, 0, 0) == doctest::Approx(200 / 127.5 - 1));
  CHECK(files(directory / "report_pictures") == 3 + 2 * 3);
  CHECK_THROWS_AS(snapshots.add(300, {}), Error);
  snapshots.add(200, made_pictures(201));  // the same step again
  CHECK(snapshots.steps().size() == 3);
}

TEST_CASE("after a resume the pictures of earlier steps are shown again, those of later ones are gone") {
  const made::TemporaryFolder directory;
  {
    ReportSnapshots snapshots(directory / "report.html", made_scenes());
    for (const std::int64_t step : {10, 20, 30, 40}) snapshots.add(step, made_pictures(step));
  }
  fs::remove(directory / "report_pictures/scene_2_step_20.png");  // killed between the two
  std::ofstream(directory / "report_pictures/notes.txt") << "mine";
  std::ofstream(directory / "report_pictures/scene_1_step_-5.png") << "mine";
  ReportSnapshots snapshots(directory / "report.html", made_scenes(), {.step = 30});
  CHECK(snapshots.steps() == std::vector<std::int64_t>{30, 10});
  CHECK(files(directory / "report_pictures") == 3 + 2 * 2 + 2);
  ReportSnapshots again(directory / "report.html", made_scenes());
  CHECK(again.steps().empty());
  CHECK(files(directory / "report_pictures") == 3 + 2);
}

TEST_CASE("a page without a folder, and one whose folder cannot be made") {
  const made::TemporaryFolder directory;
  std::ofstream(directory / "file") << "x";
  CHECK_THROWS_AS(ReportSnapshots(directory / "file/report.html", made_scenes()), Error);
  CHECK_THROWS_AS(ReportSnapshots(directory / "report.html", made_scenes(), {.keep = 0}), Error);
  CHECK(directory.count() == 1);
}
