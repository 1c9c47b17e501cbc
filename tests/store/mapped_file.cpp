#include <pix2pixhd/store/mapped_file.hpp>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <utility>

#include "store_testing.hpp"

using namespace store_testing;
using pix2pixhd::detail::MappedFile;

TEST_CASE("a mapping shows the file's bytes and moves") {
  const TemporaryFolder folder;
  spill(folder / "file", "bytes");
  MappedFile first(folder / "file");
  const MappedFile file(std::move(first));
  CHECK(std::string(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()) == "bytes");
  CHECK(file.path() == folder / "file");
  spill(folder / "empty", "");
  CHECK(MappedFile(folder / "empty").bytes().empty());
}

TEST_CASE("what is no regular file is refused without waiting") {
  const TemporaryFolder folder;
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  for (const fs::path& path : {folder / "pipe", folder / "absent", folder.path(), fs::path("/dev/zero"), fs::path()}) {
    CAPTURE(path.string());
    CHECK(contains(error_of([&] { const MappedFile file(path); }), path.string()));
  }
}
