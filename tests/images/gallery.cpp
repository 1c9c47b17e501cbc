#include "html_check.hpp"
#include "made_files.hpp"

#include <pix2pixhd/images/files.hpp>
#include <pix2pixhd/images/gallery.hpp>
#include <pix2pixhd/images/street_scene.hpp>

#include <doctest/doctest.h>

#include <fstream>

using namespace pix2pixhd;

TEST_CASE("a gallery: every picture that the page shows lies beside it") {
  const made::TemporaryFolder directory;
  const StreetScene scene = street_scene(3, {.width = 64, .height = 32});
  const ImageArray label = colorize(scene.labels, street_palette());
  Gallery gallery{.title = "Streets & more",
                  .sentences = {"Trained for <2> minutes."},
                  .figures = {.columns = {"", "PSNR"}, .rows = {{"network", "20.1"}, {"mean colours", "18.2"}}},
                  .scenes = {{.caption = "one", .label = label, .synthesised = scene.image, .real = scene.image},
                             {.caption = "two",
                              .label = label,
                              .synthesised = scene.image,
                              .more = {{"style <2>", label}, {"style 3", scene.image}}}},
                  .settings = {{"seed", "1"}}};
  write_gallery(directory / "my gallery.html", gallery);
  std::ifstream file(directory / "my gallery.html");
  const std::string html{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  html_check::check_page(html);
  const std::vector<std::string> sources = html_check::attributes(html, "src");
  CHECK(sources.size() == 7);
  for (std::string source : sources) {
    source.replace(source.find("%20"), 3, " ");
    CHECK(read_raster(directory / source).width == 64);
  }
  CHECK(read_image(directory / "my gallery_pictures/scene_2_synthesised.png") == scene.image);
  CHECK(read_image(directory / "my gallery_pictures/scene_2_more_1.png") == label);
  CHECK(html_check::count(html, "style &lt;2&gt;") > 0);
  CHECK(html_check::count(html, "http-equiv") == 0);
  CHECK(html_check::count(html, "Trained for &lt;2&gt; minutes.") == 1);
  CHECK(html_check::count(html, "mean colours") == 1);

  gallery.width = 16;
  write_gallery(directory / "small.html", gallery);
  CHECK(read_raster(directory / "small_pictures/scene_1_real.png").width == 16);
  CHECK_THROWS_AS(write_gallery(directory / "small.html/gallery.html", gallery), Error);
}
