#include <pix2pixhd/store/safetensors.hpp>

#include <doctest/doctest.h>

#include <cstring>

#include "store_testing.hpp"

using namespace store_testing;
using namespace pix2pixhd;

namespace {

/// A file of a header and zero bytes.
std::string file_of(const std::string& header, std::size_t data) {
  std::string bytes(8, '\0');
  const std::uint64_t length = header.size();
  std::memcpy(bytes.data(), &length, 8);
  return bytes + header + std::string(data, '\0');
}

}  // namespace

TEST_CASE("the writer's files hold what was given, aligned, larger types first and then by name") {
  const TemporaryFolder folder;
  const std::vector<float> numbers{0.5F, -1.25F, 3.0F, 65504.0F, 1e-3F, 7.0F};
  const std::vector<std::int64_t> counts{1, -2, std::int64_t{1} << 60};
  const std::vector<TensorEntry> entries{{.name = "z", .type = StoredType::f32, .shape = {2, 3}},
                                         {.name = "half", .type = StoredType::f16, .shape = {3, 1}},
                                         {.name = "a \"quoted\" \xc3\xa9", .type = StoredType::f32, .shape = {6}},
                                         {.name = "empty", .shape = {4, 0}},
                                         {.name = "scalar", .type = StoredType::f64},
                                         {.name = "counts", .type = StoredType::i64, .shape = {3}},
                                         {.name = "brain", .type = StoredType::bf16, .shape = {1}}};
  std::vector<std::size_t> asked;
  const auto produce = [&](const TensorEntry& entry, std::size_t position) -> TensorValues {
    CHECK(&entry == &entries[position]);
    asked.push_back(position);
    if (entry.name == "counts") return std::as_bytes(std::span(counts));
    return std::span(numbers).first(*detail::element_count(entry.shape));
  };
  const Metadata metadata{{"config", "{\"in\": 36}"}, {"empty", ""}};
  write_safetensors(folder / "file", entries, produce, metadata);
  CHECK(asked == std::vector<std::size_t>{5, 4, 2, 3, 0, 6, 1});
  const auto file = open_tensor_file(folder / "file");
  CHECK(file->metadata() == metadata);
  REQUIRE(file->entries().size() == entries.size());
  for (const TensorEntry& entry : entries) {
    CAPTURE(entry.name);
    const TensorEntry* mine = file->find(entry.name);
    REQUIRE(mine != nullptr);
    CHECK(mine->type == entry.type);
    CHECK(mine->shape == entry.shape);
  }
  CHECK(values(*file, "z") == std::vector<double>(numbers.begin(), numbers.end()));
  CHECK(values(*file, "half") == std::vector<double>{0.5, -1.25, 3});
  CHECK(values(*file, "scalar") == std::vector<double>{0.5});
  CHECK(values(*file, "empty").empty());
  std::vector<std::int64_t> read(3);
  file->read_bytes(*file->find("counts"), std::as_writable_bytes(std::span(read)));
  CHECK(read == counts);
  CHECK(file->view(*file->find("z")).size() == 6);
  const std::string bytes = slurp(folder / "file");
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  CHECK((8 + length) % 64 == 0);
  write_safetensors(
      folder / "again", {entries.rbegin(), entries.rend()},
      [&](const TensorEntry&, std::size_t position) {
        const std::size_t mine = entries.size() - 1 - position;
        return produce(entries[mine], mine);
      },
      metadata);
  CHECK(slurp(folder / "again") == bytes);
}

TEST_CASE("large tensors are written in pieces") {
  const TemporaryFolder folder;
  std::vector<float> numbers(700001);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<float>(i % 2048);
  const auto produce = [&](const TensorEntry&, std::size_t) -> TensorValues { return std::span<const float>(numbers); };
  const std::vector<std::int64_t> shape{700001};
  write_safetensors(folder / "file",
                    {{.name = "f", .shape = shape}, {.name = "h", .type = StoredType::f16, .shape = shape}}, produce);
  const auto file = open_tensor_file(folder / "file");
  const std::vector<double> expected(numbers.begin(), numbers.end());
  CHECK(values(*file, "f") == expected);
  CHECK(values(*file, "h") == expected);
}

TEST_CASE("a writer that fails leaves the old file and nothing else") {
  const TemporaryFolder folder;
  spill(folder / "file", "old");
  const std::vector<float> two(2);
  const auto produce = [&](const TensorEntry&, std::size_t) -> TensorValues { return std::span<const float>(two); };
  const auto fails = [&](const std::vector<TensorEntry>& entries, const TensorProducer& producer) {
    CHECK_THROWS_AS(write_safetensors(folder / "file", entries, producer), Error);
    CHECK(slurp(folder / "file") == "old");
    CHECK(folder.count() == 1);
  };
  fails({{.name = "a", .shape = {2}}, {.name = "b", .shape = {3}}}, produce);
  fails({{.name = "a", .shape = {2}}, {.name = "a", .shape = {2}}}, produce);
  fails({{.name = "__metadata__", .shape = {2}}}, produce);
  fails({{.name = "a", .shape = {-2}}}, produce);
  fails({{.name = "a", .shape = {std::int64_t{1} << 60}}}, produce);
  fails({{.name = "not \xff UTF-8", .shape = {2}}}, produce);
  fails({{.name = "a", .shape = {2}}},
        [](const TensorEntry&, std::size_t) -> TensorValues { throw Error("no values."); });
  const auto write_into_nowhere = [&] { write_safetensors(folder / "no/file", {}, produce); };
  CHECK(contains(error_of(write_into_nowhere), (folder / "no/file").string()));
}

TEST_CASE("headers are checked") {
  const TemporaryFolder folder;
  const auto message = [&](const std::string& header, std::size_t data) {
    spill(folder / "file", file_of(header, data));
    return opening_error(folder / "file");
  };
  const auto tensor = [](const std::string& type, const std::string& shape, const std::string& offsets) {
    return "{\"dtype\":\"" + type + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
  };
  spill(folder / "file", file_of("{\"a\":" + tensor("F32", "[2]", "[0,8]") + "}   ", 8));
  CHECK(values(*open_tensor_file(folder / "file"), "a") == std::vector<double>{0, 0});
  spill(folder / "file", file_of("{}", 0));
  CHECK(open_tensor_file(folder / "file")->entries().empty());

  CHECK(contains(message("{\"a\":" + tensor("F32", "[2]", "[0,8]") + "}", 7), "truncated"));
  CHECK(contains(message("{\"a\":" + tensor("F32", "[2]", "[0,8]") + "}", 9), "end at byte 8"));
  CHECK(contains(message("{\"a\":" + tensor("F32", "[3]", "[0,8]") + "}", 8), "its shape needs 12"));
  CHECK(contains(message("{\"a\":" + tensor("F32", "[2]", "[8,0]") + "}", 8), "lies at bytes"));
  CHECK(contains(message("{\"a\":" + tensor("F8_E4M3", "[2]", "[0,2]") + "}", 2), "not supported"));
  CHECK(contains(message("{\"a\":" + tensor("F32", "[-2]", "[0,8]") + "}", 8), "no valid shape"));
  CHECK(contains(message("{\"a\":" + tensor("F32", "[2.0]", "[0,8]") + "}", 8), "no valid shape"));
  CHECK(contains(message("{\"a\":" + tensor("F32", "[1152921504606846976,16]", "[0,8]") + "}", 8), "more elements"));
  CHECK(contains(message("{\"a\":" + tensor("F32", "[18446744073709551615]", "[0,8]") + "}", 8), "too large"));
  CHECK(contains(message("{\"a\":" + tensor("F32", "[2]", "[0,8,9]") + "}", 8), "no valid data_offsets"));
  CHECK(contains(message("{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}", 8), "no valid dtype"));
  CHECK(contains(message("{\"a\":7}", 0), "not a JSON object"));
  CHECK(contains(message("{\"a\":", 0), "not valid JSON"));
  CHECK(contains(message("{\"__metadata__\":{\"a\":1}}", 0), "not a text"));
  const std::string a = "\"a\":" + tensor("U8", "[4]", "[0,4]");
  CHECK(contains(message("{" + a + "," + a + "}", 4), "names \"a\" twice"));
  CHECK(contains(message("{" + a + ",\"b\":" + tensor("U8", "[4]", "[2,6]") + "}", 6), "neither overlap"));
  CHECK(contains(message("{" + a + ",\"b\":" + tensor("U8", "[4]", "[5,9]") + "}", 9), "nor leave gaps"));
  CHECK(contains(message("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,4]}}", 4),
                 "twice"));
}
