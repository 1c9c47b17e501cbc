#include <pix2pixhd/store/atomic_file.hpp>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

#include "store_testing.hpp"

using namespace store_testing;
using pix2pixhd::AtomicFile;

TEST_CASE("a file appears whole, and only on commit") {
  const TemporaryFolder folder;
  const fs::path path = folder / "file";
  {
    AtomicFile file(path);
    file.write("12345");
    CHECK_FALSE(fs::exists(path));
    file.seek(1);
    file.write("xy");
    file.seek(5);
    file.write("6");
    CHECK(file.position() == 6);
    file.commit();
    CHECK(slurp(path) == "1xy456");
    CHECK_THROWS_AS(file.write("more"), pix2pixhd::Error);
    CHECK_THROWS_AS(file.commit(), pix2pixhd::Error);
  }
  CHECK(slurp(path) == "1xy456");
  CHECK(folder.count() == 1);
}

TEST_CASE("without commit the old file stays and nothing else is left") {
  const TemporaryFolder folder;
  spill(folder / "file", "old");
  try {
    AtomicFile file(folder / "file");
    file.write("new");
    throw std::runtime_error("something else went wrong");
  } catch (const std::runtime_error&) {
  }
  CHECK(slurp(folder / "file") == "old");
  CHECK(folder.count() == 1);
}

TEST_CASE("a file that cannot grow further leaves the old one and nothing else") {
  const TemporaryFolder folder;
  spill(folder / "file", "old");
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = 4096;
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  std::string message;
  try {
    AtomicFile file(folder / "file");
    for (int i = 0; i < 9; ++i) file.write(std::string(1000, 'x'));
    file.commit();
  } catch (const pix2pixhd::Error& error) {
    message = error.what();
  }
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  CHECK(contains(message, (folder / "file").string()));
  CHECK(slurp(folder / "file") == "old");
  CHECK(folder.count() == 1);
}

TEST_CASE("targets that cannot be written are named") {
  const TemporaryFolder folder;
  for (const fs::path& path : {folder / "no/such/folder", folder.path(), folder / "", fs::path("/dev/full"),
                               fs::path("/dev/null"), folder / std::string(300, 'x'), fs::path()}) {
    CAPTURE(path.string());
    CHECK(contains(error_of([&] { AtomicFile(path).commit(); }), path.string()));
  }
  CHECK(fs::is_character_file("/dev/full"));
  CHECK(folder.count() == 0);
  spill(folder / "file", "old");
  fs::permissions(folder / "file", fs::perms::owner_read);
  fs::permissions(folder.path(), fs::perms::owner_read | fs::perms::owner_exec);
  // The superuser may write everywhere, so there is nothing to refuse.
  if (::geteuid() != 0) {
    CHECK(contains(error_of([&] { AtomicFile(folder / "file").commit(); }), (folder / "file").string()));
    CHECK(contains(error_of([&] { AtomicFile(folder / "other").commit(); }), (folder / "other").string()));
  }
  fs::permissions(folder.path(), fs::perms::owner_all);
}

TEST_CASE("permissions and symbolic links are kept") {
  const TemporaryFolder folder;
  spill(folder / "real", "old");
  fs::permissions(folder / "real", fs::perms(0640));
  fs::create_symlink(folder / "real", folder / "link");
  AtomicFile file(folder / "link");
  file.write("new");
  file.commit();
  CHECK(fs::is_symlink(folder / "link"));
  CHECK(slurp(folder / "real") == "new");
  CHECK(fs::status(folder / "real").permissions() == fs::perms(0640));
  AtomicFile fresh(folder / "fresh");
  fresh.commit();
  const mode_t mask = ::umask(0);
  ::umask(mask);
  CHECK(fs::status(folder / "fresh").permissions() == fs::perms(0666 & ~mask));
}

TEST_CASE("a symbolic link to a file that is not there yet stays, and leads to it then") {
  const TemporaryFolder folder;
  fs::create_directory(folder / "far");
  fs::create_symlink(fs::path("far") / "real", folder / "second");  // relative, from the link's own folder
  fs::create_symlink(folder / "second", folder / "first");
  AtomicFile file(folder / "first");
  file.write("new");
  file.commit();
  CHECK(fs::is_symlink(folder / "first"));
  CHECK(fs::is_symlink(folder / "second"));
  CHECK(slurp(folder / "far" / "real") == "new");
  fs::create_symlink(folder / "round", folder / "round");
  CHECK(contains(error_of([&] { AtomicFile(folder / "round").commit(); }), "leads back to itself"));
  CHECK(fs::is_symlink(folder / "round"));
}

TEST_CASE("a temporary file whose writer lives is not abandoned, whatever its number") {
  const TemporaryFolder folder;
  // As if of a process of another container: its number means nothing here, its lock does.
  const fs::path file = folder / ".pix2pixhd-2147483646-0.tmp";
  const int writer = ::open(file.c_str(), O_WRONLY | O_CREAT, 0666);
  REQUIRE(writer >= 0);
  REQUIRE(::flock(writer, LOCK_EX) == 0);
  pix2pixhd::remove_abandoned_files(folder.path());
  CHECK(fs::exists(file));
  ::close(writer);
  pix2pixhd::remove_abandoned_files(folder.path());
  CHECK_FALSE(fs::exists(file));
}

TEST_CASE("two writers of one target do not meet") {
  const TemporaryFolder folder;
  AtomicFile a(folder / "file"), b(folder / "file");
  a.write("aaaa");
  b.write("bb");
  a.commit();
  CHECK(slurp(folder / "file") == "aaaa");
  b.commit();
  CHECK(slurp(folder / "file") == "bb");
  CHECK(folder.count() == 1);
}

TEST_CASE("a copy is whole, or the file that was there stays") {
  const TemporaryFolder folder;
  const fs::path from = folder / "from", to = folder / "to";
  std::string text(3'000'000, 'x');
  for (std::size_t i = 0; i < text.size(); i += 1000) text[i] = static_cast<char>('a' + i / 1000 % 26);
  spill(from, text);
  spill(to, "old");
  pix2pixhd::write_copy(from, to);
  CHECK(slurp(to) == text);
  spill(from, "");
  pix2pixhd::write_copy(from, to);
  CHECK(slurp(to).empty());
  spill(to, "old");
  CHECK_THROWS_WITH_AS(pix2pixhd::write_copy(folder / "absent", to), doctest::Contains("absent"), pix2pixhd::Error);
  CHECK_THROWS_AS(pix2pixhd::write_copy(folder.path(), to), pix2pixhd::Error);  // a folder opens and does not read
  CHECK_THROWS_AS(pix2pixhd::write_copy(from, folder / "none" / "to"), pix2pixhd::Error);
  CHECK(slurp(to) == "old");
  CHECK(folder.count() == 2);
}
