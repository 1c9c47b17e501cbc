#include <pix2pixhd/store/pytorch_legacy.hpp>

#include <doctest/doctest.h>

#include "pickle_testing.hpp"
#include "pytorch_containers.hpp"

using namespace store_testing;

TEST_CASE("files of the older container hold what torch.save was given") { check_containers("legacy"); }

TEST_CASE("files of the first releases, written by Python 2 from a GPU, are read") {
  const auto file = open_tensor_file(golden("containers/first_release_legacy.pth"));
  CHECK(file->entries().size() == 2);
  CHECK(values(*file, "w") == ramp(6));
  CHECK(file->find("w")->shape == std::vector<std::int64_t>{2, 3});
  CHECK(values(*file, "part") == ramp(3, 3));
}

TEST_CASE("the stream's parts are checked") {
  using namespace pickle_testing;
  const TemporaryFolder folder;
  const std::string begin = "\x80\x02";
  const std::string &magic = legacy_magic, &protocol = legacy_protocol, &system = legacy_system;
  const std::string object = pickle_of(tensor(storage(2, "key"), {.offset = 0, .shape = {2}, .strides = {1}}));
  const std::string keys = begin + "]" + text("key") + "a.";
  const std::string data = number(2, 8) + std::string(8, '\0');
  const auto message = [&](const std::string& bytes) {
    spill(folder / "file", bytes);
    const std::string text = opening_error(folder / "file");
    CHECK(contains(text, (folder / "file").string()));
    return text;
  };
  spill(folder / "file", magic + protocol + system + object + keys + data + "what follows does not matter");
  CHECK(values(*open_tensor_file(folder / "file"), "x") == std::vector<double>{0, 0});

  CHECK(contains(message(begin + "}."), "not one of PyTorch"));
  CHECK(contains(message(magic + begin + "M\xe8\x03." + system + object + keys + data), "unknown protocol"));
  CHECK(contains(message(magic + protocol + begin + "}" + text("little_endian") + "\x89s." + object + keys + data),
                 "big-endian"));
  CHECK(contains(message(magic + protocol + begin + "N." + object + keys + data), "system information"));
  CHECK(contains(message(magic + protocol + system + object + begin + "N." + data), "list of storages"));
  CHECK(contains(message(magic + protocol + system + object + begin + "]." + data), "is not in the file"));
  CHECK(contains(message(magic + protocol + system + object + begin + "]" + text("other") + "a." + data),
                 "belongs to no tensor"));
  CHECK(contains(message(magic + protocol + system + object + keys + number(3, 8) + std::string(12, '\0')),
                 "3 elements instead of 2"));
  CHECK(contains(message(magic + protocol + system + object + keys + data.substr(0, 15)), "it is truncated"));
  constexpr std::int64_t huge = std::int64_t{1} << 62;
  const std::string giant = pickle_of(tensor(storage(huge, "key"), {.offset = 0, .shape = {2}, .strides = {1}}));
  CHECK(contains(message(magic + protocol + system + giant + keys + number(huge, 8)), "truncated"));
}
