/// The renderer and the server with a painter that needs no network.

#include "editor_testing.hpp"

#include "../../examples/tools/edit/renderer.hpp"
#include "../../examples/tools/edit/server.hpp"

using namespace editor_testing;
using tools::edit::Painter;
using tools::edit::PainterInput;
using tools::edit::Renderer;
using tools::edit::Studio;

namespace {

/// Grey pictures.
class GreyPainter final : public Painter {
 public:
  int alignment() const override { return 4; }
  bool ready() const override { return false; }
  ImageArray whole(const PainterInput& input) override { return grey(input); }
  ImageArray part(const PainterInput& input) override { return grey(input); }
  ImageArray other(const PainterInput& input) override { return grey(input); }
  void stop_on(std::stop_token) override {}

 private:
  static ImageArray grey(const PainterInput& input) {
    const auto& sides = input.scene.labels.shape();
    ImageArray picture = ImageArray::from_shape({1, 3, sides[0], sides[1]});
    picture.fill(0);
    return picture;
  }
};

/// A renderer of a scene of one class but for its last pixel.
struct Rendering {
  TemporaryFolder folder;
  tools::edit::Options options;
  Studio studio;
  Renderer* listener = nullptr;
  Renderer renderer{studio, std::make_unique<GreyPainter>(), listener};

  Rendering(std::size_t h, std::size_t w)
      : options(written(h, w)), studio(options, {.classes = 8, .ignore = {}, .ids = IdRule::thousands, .styles = {}}) {}

 private:
  tools::edit::Options written(std::size_t h, std::size_t w) const {
    LabelArray labels = LabelArray::from_shape({h, w});
    labels.fill(4);
    labels(h - 1, w - 1) = 3;
    tools::edit::Options made;
    made.labels = folder / "label.png";
    made.port = 0;
    write_labels(made.labels, labels);
    return made;
  }
};

}  // namespace

TEST_CASE("thumbnails of a picture that is lower than they usually are") {
  Rendering low(16, 400);
  const auto made = low.renderer.thumbnail({.x = 399, .y = 15}, 0);
  REQUIRE(made);
  const Raster picture = decode_png(made->bytes, "thumbnail");
  CHECK(picture.width == 16);
  CHECK(picture.height == 16);
}

TEST_CASE("a thumbnail that is asked for after the end is none") {
  Rendering ended(32, 32);
  ended.studio.end();
  std::this_thread::sleep_for(std::chrono::milliseconds(200));  // the renderer's thread ends
  CHECK(ended.renderer.thumbnail({.x = 1, .y = 1}, 0) == nullptr);
}

TEST_CASE("a server that is stopped before it serves does not") {
  Rendering scene(32, 32);
  tools::edit::EditorServer server(scene.options, scene.studio, scene.renderer, "page");
  server.bind();
  std::thread stopper([&] { server.stop(); });
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  server.serve();
  stopper.join();
}
