#include <pix2pixhd/store/pytorch_zip.hpp>
#include <pix2pixhd/store/zip_writer.hpp>

#include <doctest/doctest.h>
#include <zip.h>

#include <cstring>

#include "pickle_testing.hpp"
#include "pytorch_containers.hpp"

using namespace store_testing;
using namespace pickle_testing;

namespace {

using Members = std::vector<std::pair<std::string, std::string>>;

void write_zip(const fs::path& path, const Members& members) {
  pix2pixhd::detail::ZipWriter zip(path);
  for (const auto& [name, bytes] : members)
    zip.add(name, bytes.size(), [&bytes = bytes](std::uint64_t offset, std::span<std::byte> out) {
      std::memcpy(out.data(), bytes.data() + offset, out.size());
      return out.size();
    });
  zip.commit();
}

const std::string one_tensor = pickle_of(tensor(storage(2), {.offset = 0, .shape = {2}, .strides = {1}}));

}  // namespace

TEST_CASE("files of the zip container hold what torch.save was given") { check_containers("zip"); }

TEST_CASE("later pickle protocols are read") {
  for (const char* name : {"tiny_zip", "tiny_protocol3_zip", "tiny_protocol4_zip", "tiny_protocol5_zip"}) {
    const auto file = open_tensor_file(golden("containers/" + std::string(name) + ".pth"));
    CHECK(values(*file, "w") == ramp(4));
    CHECK(values(*file, "b") == ramp(1));
  }
}

TEST_CASE("the archive's members are checked") {
  const TemporaryFolder folder;
  const auto message = [&](const Members& members) {
    write_zip(folder / "file", members);
    const std::string text = opening_error(folder / "file");
    CHECK(contains(text, (folder / "file").string()));
    return text;
  };
  const std::string data(8, '\0');
  write_zip(folder / "file",
            {{"any name/data.pkl", one_tensor}, {"any name/version", "3\n"}, {"any name/data/0", data}});
  CHECK(values(*open_tensor_file(folder / "file"), "x") == std::vector<double>{0, 0});

  CHECK(contains(message({{"a/other", one_tensor}}), "without a data.pkl"));
  CHECK(contains(message({{"data.pkl", one_tensor}}), "without a data.pkl"));
  CHECK(contains(message({{"a/data.pkl", one_tensor}, {"a/data/0", data}}), "no valid version"));
  CHECK(contains(message({{"a/data.pkl", one_tensor}, {"a/version", "11"}, {"a/data/0", data}}), "version is 11"));
  CHECK(contains(message({{"a/data.pkl", one_tensor}, {"a/version", ""}, {"a/data/0", data}}), "version is 0"));
  CHECK(contains(message({{"a/data.pkl", one_tensor}, {"a/version", "3"}, {"a/byteorder", "big"}, {"a/data/0", data}}),
                 "little-endian"));
  CHECK(contains(message({{"a/data.pkl", one_tensor}, {"a/version", "3"}}), "is missing"));
  CHECK(
      contains(message({{"a/data.pkl", one_tensor}, {"a/version", "3"}, {"a/data/0", data + "1234"}}), "has 12 bytes"));
  CHECK(
      contains(message({{"a/data.pkl", one_tensor}, {"a/version", "3"}, {"a/data/0", data.substr(1)}}), "has 7 bytes"));
  CHECK(contains(
      message({{"a/data.pkl", "\x80\x02" + global("os", "system") + text("ls") + "\x85R."}, {"a/version", "3"}}),
      "os.system"));
}

TEST_CASE("compressed members, which could grow without bound, are refused") {
  const TemporaryFolder folder;
  int code = 0;
  zip_t* archive = ::zip_open((folder / "file").c_str(), ZIP_CREATE, &code);
  REQUIRE(archive != nullptr);
  const std::string data(8, '\0');
  const std::string version = "3";
  for (const auto& [name, bytes] : {std::pair<const char*, const std::string&>("a/data.pkl", one_tensor),
                                    {"a/version", version},
                                    {"a/data/0", data}}) {
    const zip_int64_t index =
        ::zip_file_add(archive, name, ::zip_source_buffer(archive, bytes.data(), bytes.size(), 0), 0);
    REQUIRE(index >= 0);
    ::zip_set_file_compression(archive, static_cast<zip_uint64_t>(index),
                               std::strcmp(name, "a/data/0") == 0 ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0);
  }
  REQUIRE(::zip_close(archive) == 0);
  CHECK(contains(opening_error(folder / "file"), "is compressed"));
}

TEST_CASE("stated sizes beyond the file are refused") {
  const TemporaryFolder folder;
  write_zip(folder / "file", {{"a/data.pkl", one_tensor}, {"a/version", "3"}, {"a/data/0", std::string(8, '\0')}});
  std::string bytes = slurp(folder / "file");
  const std::size_t directory = bytes.rfind("PK\x01\x02");  // the entry of a/data/0
  REQUIRE(directory != bytes.npos);
  for (const std::uint32_t claimed : {std::uint32_t{0xfffffff0}, std::uint32_t{4096}}) {
    bytes.replace(directory + 20, 8, number(claimed, 4) + number(claimed, 4));  // compressed and real size
    spill(folder / "file", bytes);
    CHECK(contains(opening_error(folder / "file"), "a/data/0"));
  }
}

TEST_CASE("values are viewed where they lie if it is clear where that is, and read otherwise") {
  const TemporaryFolder folder;
  const float two[] = {0, 0.25F};
  const std::string data(reinterpret_cast<const char*>(two), sizeof two);
  write_zip(folder / "file", {{"a/data.pkl", one_tensor}, {"a/version", "3"}, {"a/data/0", data}});
  const auto viewed = [&](const std::string& bytes) {
    spill(folder / "file", bytes);
    const auto file = open_tensor_file(folder / "file");
    CHECK(values(*file, "x") == ramp(2));
    const auto view = file->view(*file->find("x"));
    if (!view.empty()) CHECK(std::vector<double>(view.begin(), view.end()) == ramp(2));
    return !view.empty();
  };
  const std::string bytes = slurp(folder / "file");
  CHECK(viewed(bytes));

  SUBCASE("another name in a header of the archive than in its directory") {
    std::string renamed = bytes;
    renamed[renamed.find("a/version")] = 'b';
    CHECK_FALSE(viewed(renamed));
  }
  SUBCASE("bytes between the members") {
    // The directory and the end of the archive tell offsets, of which the last member's and the directory's grow.
    std::string moved = bytes;
    const std::size_t header = moved.rfind("PK\x03\x04"), entry = moved.rfind("PK\x01\x02");
    const std::size_t end = moved.rfind("PK\x05\x06");
    moved.replace(entry + 42, 4, number(static_cast<std::uint32_t>(header + 8), 4));
    const std::size_t directory = moved.find("PK\x01\x02");
    moved.replace(end + 16, 4, number(static_cast<std::uint32_t>(directory + 8), 4));
    moved.insert(header, 8, '\0');
    CHECK_FALSE(viewed(moved));
  }
  SUBCASE("an address that floats cannot have") {
    // The padding in the header before the bytes is shortened by one: the field's length, that of all fields, the byte.
    std::string moved = bytes;
    const std::size_t header = moved.rfind("PK\x03\x04"), end = moved.rfind("PK\x05\x06");
    const std::size_t extra = header + 30 + std::string_view("a/data/0").size();
    REQUIRE(moved.substr(extra, 2) == "FB");
    REQUIRE(moved[extra + 2] != 0);
    moved[extra + 2] = static_cast<char>(moved[extra + 2] - 1);
    moved[header + 28] = static_cast<char>(moved[header + 28] - 1);
    const std::size_t directory = moved.find("PK\x01\x02");
    moved.replace(end + 16, 4, number(static_cast<std::uint32_t>(directory - 1), 4));
    moved.erase(extra + 4, 1);
    CHECK_FALSE(viewed(moved));
  }
}

TEST_CASE("a flipped bit of the data is found by the checksum, also below a part of a storage") {
  const TemporaryFolder folder;
  for (const char* name : {"containers/strided_zip.pth", "enhancer_zip.pth"}) {
    std::string bytes = slurp(golden(name));
    const std::size_t middle = bytes.find("data/0") + 100;
    bytes[middle] = static_cast<char>(bytes[middle] ^ 4);
    spill(folder / "file", bytes);
    const auto file = open_tensor_file(folder / "file");
    const char* part = name[0] == 'c' ? "row" : "model.1.weight";
    CHECK(contains(error_of([&] { values(*file, part); }), "the file is damaged"));
    CHECK(contains(error_of([&] { file->view(*file->find(part)); }), "the file is damaged"));
  }
}
