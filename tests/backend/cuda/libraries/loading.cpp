// Libraries that are found at run time.
#include <doctest/doctest.h>
#include <pix2pixhd/backend/cuda/cuda_device.hpp>
#include <pix2pixhd/backend/cuda/driver.hpp>
#include <pix2pixhd/backend/cuda/dynamic_library.hpp>
#include <pix2pixhd/backend/cuda/nvrtc.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "backend/cuda/libraries/places.hpp"

using namespace pix2pixhd;
using namespace pix2pixhd::backend_cuda;
namespace fs = std::filesystem;
using tests::check_says;
using tests::Folder;
using tests::Variable;

namespace {

const LibrarySearch nothing{.what = "a library",
                            .variable = "PIX2PIXHD_TEST_LIBRARY",
                            .names = {"libpix2pixhd_test_of_loading.so.1"},
                            .wheel_folders = {"nvidia/test/lib"},
                            .remedy = "install it"};

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
