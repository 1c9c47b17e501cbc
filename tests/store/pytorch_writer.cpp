#include <pix2pixhd/store/pytorch_writer.hpp>

#include <doctest/doctest.h>
#include <zip.h>

#include <cstring>

#include "store_testing.hpp"

using namespace store_testing;
using namespace pix2pixhd;

TEST_CASE("written .pth files hold what was given, in order, with the counters of batch norms") {
  const TemporaryFolder folder;
  const std::vector<float> numbers{0.5F, -1.25F, 3.0F, 65504.0F, 1e-3F, 7.0F};
  const std::vector<TensorEntry> entries{{.name = "z.running_var", .shape = {2, 3}},
                                         {.name = "half", .type = StoredType::f16, .shape = {3, 1}},
                                         {.name = "y.running_var", .shape = {1}},
                                         {.name = "empty", .shape = {4, 0, 2}},
                                         {.name = "scalar", .type = StoredType::f64},
                                         {.name = "no_running_var", .type = StoredType::bf16, .shape = {2}},
                                         {.name = "own.running_var", .shape = {1}},
                                         {.name = "own.num_batches_tracked"},
                                         {.name = "raw", .type = StoredType::u8, .shape = {5}}};
  std::vector<std::size_t> asked;
  const auto produce = [&](const TensorEntry& entry, std::size_t position) -> TensorValues {
    CHECK(&entry == &entries[position]);
    asked.push_back(position);
    if (entry.name == "raw") return std::as_bytes(std::span(numbers)).first(5);
    return std::span(numbers).first(*detail::element_count(entry.shape));
  };
  write_pytorch(folder / "file", entries, produce, {{"y.num_batches_tracked", 12}, {"epoch", -5000000000}});
  CHECK(asked == std::vector<std::size_t>{0, 1, 2, 3, 4, 5, 6, 7, 8});
  CHECK(folder.count() == 1);
  const auto file = open_tensor_file(folder / "file");
  std::vector<std::string> names;
  for (const TensorEntry& entry : file->entries()) names.push_back(entry.name);
  CHECK(names == std::vector<std::string>{"z.running_var", "z.num_batches_tracked", "half", "y.running_var",
                                          "y.num_batches_tracked", "empty", "scalar", "no_running_var",
                                          "own.running_var", "own.num_batches_tracked", "raw", "epoch"});
  for (const TensorEntry& entry : entries) {
    CHECK(file->find(entry.name)->type == entry.type);
    CHECK(file->find(entry.name)->shape == entry.shape);
  }
  CHECK(values(*file, "z.running_var") == std::vector<double>(numbers.begin(), numbers.end()));
  CHECK(values(*file, "half") == std::vector<double>{0.5, -1.25, 3});
  CHECK(values(*file, "z.num_batches_tracked") == std::vector<double>{0});
  CHECK(values(*file, "y.num_batches_tracked") == std::vector<double>{12});
  CHECK(values(*file, "own.num_batches_tracked") == std::vector<double>{0.5});
  CHECK(values(*file, "epoch") == std::vector<double>{-5e9});
  CHECK(file->find("epoch")->type == StoredType::i64);
  CHECK(file->find("epoch")->shape.empty());
}

TEST_CASE("members are stored uncompressed and begin at multiples of 64") {
  const TemporaryFolder folder;
  const auto original = open_tensor_file(golden("enhancer.safetensors"));
  std::vector<float> host;
  const auto produce = [&](const TensorEntry& entry, std::size_t position) -> TensorValues {
    host.resize(original->count(entry));
    original->read(original->entries()[position], std::span<float>(host));
    return std::span<const float>(host);
  };
  write_pytorch(folder / "file", original->entries(), produce);
  const std::string bytes = slurp(folder / "file");
  std::size_t members = 0;
  for (std::size_t at = 0; bytes.compare(at, 4, "PK\x03\x04") == 0; ++members) {
    std::uint16_t method = 1, name = 0, extra = 0;
    std::uint32_t size = 0;
    std::memcpy(&method, bytes.data() + at + 8, 2);
    std::memcpy(&size, bytes.data() + at + 18, 4);
    std::memcpy(&name, bytes.data() + at + 26, 2);
    std::memcpy(&extra, bytes.data() + at + 28, 2);
    at += 30U + name + extra;
    CHECK(method == 0);
    CHECK(at % 64 == 0);
    at += size;
  }
  CHECK(members == 3 + original->entries().size());
  const auto file = open_tensor_file(folder / "file");
  for (const TensorEntry& entry : original->entries()) CHECK(values(*file, entry.name) == values(*original, entry));
  // The same tensors give the same bytes.
  write_pytorch(folder / "again", original->entries(), produce);
  CHECK(slurp(folder / "again") == bytes);
}

TEST_CASE("large tensors are written in pieces") {
  const TemporaryFolder folder;
  std::vector<float> numbers(700001);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<float>(i % 2048);
  const std::vector<std::int64_t> shape{700001};
  write_pytorch(folder / "file",
                {{.name = "f", .shape = shape}, {.name = "h", .type = StoredType::f16, .shape = shape}},
                [&](const TensorEntry&, std::size_t) -> TensorValues { return std::span<const float>(numbers); });
  const auto file = open_tensor_file(folder / "file");
  const std::vector<double> expected(numbers.begin(), numbers.end());
  CHECK(values(*file, "f") == expected);
  CHECK(values(*file, "h") == expected);
}

TEST_CASE("a .pth writer that fails leaves the old file and nothing else") {
  const TemporaryFolder folder;
  spill(folder / "file", "old");
  const std::vector<float> two(2);
  const auto produce = [&](const TensorEntry&, std::size_t) -> TensorValues { return std::span<const float>(two); };
  const auto fails = [&](const std::vector<TensorEntry>& entries, const TensorProducer& producer,
                         const std::map<std::string, std::int64_t>& integers = {}) {
    const std::string message = error_of([&] { write_pytorch(folder / "file", entries, producer, integers); });
    CHECK(slurp(folder / "file") == "old");
    CHECK(folder.count() == 1);
    return message;
  };
  CHECK(contains(fails({{.name = "a", .shape = {2}}, {.name = "b", .shape = {3}}}, produce), "\"b\" needs 3"));
  CHECK(contains(fails({{.name = "a", .shape = {2}}, {.name = "a", .shape = {2}}}, produce), "used twice"));
  CHECK(contains(fails({{.name = "a", .shape = {2}}}, produce, {{"a", 1}}), "used twice"));
  CHECK(contains(fails({{.name = "a", .shape = {-2}}}, produce), "impossible"));
  CHECK(contains(fails({{.name = "a", .type = StoredType::u16, .shape = {2}}}, produce), "u16"));
  const auto throws = [](const TensorEntry&, std::size_t) -> TensorValues { throw Error("no values."); };
  CHECK(contains(fails({{.name = "a", .shape = {2}}}, throws), "no values."));
  CHECK(contains(error_of([&] { write_pytorch(folder / "no/file", {}, produce); }), (folder / "no/file").string()));
}
