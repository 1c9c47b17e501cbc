#include "store_testing.hpp"

#include <pix2pixhd/store/atomic_file.hpp>
#include <pix2pixhd/store/folder_lock.hpp>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>

using namespace pix2pixhd;
using store_testing::spill;
using store_testing::TemporaryFolder;

TEST_CASE("a folder is held by one at a time") {
  const TemporaryFolder folder;
  {
    const FolderLock lock(folder / ".");
    CHECK_THROWS_WITH_AS(FolderLock(folder / "."), doctest::Contains("in use by another process"), Error);
  }
  CHECK_NOTHROW(FolderLock(folder / "."));
  CHECK_THROWS_WITH_AS(FolderLock(folder / "nothing"), doctest::Contains("Choose another folder"), Error);
}

TEST_CASE("a folder that cannot be searched for what was left is an Error that names it") {
  const TemporaryFolder folder;
  const std::string place = (folder / "nothing").string();
  CHECK_THROWS_WITH_AS(remove_abandoned_files(place), doctest::Contains(place.c_str()), Error);
}

TEST_CASE("what killed writers left is removed, what living ones write is not") {
  const TemporaryFolder folder;
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  ::waitpid(child, nullptr, 0);  // its number belongs to nobody now
  const auto dead = folder / (".pix2pixhd-" + std::to_string(child) + "-0.tmp").c_str();
  const auto living = folder / (".pix2pixhd-" + std::to_string(::getpid()) + "-0.tmp").c_str();
  const auto other = folder / ".pix2pixhd-x-0.tmp";
  for (const auto& file : {dead, living, other}) spill(file, "x");
  const FolderLock lock(folder / ".");
  CHECK_FALSE(std::filesystem::exists(dead));
  CHECK(std::filesystem::exists(living));
  CHECK(std::filesystem::exists(other));
}
