// The files that spare later runs some work.
#include <doctest/doctest.h>
#include <pix2pixhd/backend/cuda/disk_cache.hpp>
#include <pix2pixhd/backend/cuda/old_files.hpp>

#include <array>
#include <barrier>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "backend/cuda/libraries/places.hpp"

using namespace pix2pixhd;
using namespace pix2pixhd::backend_cuda;
namespace fs = std::filesystem;
using tests::Folder;

namespace {

/// Makes a file of so many bytes that was last used hours ago.
void make_file(const fs::path& path, std::size_t bytes, int hours) {
  std::ofstream(path) << std::string(bytes, 'x');
  fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(hours));
}

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> result;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) result.insert(entry.path().filename());
  return result;
}

}  // namespace

TEST_CASE("what was written into the disk cache is read again, and only that") {
  const Folder folder;
  const DiskCache cache((folder.path / "new/cache").string());
  CHECK_FALSE(cache.read("a key").has_value());
  const std::vector<char> contents{'a', '\0', '\n', 'b'};
  cache.write("a key", contents);
  REQUIRE(cache.read("a key").has_value());
  CHECK(*cache.read("a key") == contents);
  CHECK_FALSE(cache.read("another key").has_value());
  cache.write("a key", {});
  CHECK(cache.read("a key")->empty());

  // Damaged, cut off, another key's.
  cache.write("a key", contents);
  const std::string file = cache.file("a key");
  {
    std::fstream damaged(file, std::ios::in | std::ios::out | std::ios::binary);
    damaged.seekp(-1, std::ios::end);
    damaged.put('c');
  }
  CHECK_FALSE(cache.read("a key").has_value());
  cache.write("a key", contents);
  fs::resize_file(file, fs::file_size(file) - 1);
  CHECK_FALSE(cache.read("a key").has_value());
  fs::resize_file(file, 3);
  CHECK_FALSE(cache.read("a key").has_value());
  cache.write("b key", contents);
  fs::rename(cache.file("b key"), file);
  CHECK_FALSE(cache.read("a key").has_value());
  CHECK(std::distance(fs::directory_iterator(folder.path / "new/cache"), fs::directory_iterator()) == 1);
}

TEST_CASE("a disk cache that cannot be written, or is turned off, does nothing") {
  const DiskCache off{std::string()};
  CHECK_FALSE(off.write("key", {'a'}));
  CHECK_FALSE(off.writable());
  CHECK_FALSE(off.read("key").has_value());
  const DiskCache impossible("/proc/pix2pixhd");
  CHECK_FALSE(impossible.write("key", {'a'}));
  CHECK_FALSE(impossible.add("key", {'a'}));
  CHECK_FALSE(impossible.writable());
  CHECK_FALSE(impossible.read("key").has_value());
}

TEST_CASE("what is added to the disk cache leaves what is there, unless that is damaged") {
  const Folder folder;
  const DiskCache cache(folder.path);
  CHECK(cache.add("key", {'a'}));
  CHECK(cache.add("key", {'b'}));
  CHECK(cache.read("key")->front() == 'a');
  fs::resize_file(cache.file("key"), 3);
  CHECK(cache.add("key", {'b'}));
  CHECK(cache.read("key")->front() == 'b');
  CHECK(cache.write("key", {'c'}));
  CHECK(cache.read("key")->front() == 'c');
  CHECK(names_in(folder.path).size() == 1);
}

TEST_SUITE("threads") {
  TEST_CASE("of several who add at once where no link can be made all read alike") {
    const Folder folder;
    const DiskCache cache(folder.path);
    for (int turn = 0; turn < 200; ++turn) {
      const std::string key = "key " + std::to_string(turn);
      std::ofstream(cache.file(key)) << "damaged";  // stands in the way of links, as file systems without them do
      std::array<std::vector<char>, 4> read;
      std::barrier begin(static_cast<std::ptrdiff_t>(read.size()));
      std::vector<std::jthread> others;
      for (std::size_t i = 0; i < read.size(); ++i)
        others.emplace_back([&, i] {
          begin.arrive_and_wait();
          cache.add(key, {static_cast<char>('a' + i)});
          read[i] = cache.read(key).value_or(std::vector<char>());
        });
      others.clear();
      REQUIRE(read[0].size() == 1);
      for (const std::vector<char>& one : read) REQUIRE(one == read[0]);
    }
  }
}

TEST_CASE("a file of the disk cache that cannot be read is none") {
  const Folder folder;
  const DiskCache cache(folder.path);
  fs::create_directories(cache.file("key"));  // reading it fails after it was opened
  CHECK_FALSE(cache.read("key").has_value());
  CHECK_FALSE(cache.write("key", {'a'}));
  CHECK_FALSE(cache.add("key", {'a'}));
  CHECK(names_in(folder.path).size() == 1);
}

TEST_CASE("of a cache that is too large what was used longest ago goes, and what was left unfinished") {
  const Folder folder;
  make_file(folder.path / "a1", 100, 3);
  make_file(folder.path / "b2", 100, 1);
  make_file(folder.path / "c3", 100, 2);
  make_file(folder.path / "c3.77.0", 1000, 30);
  make_file(folder.path / "d4.78.0", 1000, 0);  // somebody may be at it
  make_file(folder.path / "other things", 1000, 30);
  remove_old_files(folder.path, 300);
  CHECK(names_in(folder.path) == std::set<std::string>{"a1", "b2", "c3", "d4.78.0", "other things"});
  remove_old_files(folder.path, 299);
  CHECK(names_in(folder.path) == std::set<std::string>{"b2", "c3", "d4.78.0", "other things"});
  remove_old_files(folder.path, 100);
  CHECK(names_in(folder.path) == std::set<std::string>{"b2", "d4.78.0", "other things"});
  remove_old_files(folder.path / "not there", 0);
}

TEST_CASE("what is read from the disk cache was used now") {
  const Folder folder;
  const DiskCache cache(folder.path);
  cache.write("key", {'a'});
  const fs::file_time_type past = fs::file_time_type::clock::now() - std::chrono::hours(9);
  fs::last_write_time(cache.file("key"), past);
  REQUIRE(cache.read("key").has_value());
  CHECK(fs::last_write_time(cache.file("key")) > past + std::chrono::hours(8));
}
