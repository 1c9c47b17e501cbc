/// Styles in the editor: its pictures are those of synthesize, and a choice counts for what has the style.

#include "editor_testing.hpp"

#include <pix2pixhd/store/style_file.hpp>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <span>

using namespace editor_testing;

namespace {

constexpr int car = 5;

/// A street with weights that take styles, and clusters in which cars have three of them.
struct StyledStreet : Street {
  fs::path clusters = folder / "clusters.safetensors";
  std::vector<Word> more = {"--clusters", clusters};  ///< for editor and synthesize

  explicit StyledStreet(IdRule rule = IdRule::thousands, bool on_labels = false, bool instances_are_given = true) {
    with_instances = instances_are_given;
    Workplace::write_weights(weights, 8 + (with_instances ? 1 : 0) + 3);
    StyleClusters found{.features = 3, .classes = 8, .rule = rule, .on_labels = on_labels};
    found.by_class[car] = {.styles = {{.feature = {2, -2, 0}, .count = 9},
                                      {.feature = {-2, 2, 2}, .count = 8},
                                      {.feature = {0, 0, -2}, .count = 7}},
                           .mean = {0, 0, 0},
                           .samples = 24};
    found.by_class[no_class] = {.mean = {3, -3, 2}};
    save_clusters(clusters, found);
  }

  /// The picture that synthesize makes of the maps that the editor has now.
  Raster synthesized(Client& client, const std::vector<Word>& options = {}) const {
    const fs::path map = folder / "now_label.png", ids = folder / "now_instance.png", picture = folder / "picture.png";
    spill(map, client.get("/download/labels.png").body);
    std::vector<Word> words = {"--preset",  "demo", "--weights", weights, "--labels", map,
                               "--classes", "8",    "--output",  picture, "--device", "cpu"};
    if (with_instances) {
      spill(ids, client.get("/download/instances.png").body);
      words.insert(words.end(), {"--instances", ids});
    }
    words.insert(words.end(), more.begin(), more.end());
    words.insert(words.end(), options.begin(), options.end());
    const Ended ended = run("synthesize", words);
    REQUIRE_MESSAGE(ended.status == 0, ended.err);
    return read_raster(picture);
  }
};

Raster picture_of(Client& client) {
  client.rendered();
  const Answer picture = client.get("/download/picture.png");
  REQUIRE_MESSAGE(picture.status == 200, picture.error());
  return decode_png(std::as_bytes(std::span(picture.body.data(), picture.body.size())), "The picture");
}

/// The largest difference of two pictures, in steps of 8 bits.
int difference(const Raster& a, const Raster& b) {
  REQUIRE(a.bytes.size() == b.bytes.size());
  int largest = 0;
  for (std::size_t i = 0; i < a.bytes.size(); ++i) largest = std::max(largest, std::abs(a.bytes[i] - b.bytes[i]));
  return largest;
}

Json style(int x, int y, std::optional<int> number) {
  return {{"kind", "style"}, {"x", x}, {"y", y}, {"style", number ? Json(*number) : Json()}};
}

}  // namespace

TEST_CASE("pixels of an ignored label are painted as synthesize paints them, whatever the label and their ids are") {
  constexpr int ignored = 4;
  for (const IdRule rule : {IdRule::thousands, IdRule::labels}) {
    CAPTURE(to_string(rule));
    StyledStreet street(rule);
    street.more.insert(street.more.end(), {"--ignore-label", std::to_string(ignored)});
    for (std::size_t y = 20; y < 40; ++y)  // a part of the picture where the ids are those of a car
      for (std::size_t x = 10; x < 50; ++x) {
        street.scene.labels(y, x) = ignored;
        street.scene.instances(y, x) = 1000 * car + 7;
      }
    write_labels(street.labels, street.scene.labels, street_palette());
    write_instances(street.instances, street.scene.instances);
    const RunningEditor editor(street, street.more);
    Client client(editor);
    CHECK(difference(picture_of(client), street.synthesized(client)) == 0);
    CHECK(client.get("/object?x=20&y=30").json["styles"] == 0);
    const Answer refused = client.edit(style(20, 30, 0));
    CHECK(refused.status == 422);
    CHECK_MESSAGE(contains(refused.error(), "The ignored label 4 has no styles"), refused.body);
  }
}

TEST_CASE("where styles are those of classes, a choice for an object is one for all of its class") {
  const StyledStreet street(IdRule::labels, true);
  const auto cars_have = [](Client& client, const Json& number) {
    for (const char* place : {"x=20&y=40", "x=70&y=40"}) {
      const Json object = client.get(std::string("/object?") + place).json;
      CHECK(object["label"] == car);
      CHECK(object["styles"] == 3);
      CHECK(object["style"] == number);
      CHECK(object["class_style"] == number);
    }
  };
  Json undo;
  {
    RunningEditor editor(street, street.more);
    Client client(editor);
    for (const int x : {20, 70}) {
      Json one = stroke(x + 0.5, 40.5, car, 8);
      one["as"] = "new";
      client.done(one);
    }
    const Raster drawn = picture_of(client);
    CHECK(difference(drawn, street.synthesized(client)) == 0);
    cars_have(client, nullptr);

    client.done(style(70, 40, 0));
    cars_have(client, 0);
    const Raster first = picture_of(client);
    CHECK(difference(first, street.synthesized(client, {"--style", "class:5=0"})) == 0);

    const Json done = client.done(style(20, 40, 1));
    cars_have(client, 1);
    const Json box = done["box"];  // around both, so that previews show both
    CHECK(box[0].get<int>() <= 13);
    CHECK(box[0].get<int>() + box[2].get<int>() >= 78);
    const Raster second = picture_of(client);
    CHECK(difference(second, street.synthesized(client, {"--style", "class:5=1"})) == 0);
    CHECK(difference(first, second) > 0);

    const std::string shown = client.get("/thumbnail?x=20&y=40&style=1").body;
    CHECK(client.get("/thumbnail?x=20&y=40&style=0").body != shown);
    CHECK(client.get("/thumbnail?x=20&y=40&style=2").body != shown);

    Json meanwhile = style(20, 40, 2);
    meanwhile["expect"] = {{"label", 1}, {"id", 1}};
    CHECK(client.edit(meanwhile).status == 422);
    CHECK(client.edit(style(20, 40, 3)).status == 422);
    cars_have(client, 1);
    undo = client.state()["undo"];
    editor.kill();
  }
  const RunningEditor editor(street, street.more);
  Client client(editor);
  cars_have(client, 1);
  CHECK(client.state()["undo"] == undo);
  client.done(style(20, 40, std::nullopt));
  cars_have(client, nullptr);
  client.done({{"kind", "undo"}});
  cars_have(client, 1);
}

TEST_CASE("an object's style comes before its class's, also where the objects of a class are one") {
  const StyledStreet street(IdRule::labels, true, false);
  const RunningEditor editor(street, street.more);
  Client client(editor);
  client.done(stroke(20.5, 40.5, car, 8));
  client.done({{"kind", "class_style"}, {"label", car}, {"style", 2}});
  CHECK(difference(picture_of(client), street.synthesized(client, {"--style", "class:5=2"})) == 0);
  client.done(style(20, 40, 1));
  CHECK(client.get("/object?x=20&y=40").json["style"] == 1);
  CHECK(difference(picture_of(client), street.synthesized(client, {"--style", "class:5=1"})) == 0);
  CHECK(client.get("/thumbnail?x=20&y=40&style=0").body != client.get("/thumbnail?x=20&y=40&style=1").body);
}
