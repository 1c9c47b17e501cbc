#include "html_check.hpp"
#include "made_files.hpp"

#include <pix2pixhd/images/files.hpp>
#include <pix2pixhd/images/report_pictures.hpp>
#include <pix2pixhd/images/street_scene.hpp>

#include <doctest/doctest.h>

using namespace pix2pixhd;
using html_check::count;

TEST_CASE("rows link each picture to its file") {
  const std::string html =
      html_pictures({{.caption = "scene <1>",
                      .pictures = {{.file = "a b/1.png", .caption = "\"input\"", .size = {.width = 128, .height = 64}},
                                   {.file = "p/2.png", .caption = "real", .size = {.width = 1024, .height = 512}}},
                      .small = {{.file = "p/3.png", .caption = "step 5", .size = {.width = 128, .height = 64}}}},
                     {.caption = "", .pictures = {}}});
  html_check::check_page(html);
  CHECK(html_check::attributes(html, "src") == std::vector<std::string>{"a%20b/1.png", "p/2.png", "p/3.png"});
  CHECK(html_check::attributes(html, "href") == html_check::attributes(html, "src"));
  CHECK(count(html, "alt=\"&quot;input&quot;\" width=\"128\" height=\"64\"") == 1);
  CHECK(count(html, "class=\"coarse\"") == 2);
  CHECK(count(html, "class=\"strip\"") == 1);
  CHECK(count(html, "scene &lt;1&gt;") == 1);
}

TEST_CASE("pictures are written as they are, or scaled down to the width") {
  const made::TemporaryFolder directory;
  const StreetScene scene = street_scene(1, {.width = 96, .height = 50});
  write_page_picture(directory / "same.png", scene.image, 96);
  CHECK(read_image(directory / "same.png") == scene.image);
  write_page_picture(directory / "small.png", scene.image, 40);
  const Raster small = read_raster(directory / "small.png");
  CHECK(small.width == 40);
  CHECK(small.height == 21);
  CHECK(page_image(scene.image, 96) == scene.image);
  write_page_picture(directory / "small.png", page_image(scene.image, 40), 40);  // nothing is lost by keeping that
  CHECK(read_raster(directory / "small.png").bytes == small.bytes);
  CHECK(page_size({.width = 5000, .height = 1}, 100).height == 1);
  CHECK(page_size({.width = 100, .height = 7}, 100).height == 7);
  CHECK_THROWS_AS(write_page_picture(directory / "absent/x.png", scene.image, 96), Error);
  CHECK(directory.count() == 2);
}
