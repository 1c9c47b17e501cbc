// Libraries that are found at run time, and the files that spare later runs some work.
#include <doctest/doctest.h>
#include <pix2pixhd/backend/cuda/cuda_device.hpp>
#include <pix2pixhd/backend/cuda/cudnn.hpp>
#include <pix2pixhd/backend/cuda/disk_cache.hpp>
#include <pix2pixhd/backend/cuda/driver.hpp>
#include <pix2pixhd/backend/cuda/dynamic_library.hpp>
#include <pix2pixhd/backend/cuda/nvrtc.hpp>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace pix2pixhd;
using namespace pix2pixhd::backend_cuda;
namespace fs = std::filesystem;

namespace {

/// A folder that goes when the test ends.
struct Folder {
  fs::path path = fs::temp_directory_path() / ("pix2pixhd_loading_" + std::to_string(getpid()));
  Folder() { fs::create_directories(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path); }
};

/// The value of an environment variable for the duration of a test; then it is what it was before.
struct Variable {
  const char* name;
  std::optional<std::string> before;
  Variable(const char* variable, const std::string& value) : name(variable) {
    if (const char* old = std::getenv(name)) before = old;
    setenv(name, value.c_str(), 1);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() {
    if (before)
      setenv(name, before->c_str(), 1);
    else
      unsetenv(name);
  }
};

const LibrarySearch nothing{.what = "a library",
                            .variable = "PIX2PIXHD_TEST_LIBRARY",
                            .names = {"libpix2pixhd_test_of_loading.so.1"},
                            .wheel_folders = {"nvidia/test/lib"},
                            .remedy = "install it"};

void check_says(const std::string& sentence, const std::string& part) {
  CHECK_MESSAGE(sentence.find(part) != std::string::npos, "it says: ", sentence);
}

}  // namespace

TEST_CASE("a library that is nowhere: the sentence names it, the remedy and the variable") {
  const DynamicLibrary library(nothing);
  CHECK_FALSE(library.loaded());
  for (const char* part : {"a library", "libpix2pixhd_test_of_loading.so.1", "install it", "PIX2PIXHD_TEST_LIBRARY"})
    check_says(library.problem(), part);
}

TEST_CASE("a file that the variable names and that is not there or no library is named") {
  const Folder folder;
  const std::string file = folder.path / "text.so";
  {
    const Variable variable("PIX2PIXHD_TEST_LIBRARY", file);
    check_says(DynamicLibrary(nothing).problem(), file + " does not exist");
  }
  std::ofstream(file) << "no library";
  const Variable variable("PIX2PIXHD_TEST_LIBRARY", file);
  check_says(DynamicLibrary(nothing).problem(), file);
  check_says(DynamicLibrary(nothing).problem(), "file too short");
}

TEST_CASE("wheels in the active Python environment are found") {
  const Folder folder;
  const fs::path lib = folder.path / "lib/python3.12/site-packages/nvidia/test/lib";
  fs::create_directories(lib);
  // Any library will do that is there under a name known to the system.
  LibrarySearch search = nothing;
  const DynamicLibrary mathematics(
      {.what = "libm", .variable = "PIX2PIXHD_NONE", .names = {"libm.so.6"}, .remedy = ""});
  REQUIRE(mathematics.loaded());
  for (const char* place : {"/lib/x86_64-linux-gnu/libm.so.6", "/lib64/libm.so.6", "/usr/lib/libm.so.6",
                            "/lib/aarch64-linux-gnu/libm.so.6"})
    if (fs::exists(place)) fs::copy_file(place, lib / search.names.front(), fs::copy_options::overwrite_existing);
  REQUIRE(fs::exists(lib / search.names.front()));
  CHECK_FALSE(DynamicLibrary(search).loaded());
  const Variable variable("VIRTUAL_ENV", folder.path);
  DynamicLibrary library(search);
  CHECK(library.loaded());
  CHECK(library.path() == (lib / search.names.front()).string());
  double (*cosine)(double) = nullptr;
  library.resolve(cosine, "cos");
  REQUIRE(static_cast<bool>(cosine));
  CHECK(cosine(0.0) == 1.0);
  library.resolve(cosine, "no_such_function");
  CHECK_FALSE(static_cast<bool>(cosine));
  CHECK_FALSE(library.loaded());
  check_says(library.problem(), "no_such_function");
}

TEST_CASE("NVRTC 13 is not looked for beside a driver for CUDA 12, which could not load what it makes") {
  using Names = std::vector<std::string>;
  for (const int driver : {0, 13000, 13020, 14000})
    CHECK(nvrtc::library_search(driver).names == Names{"libnvrtc.so.13", "libnvrtc.so.12"});
  for (const int driver : {12000, 12080, 12090}) {
    CHECK(nvrtc::library_search(driver).names == Names{"libnvrtc.so.12"});
    check_says(nvrtc::library_search(driver).remedy, "nvidia-cuda-nvrtc-cu12");
  }
}

TEST_CASE("a cuDNN made for a later CUDA than the driver's is refused, with the package that fits") {
  for (const auto& [made_for, driver] :
       {std::pair<std::size_t, int>{13000, 0}, {13000, 13000}, {13010, 13000}, {12090, 12000}, {12090, 13000}})
    CHECK(cudnn::cuda_problem("libcudnn.so.9", made_for, driver) == "");
  const std::string problem = cudnn::cuda_problem("folder/libcudnn.so.9", 13000, 12040);
  for (const char* part : {"folder/libcudnn.so.9", "made for CUDA 13", "CUDA 12.4", "pip install nvidia-cudnn-cu12"})
    check_says(problem, part);
  if (cudnn::functions().problem.empty()) CHECK(cudnn::functions().cuda_version() >= 12000);
}

TEST_CASE("where there is no CUDA device, availability and cuda() give the same reason") {
  const std::string reason = cuda_availability();
  if (reason.empty()) {
    CHECK(cuda().description().find("cuda:0") != std::string::npos);
    CHECK_THROWS_WITH_AS(cuda(4096), doctest::Contains("cuda:4096 does not exist"), Error);
    return;
  }
  MESSAGE("no CUDA device: ", reason);
  CHECK_THROWS_WITH_AS(cuda(), doctest::Contains(reason.c_str()), Error);
}

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
  off.write("key", {'a'});
  CHECK_FALSE(off.read("key").has_value());
  const DiskCache impossible("/proc/pix2pixhd");
  impossible.write("key", {'a'});
  CHECK_FALSE(impossible.read("key").has_value());
}
