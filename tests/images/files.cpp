#include <images/made_jpeg.hpp>
#include <images/made_png.hpp>
#include <pix2pixhd/images/files.hpp>
#include <pix2pixhd/store/npy.hpp>

#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <string>
#include <thread>

using namespace pix2pixhd;

namespace {

ImageArray smooth_image(std::size_t channels) {
  ImageArray image = ImageArray::from_shape({1, channels, 9, 14});
  for (std::size_t i = 0; i < image.size(); ++i) image.data()[i] = static_cast<float>(i % 126) / 62.5F - 1.0F;
  return image;
}

}  // namespace

TEST_CASE("images are written and read as PNG and JPEG") {
  const made::TemporaryFolder directory;
  for (const std::size_t channels : {std::size_t{1}, std::size_t{3}}) {
    const ImageArray image = smooth_image(channels);
    for (const std::string name : {"a.png", "b.PNG", "c.jpg", "d.JPEG"}) {
      write_image(directory / name, image);
      const ImageArray read = read_image(directory / name);
      REQUIRE(read.shape() == image.shape());
      float largest = 0.0F;
      for (std::size_t i = 0; i < image.size(); ++i) {
        largest = std::max(largest, std::abs(read.data()[i] - image.data()[i]));
      }
      CHECK(largest <=
            (name.find("j") == std::string::npos && name.find("J") == std::string::npos ? 0.5F / 127.0F : 0.3F));
      CHECK(read_image(directory / name, {.channels = 1}).shape()[1] == 1);
      CHECK(read_image(directory / name, {.channels = 3}).shape()[1] == 3);
    }
    write_image(directory / "deep.png", image, {.bits = 16});
    CHECK(read_raster(directory / "deep.png").bits == 16);
  }
  CHECK(directory.count() == 5);
}

TEST_CASE("encode_image makes the bytes that write_image writes") {
  const made::TemporaryFolder directory;
  const ImageArray image = smooth_image(3);
  write_image(directory / "a.png", image);
  write_image(directory / "a.jpg", image);
  CHECK(encode_image(image, ImageFormat::png) == made::read(directory / "a.png"));
  CHECK(encode_image(image, ImageFormat::jpeg) == made::read(directory / "a.jpg"));
}

TEST_CASE("what a file is, is told by its content") {
  const made::TemporaryFolder directory;
  made::write(directory / "really_jpeg.png", made::make_jpeg({}));
  CHECK(read_image(directory / "really_jpeg.png").shape() == ImageArray::shape_type{1, 3, 20, 24});
  made::write(directory / "really_png.jpg", made::make_png(made::random_raster({.width = 4, .height = 3}, 1)));
  CHECK(read_labels(directory / "really_png.jpg").shape() == LabelArray::shape_type{3, 4});
  made::write(directory / "text.png", made::Bytes(100, std::byte{'a'}));
  CHECK(made::has(made::error_of([&] { read_image(directory / "text.png"); }), "text.png", "neither"));
  CHECK(made::has(made::error_of([&] { read_labels(directory / "text.png"); }), "text.png", "neither"));
}

TEST_CASE("maps are written and read, also with a palette") {
  const made::TemporaryFolder directory;
  LabelArray labels = {{0, 1, 2}, {3, 4, 255}};
  write_labels(directory / "labels.png", labels);
  CHECK(read_labels(directory / "labels.png") == labels);

  labels(1, 2) = 5;
  const Palette palette = {{0, 0, 0}, {1, 1, 1}, {2, 2, 2}, {3, 3, 3}, {4, 4, 4}, {50, 60, 70}};
  write_labels(directory / "coloured.png", labels, palette);
  CHECK(read_labels(directory / "coloured.png") == labels);
  CHECK(read_instances(directory / "coloured.png")(1, 2) == 5);
  CHECK(read_image(directory / "coloured.png")(0, 1, 1, 2) == 60.0F / 127.5F - 1.0F);

  for (const std::int32_t large : {26001, 1000000}) {
    const InstanceArray instances = {{0, 7, large}};
    write_instances(directory / "instances.png", instances);
    CHECK(read_instances(directory / "instances.png") == instances);
  }
}

TEST_CASE("arrays of numpy are read as they are") {
  const made::TemporaryFolder directory;
  ImageArray image = smooth_image(3);
  image(0, 2, 8, 13) = 1.5F;
  write_npy(directory / "image.npy", image);
  CHECK(read_image(directory / "image.npy") == image);
  CHECK(read_image(directory / "image.npy", {.channels = 3}) == image);
  CHECK(made::has(made::error_of([&] { read_image(directory / "image.npy", {.channels = 1}); }), "image.npy",
                  "(1, 3, 9, 14)", "(1, 1, H, W)"));
  CHECK(made::has(made::error_of([&] { read_raster(directory / "image.npy"); }), "image.npy", "PNG or JPEG"));
  write_npy(directory / "batch.npy", ImageArray(ImageArray::shape_type{2, 3, 4, 5}, 0.0F));
  CHECK(made::has(made::error_of([&] { read_image(directory / "batch.npy"); }), "(2, 3, 4, 5)", "(1, C, H, W)"));

  InstanceArray instances = {{0, 7, 26001}, {1, 2, 3}};
  write_npy(directory / "map.png", instances);
  CHECK(read_instances(directory / "map.png") == instances);
  CHECK(made::has(made::error_of([&] { read_labels(directory / "map.png"); }), "map.png", "26001", "255"));
  made::Bytes file = made::read(directory / "map.png");
  file.pop_back();
  made::write(directory / "short.npy", file);
  CHECK(made::has(made::error_of([&] { read_instances(directory / "short.npy"); }), "short.npy"));
}

TEST_CASE("a picture is read once, also from .npy: a pipe gives its bytes no second time") {
  const made::TemporaryFolder directory;
  write_npy(directory / "image.npy", smooth_image(3));
  const made::Bytes bytes = made::read(directory / "image.npy");
  const std::filesystem::path pipe = directory / "pipe.npy";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  std::atomic<bool> finished = false;
  std::thread writer([&] {
    made::write(pipe, bytes);
    // Who opens it once more, to read it again, finds it empty instead of waiting for ever.
    while (!finished) {
      const int descriptor = ::open(pipe.c_str(), O_WRONLY | O_NONBLOCK);
      if (descriptor >= 0) ::close(descriptor);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  });
  ImageArray image;
  const std::string error = made::error_of([&] { image = read_image(pipe); });
  finished = true;
  writer.join();
  CHECK(error.empty());
  CHECK(image == smooth_image(3));
}

TEST_CASE("maps are never read from or written to JPEG") {
  const made::TemporaryFolder directory;
  made::write(directory / "a.png", made::make_jpeg({.components = 1}));
  CHECK(made::has(made::error_of([&] { read_labels(directory / "a.png"); }), "a.png", "JPEG", "label map"));
  CHECK(made::has(made::error_of([&] { read_instances(directory / "a.png"); }), "a.png", "JPEG", "instance map"));
  const LabelArray labels = {{0, 1, 2}};
  CHECK(made::has(made::error_of([&] { write_labels(directory / "b.jpg", labels); }), "b.jpg", "JPEG", ".png"));
  CHECK(directory.count() == 1);
}

TEST_CASE("output_format knows three extensions") {
  CHECK(output_format("folder.d/a.png") == ImageFormat::png);
  CHECK(output_format("a.b.Jpg") == ImageFormat::jpeg);
  CHECK(output_format("a.jpeg") == ImageFormat::jpeg);
  CHECK(made::has(made::error_of([] { output_format("a.webp"); }), "a.webp", ".jpg"));
  CHECK(made::has(made::error_of([] { output_format("png"); }), "png"));
}

TEST_CASE("an output that cannot be written leaves nothing, and what was there stays") {
  const made::TemporaryFolder directory;
  const ImageArray image = smooth_image(3);
  CHECK(made::has(made::error_of([&] { write_image(directory / "none/a.png", image); }), "none/a.png"));
  CHECK(made::has(made::error_of([&] { write_image(directory / "a.gif", image); }), "a.gif", ".png"));
  CHECK(made::has(made::error_of([&] { write_image(directory / "a.jpg", image, {.bits = 16}); }), "a.jpg", "16 bits"));
  std::filesystem::create_directory(directory / "folder.png");
  CHECK(made::has(made::error_of([&] { write_image(directory / "folder.png", image); }), "folder.png"));
  CHECK(directory.count() == 1);
  CHECK(std::filesystem::is_empty(directory / "folder.png"));

  write_image(directory / "a.png", image);
  const made::Bytes before = made::read(directory / "a.png");
  ImageArray broken = image;
  broken(0, 2, 8, 13) = std::nanf("");
  CHECK(made::has(made::error_of([&] { write_image(directory / "a.png", broken); }), "a.png", "NaN", "(x 13, y 8)"));
  const LabelArray labels = {{0, 9}};
  CHECK(made::has(made::error_of([&] { write_labels(directory / "a.png", labels, Palette(3)); }), "a.png", "index 9"));
  const InstanceArray instances = {{0, -9}};
  CHECK(made::has(made::error_of([&] { write_instances(directory / "a.png", instances); }), "a.png", "-9"));
  CHECK(made::read(directory / "a.png") == before);
  CHECK(directory.count() == 2);
}
