#include <pix2pixhd/store/tensor_file.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "store_testing.hpp"

using namespace store_testing;
using pix2pixhd::open_tensor_file;
using pix2pixhd::StoredType;

TEST_CASE("all containers hold the same network") {
  const auto expected = open_tensor_file(golden("enhancer.safetensors"));
  CHECK(expected->entries().size() == 34);
  struct Case {
    const char* name;
    StoredType type;
    double tolerance;  // relative, half a unit in the last place of the type
  };
  for (const Case c :
       {Case{"enhancer_legacy.pth", StoredType::f32, 0.0}, Case{"enhancer_zip.pth", StoredType::f32, 0.0},
        Case{"enhancer_half.pth", StoredType::f16, std::ldexp(1.0, -11)},
        Case{"enhancer_bf16.pth", StoredType::bf16, std::ldexp(1.0, -8)}}) {
    CAPTURE(c.name);
    const auto file = open_tensor_file(golden(c.name));
    CHECK(file->entries().size() == expected->entries().size());
    for (const auto& entry : expected->entries()) {
      CAPTURE(entry.name);
      const auto* mine = file->find(entry.name);
      REQUIRE(mine != nullptr);
      CHECK(mine->type == c.type);
      CHECK(mine->shape == entry.shape);
      const auto a = values(*expected, entry), b = values(*file, *mine);
      bool equal = true;
      // Below 2^-14 halves lose further bits.
      for (std::size_t i = 0; i < a.size(); ++i)
        equal = equal && std::abs(a[i] - b[i]) <= c.tolerance * std::max(std::abs(a[i]), std::ldexp(1.0, -14));
      CHECK(equal);
    }
  }
}

TEST_CASE("the container is told by the content, not by the name") {
  const TemporaryFolder folder;
  for (const char* name : {"enhancer.safetensors", "enhancer_zip.pth", "enhancer_legacy.pth"}) {
    fs::copy_file(golden(name), folder / "weights.bin", fs::copy_options::overwrite_existing);
    CHECK(open_tensor_file(folder / "weights.bin")->entries().size() == 34);
  }
}

TEST_CASE("what is no tensor file is named, with the accepted formats") {
  const TemporaryFolder folder;
  for (const char* text : {"", "x", "PK", "a plain text that is longer than any magic number"}) {
    spill(folder / "file", text);
    const std::string message = opening_error(folder / "file");
    CHECK(contains(message, (folder / "file").string()));
    CHECK(contains(message, ".safetensors"));
    CHECK(contains(message, ".pth"));
  }
  CHECK(contains(opening_error(folder / "absent"), "cannot be opened"));
  CHECK(contains(opening_error(folder.path()), "not a regular file"));
}

TEST_CASE("reads check the entry and the room") {
  const auto file = open_tensor_file(golden("enhancer.safetensors"));
  const auto other = open_tensor_file(golden("containers/tiny_zip.pth"));
  const auto& entry = file->entries().front();
  std::vector<float> room(file->count(entry) + 1);
  CHECK_THROWS_AS(file->read(entry, std::span<float>(room)), pix2pixhd::Error);
  CHECK_THROWS_AS(file->read(entry, std::span<float>(room).first(room.size() - 2)), pix2pixhd::Error);
  CHECK_THROWS_AS(file->read_bytes(entry, std::as_writable_bytes(std::span<float>(room))), pix2pixhd::Error);
  CHECK_NOTHROW(file->read(entry, std::span<float>(room).first(room.size() - 1)));
  CHECK_THROWS_AS(other->read(entry, std::span<float>(room)), pix2pixhd::Error);
  CHECK_THROWS_AS(other->view(entry), pix2pixhd::Error);
  CHECK(file->find("no such tensor") == nullptr);
}

TEST_CASE("a view is what read gives") {
  for (const char* name : {"enhancer.safetensors", "containers/strided_legacy.pth", "containers/strided_zip.pth"}) {
    const auto file = open_tensor_file(golden(name));
    int seen = 0;
    for (const auto& entry : file->entries()) {
      const std::span<const float> view = file->view(entry);
      if (view.empty()) continue;
      ++seen;
      std::vector<float> read(file->count(entry));
      file->read(entry, std::span<float>(read));
      CHECK(std::equal(view.begin(), view.end(), read.begin(), read.end()));
    }
    CHECK(seen > 3);
    CHECK(file->lender() != nullptr);
  }
  CHECK(open_tensor_file(golden("enhancer_half.pth"))->view({.name = "model.1.weight"}).empty());
}

TEST_CASE("values given to writers must fit the entry") {
  const pix2pixhd::TensorEntry entry{.name = "x", .type = StoredType::f16, .shape = {2, 3}};
  const std::vector<float> six(6, 1.5F), five(5, 1.5F);
  CHECK_NOTHROW(pix2pixhd::TensorValues(six).check(entry));
  CHECK_THROWS_AS(pix2pixhd::TensorValues(five).check(entry), pix2pixhd::Error);
  CHECK_NOTHROW(pix2pixhd::TensorValues(std::as_bytes(std::span(six)).first(12)).check(entry));
  CHECK_THROWS_AS(pix2pixhd::TensorValues(std::as_bytes(std::span(six))).check(entry), pix2pixhd::Error);
  const pix2pixhd::TensorEntry integers{.name = "x", .type = StoredType::i32, .shape = {6}};
  CHECK_THROWS_AS(pix2pixhd::TensorValues(six).check(integers), pix2pixhd::Error);
}
