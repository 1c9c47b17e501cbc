#include <images/made_files.hpp>
#include <pix2pixhd/images/dataset.hpp>
#include <pix2pixhd/images/files.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

using namespace pix2pixhd;

namespace {

namespace fs = std::filesystem;

/// Writes the parts of a data set, each picture telling its number.
struct Folders {
  made::TemporaryFolder directory;

  fs::path file(const std::string& name) const {
    const fs::path path = directory / name;
    fs::create_directories(path.parent_path());
    return path;
  }
  void labels(const std::string& name, std::uint8_t label, std::size_t width = 4, std::size_t height = 3) const {
    LabelArray map = LabelArray::from_shape({height, width});
    map.fill(label);
    write_labels(file(name), map);
  }
  void instances(const std::string& name, std::int32_t id, std::size_t width = 4, std::size_t height = 3) const {
    InstanceArray map = InstanceArray::from_shape({height, width});
    map.fill(id);
    write_instances(file(name), map);
  }
  void image(const std::string& name, float value, std::size_t width = 4, std::size_t height = 3) const {
    ImageArray picture = ImageArray::from_shape({1, 3, height, width});
    picture.fill(value);
    write_image(file(name), picture);
  }
  void sample(const std::string& name, std::uint8_t label) const {
    labels("train_label/" + name + ".png", label);
    instances("train_inst/" + name + ".png", label * 1000);
    image("train_img/" + name + ".png", -1.0F);
  }
  Dataset open(const DatasetOptions& options = {}) const { return Dataset(directory.path(), options); }
  std::string error(const DatasetOptions& options = {}) const {
    return made::error_of([&] { open(options); });
  }
};

std::ptrdiff_t lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

}  // namespace

TEST_CASE("names of parts lose the ending that all files of a folder have, and keep their folders") {
  CHECK(common_ending({"aachen/a_000019_gtFine_labelIds.png", "b/b_000019_gtFine_labelIds.png"}) == "_gtFine_labelIds");
  CHECK(common_ending({"a_gtFine_instanceIds.png"}) == "_gtFine_instanceIds");
  CHECK(common_ending({"a_leftImg8bit.png", "b_leftImg8bit.jpg"}) == "_leftImg8bit");
  CHECK(common_ending({"a_labelIds.png", "b_gtFine_labelIds.png"}) == "_labelIds");
  CHECK(common_ending({"a_inst.png", "a_label.png"}).empty());
  CHECK(common_ending({"_label.png"}).empty());
  CHECK(common_ending({}).empty());
  CHECK(sample_name("aachen/a_000019_gtFine_labelIds.png", "_gtFine_labelIds") == "aachen/a_000019");
  CHECK(sample_name("a.b.png", "") == "a.b");
}

TEST_CASE("the sizes of samples, and what a further check finds, are known once contents were looked at") {
  const Folders folders;
  folders.sample("a", 1);
  folders.labels("train_label/b.png", 2, 7, 5);
  folders.instances("train_inst/b.png", 9001, 7, 5);
  folders.image("train_img/b.png", 0.0F, 7, 5);
  const Dataset data = folders.open();
  REQUIRE(data.sizes().size() == 2);
  CHECK(data.sizes()[0].width == 4);
  CHECK(data.sizes()[1].width == 7);
  CHECK(data.sizes()[1].height == 5);
  CHECK(folders.open({.check = DatasetCheck::names}).sizes().empty());
  const std::string error = folders.error({.further_check = [](const RawSample& sample, const SampleFiles& files) {
    detail::require(sample.instances->data()[0] < 9000, files.instances, " has a large id.");
  }});
  CHECK(error.find("b.png") != std::string::npos);
  CHECK(error.find("has a large id.") != std::string::npos);
}

TEST_CASE("parts are matched by name, whatever their endings and extensions") {
  const Folders folders;
  folders.labels("train_label/b/2_gtFine_labelIds.png", 2);
  folders.labels("train_label/a/1_gtFine_labelIds.png", 1);
  folders.instances("train_inst/a/1_gtFine_instanceIds.png", 1001);
  folders.instances("train_inst/b/2_gtFine_instanceIds.png", 2001);
  folders.image("train_img/a/1_leftImg8bit.jpg", 1.0F);
  folders.image("train_img/b/2_leftImg8bit.png", -1.0F);
  folders.image("train_img/.hidden.png", -1.0F);
  const Dataset data = folders.open();
  REQUIRE(data.size() == 2);
  CHECK(data.has_labels());
  CHECK(data.has_instances());
  CHECK(data.has_images());
  CHECK(data.classes() == 35);
  CHECK(data.notes().empty());
  const RawSample first = data.read(0), second = data.read(1);
  CHECK(first.name == "a/1");
  CHECK((*first.labels)(0, 0) == 1);
  CHECK((*first.instances)(2, 3) == 1001);
  CHECK(first.image->sample(0) == 255);
  CHECK(first.image->channels == 3);
  CHECK(second.name == "b/2");
  CHECK((*second.labels)(0, 0) == 2);
  CHECK(second.image->sample(0) == 0);
  CHECK(!first.input);
  CHECK(made::has(made::error_of([&] { data.read(2); }), "Sample 2", "2 samples"));
}

TEST_CASE("files without common names are paired in order, and that is said") {
  const Folders folders;
  for (const char* name : {"l0", "l1", "l2"}) folders.labels(std::string("train_label/") + name + ".png", 3);
  for (const char* name : {"p5", "p6", "p7"}) folders.image(std::string("train_img/") + name + ".png", 0.0F);
  const Dataset data = folders.open();
  REQUIRE(data.size() == 3);
  CHECK(data.files(1).labels.filename() == "l1.png");
  CHECK(data.files(1).image.filename() == "p6.png");
  REQUIRE(data.notes().size() == 1);
  CHECK(made::has(data.notes()[0], "order", "l0.png", "p5.png", "l2.png", "p7.png"));
  CHECK(!data.has_instances());
}

TEST_CASE("files are not paired in an order that is not that of their numbers") {
  const Folders folders;
  for (int i = 1; i <= 10; ++i) {
    folders.labels("train_label/label_" + std::to_string(i) + ".png", 3);
    folders.image("train_img/photo_" + std::string(i < 10 ? "0" : "") + std::to_string(i) + ".png", 0.0F);
  }
  const std::string error = folders.error();
  CHECK(made::has(error, "train_label", "label_10.png", "comes before", "label_2.png", "zeros"));
  CHECK_FALSE(made::has(error, "photo"));
}

TEST_CASE("links to folders are followed, but not round in circles") {
  const Folders folders;
  folders.labels("elsewhere/1.png", 1);
  folders.image("pictures/more/1.png", 0.5F);
  folders.labels("train_label/0.png", 3);
  folders.image("train_img/0.png", 0.0F);
  fs::create_directory_symlink("../elsewhere", folders.directory / "train_label/more");
  fs::create_directory_symlink("../pictures/more", folders.directory / "train_img/more");
  fs::create_directory_symlink("../train_img", folders.directory / "train_img/round");
  fs::create_directory_symlink("..", folders.directory / "pictures/more/up");
  const Dataset data = folders.open();
  REQUIRE(data.size() == 2);
  CHECK(data.files(1).name == "more/1");
}

TEST_CASE("instances and photographs may be left out, asked for, or missing") {
  const Folders folders;
  folders.labels("test_label/a.png", 3);
  folders.instances("test_inst/a.png", 3);
  CHECK(made::has(folders.error({.phase = "test"}), "test_img", "photographs", "missing"));
  const Dataset data = folders.open({.phase = "test", .images = FolderUse::if_there});
  CHECK(data.has_instances());
  CHECK(!data.has_images());
  CHECK(!data.read(0).image);
  CHECK(!folders.open({.phase = "test", .instances = FolderUse::left_out, .images = FolderUse::left_out})
             .read(0)
             .instances);
  fs::remove_all(folders.directory / "test_inst");
  CHECK(made::has(folders.error({.phase = "test", .instances = FolderUse::required, .images = FolderUse::left_out}),
                  "test_inst", "missing"));
}

TEST_CASE("pairs of pictures need no labels") {
  const Folders folders;
  folders.image("train_A/1.png", 1.0F);
  folders.image("train_B/1.png", -1.0F);
  const Dataset data = folders.open({.channels = 1});
  CHECK(!data.has_labels());
  CHECK(data.classes() == 0);
  const RawSample sample = data.read(0);
  CHECK(!sample.labels);
  CHECK(sample.input->sample(0) == 255);
  CHECK(sample.input->channels == 1);
  CHECK(sample.image->sample(0) == 0);
  folders.image("train_B/1.png", -1.0F, 5);
  CHECK(made::has(folders.error(), "train_A", "train_B", "4x3", "5x3"));
}

TEST_CASE("label policies: ignored, an extra class, remapped") {
  LabelArray labels = {{0, 1, 7, 255}};
  LabelTable({.classes = 3, .remap = {{7, 2}}, .ignore = 255}).apply(labels, "a.png");
  CHECK(labels == LabelArray{{0, 1, 2, no_class}});
  labels = {{0, 1, 7, 255}};
  const LabelPolicy extra{.classes = 2, .remap = {{7, 255}}, .ignore = 255, .extra_class = true};
  LabelTable(extra).apply(labels, "a.png");
  CHECK(labels == LabelArray{{0, 1, 2, 2}});
  CHECK(network_classes(extra) == 3);
  labels = {{0, 1}};
  LabelTable({.classes = 2, .remap = {{0, 1}, {1, 0}}}).apply(labels, "a.png");
  CHECK(labels == LabelArray{{1, 0}});
  labels = {{0, 1}};
  LabelTable({.classes = 2, .ignore = 0}).apply(labels, "a.png");
  CHECK(labels == LabelArray{{no_class, 1}});
}

TEST_CASE("a label out of range names file, pixel, value and what is allowed, and changes nothing") {
  LabelArray labels = {{0, 1, 0}, {0, 0, 9}};
  const LabelTable table({.classes = 2, .remap = {{1, 0}}, .ignore = 255});
  const std::string error = made::error_of([&] { table.apply(labels, "a.png"); });
  CHECK(made::has(error, "a.png", "label 9", "(x 2, y 1)", "0 to 1", "255"));
  CHECK(labels == LabelArray{{0, 1, 0}, {0, 0, 9}});
}

TEST_CASE("policies that make no sense are refused") {
  const auto error = [](const LabelPolicy& policy) { return made::error_of([&] { LabelTable{policy}; }); };
  CHECK(made::has(error({.classes = 0}), "0 classes"));
  CHECK(made::has(error({.classes = 256}), "256 classes"));
  CHECK(made::has(error({.classes = 255, .ignore = 255, .extra_class = true}), "256 classes"));
  CHECK(made::has(error({.classes = 3, .ignore = 256}), "256", "0 to 255"));
  CHECK(made::has(error({.classes = 3, .extra_class = true}), "extra class"));
  CHECK(made::has(error({.classes = 3, .remap = {{5, 3}}}), "5 to 3"));
  CHECK(made::has(error({.classes = 3, .remap = {{300, 1}}}), "300"));
  CHECK(error({.classes = 255}).empty());
}

TEST_CASE("everything that is wrong is listed before training starts") {
  const Folders folders;
  for (const char* name : {"good", "broken", "other_size", "bad_label", "jpeg_map", "no_photo", "no_inst"})
    folders.sample(name, 3);
  CHECK(folders.error().empty());

  made::write(folders.directory / "train_img/broken.png", made::Bytes(50, std::byte{7}));
  made::Bytes cut = made::read(folders.directory / "train_label/other_size.png");
  folders.labels("train_label/other_size.png", 3, 9, 8);
  folders.labels("train_label/bad_label.png", 77);
  const std::string contents = folders.error();
  CHECK(made::has(contents, "4 reasons", "broken.png", "other_size.png", "9x8", "4x3", "bad_label.png", "label 77",
                  "(x 0, y 0)"));
  // The label map differs from both other parts.
  CHECK(lines(contents) == 4);
  CHECK(folders.error({.check = DatasetCheck::names}).empty());
  const Dataset unchecked = folders.open({.check = DatasetCheck::names});
  CHECK(made::has(made::error_of([&] { unchecked.read(0); }), "label 77"));

  fs::remove(folders.directory / "train_img/no_photo.png");
  fs::remove(folders.directory / "train_inst/no_inst.png");
  const std::string names = folders.error();
  CHECK(made::has(names, "no_photo.png\" has no photograph", "no_inst.png\" has no instance map", "train_img\" has 6"));
}

TEST_CASE("a truncated file is found before training starts") {
  const Folders folders;
  folders.sample("a", 3);
  made::Bytes bytes = made::read(folders.directory / "train_img/a.png");
  bytes.resize(bytes.size() / 2);
  made::write(folders.directory / "train_img/a.png", bytes);
  CHECK(made::has(folders.error(), "train_img/a.png"));
}

TEST_CASE("at most twenty problems are listed") {
  const Folders folders;
  for (int i = 0; i < 25; ++i) folders.sample(std::to_string(100 + i), 99);
  const std::string error = folders.error();
  CHECK(made::has(error, "25 reasons", "/100.png", "/119.png", "5 more"));
  CHECK(!made::has(error, "/120.png"));
  CHECK(lines(error) == 21);
  CHECK(folders.error({.threads = 4}) == error);
}

TEST_CASE("progress counts every sample") {
  const Folders folders;
  for (int i = 0; i < 9; ++i) folders.sample(std::to_string(i), 1);
  std::vector<std::size_t> seen;
  folders.open({.threads = 3, .progress = [&](std::size_t done, std::size_t all) {
                  CHECK(all == 9);
                  seen.push_back(done);
                }});
  CHECK(seen == std::vector<std::size_t>{1, 2, 3, 4, 5, 6, 7, 8, 9});
}

TEST_CASE("missing and empty folders, doubles and foreign files are told") {
  const Folders folders;
  CHECK(made::has(made::error_of([&] { Dataset(folders.directory / "nowhere"); }), "nowhere", "no folder"));
  CHECK(made::has(folders.error(), "train_label", "train_A"));
  fs::create_directories(folders.directory / "train_label");
  folders.image("train_img/a.png", 0.0F);
  CHECK(made::has(folders.error(), "train_label", "label maps are expected"));
  folders.labels("train_label/a.png", 1);
  made::write(folders.file("train_label/notes.txt"), {});
  const Dataset data = folders.open();
  REQUIRE(data.notes().size() == 1);
  CHECK(made::has(data.notes()[0], "notes.txt"));
  made::write(folders.file("train_label/a.jpg"), {});
  CHECK(made::has(folders.error(), "a.jpg", "both"));
  fs::remove(folders.directory / "train_label/a.jpg");
  folders.image("train_A/a.png", 0.0F);
  CHECK(made::has(folders.error(), "both", "train_label", "train_A"));
  CHECK(made::has(folders.error({.channels = 2}), "2 channels"));
}
