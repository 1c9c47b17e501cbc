#include <pix2pixhd/store/mapped_file.hpp>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <string>
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

TEST_CASE("dropped pages leave the process's memory and are read again when they are looked at") {
  constexpr std::size_t size = std::size_t{16} << 20;
  // Resident pages of the process: the second number of this file.
  const auto resident = [] {
    std::ifstream file("/proc/self/statm");
    std::size_t all = 0, pages = 0;
    file >> all >> pages;
    return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  };
  const TemporaryFolder folder;
  spill(folder / "file", std::string(size, 'x'));
  const MappedFile file(folder / "file");
  const auto count = [&] { return std::count(file.bytes().begin(), file.bytes().end(), std::byte{'x'}); };
  CHECK(count() == static_cast<std::ptrdiff_t>(size));
  const std::size_t before = resident();
  // Not at the bounds of pages.
  pix2pixhd::detail::drop_pages(file.bytes().subspan(100, size - 200));
  CHECK(resident() + size / 2 < before);
  CHECK(count() == static_cast<std::ptrdiff_t>(size));
  pix2pixhd::detail::drop_pages({});
}

TEST_CASE("what is no regular file is refused without waiting") {
  const TemporaryFolder folder;
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  for (const fs::path& path : {folder / "pipe", folder / "absent", folder.path(), fs::path("/dev/zero"), fs::path()}) {
    CAPTURE(path.string());
    CHECK(contains(error_of([&] { const MappedFile file(path); }), path.string()));
  }
}
