#include <pix2pixhd/store/mapped_file.hpp>

#include <doctest/doctest.h>
#include <fcntl.h>
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

TEST_CASE("released pages leave the process's memory and are read again when they are looked at") {
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
  file.release(file.bytes().subspan(100, size - 200));
  CHECK(resident() + size / 2 < before);
  CHECK(count() == static_cast<std::ptrdiff_t>(size));
  file.release({});
  file.release(file.bytes().first(100));
  file.expect(file.bytes());
  file.expect({});
  CHECK(count() == static_cast<std::ptrdiff_t>(size));
}

TEST_CASE("a mapping knows whether its file was changed, but not what stands under its name") {
  const TemporaryFolder folder;
  spill(folder / "file", "bytes");
  const MappedFile file(folder / "file");
  CHECK_NOTHROW(file.check());
  spill(folder / "new", "other bytes");
  fs::rename(folder / "new", folder / "file");
  CHECK_NOTHROW(file.check());
  CHECK(std::string(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()) == "bytes");

  for (const char* change : {"longer", "shorter", "newer"}) {
    CAPTURE(std::string(change));
    spill(folder / "file", "bytes");
    const MappedFile changed(folder / "file");
    if (change[0] == 'n') {
      const timespec times[2] = {{.tv_sec = 0, .tv_nsec = UTIME_OMIT}, {.tv_sec = 1000, .tv_nsec = 5}};
      REQUIRE(::utimensat(AT_FDCWD, (folder / "file").c_str(), times, 0) == 0);
    } else {
      fs::resize_file(folder / "file", change[0] == 'l' ? 6 : 4);
    }
    CHECK(contains(error_of([&] { changed.check(); }), (folder / "file").string()));
  }
}

TEST_CASE("what is no regular file is refused without waiting") {
  const TemporaryFolder folder;
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  for (const fs::path& path : {folder / "pipe", folder / "absent", folder.path(), fs::path("/dev/zero"), fs::path()}) {
    CAPTURE(path.string());
    CHECK(contains(error_of([&] { const MappedFile file(path); }), path.string()));
  }
}
