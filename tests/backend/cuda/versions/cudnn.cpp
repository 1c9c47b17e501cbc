// Which of several cuDNNs is taken: those of stand_in/cudnn_versions. Each is loaded in a process of its own, because
// parts of a cuDNN stay where they are once they have been loaded.
#include <dlfcn.h>
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <pix2pixhd/backend/cuda/cudnn.hpp>
#include <pix2pixhd/backend/cuda/cudnn_search.hpp>
#include <pix2pixhd/backend/cuda/library_file.hpp>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "backend/cuda/libraries/places.hpp"

using namespace pix2pixhd::backend_cuda;
namespace fs = std::filesystem;
using tests::check_says;
using tests::Folder;
using tests::Variable;

namespace {

const fs::path built = PIX2PIXHD_TEST_CUDNNS;

/// Environments of Python, in the order in which they are looked through, with the cuDNN that each of them has.
class Environments {
 public:
  /// `library` is "91400_13000", version and CUDA; `package` the folder that says what was installed, if there is one.
  std::string add(const std::string& library, const std::string& package = "") {
    const fs::path packages = folder_.path / library / "lib/python3.12/site-packages",
                   lib = packages / "nvidia/cudnn/lib";
    fs::create_directories(lib);
    fs::copy_file(built / library / "libcudnn_graph.so.9", lib / "libcudnn_graph.so.9");
    fs::copy_file(built / library / "libcudnn.so.9", lib / name);  // a name that no system has
    if (!package.empty()) fs::create_directory(packages / package);
    (roots_[0].empty() ? roots_[0] : roots_[1]) = folder_.path / library;
    return lib / name;
  }
  /// The version that is loaded beside a driver, and of which CUDA; or why none is.
  std::string loaded(int driver_version) const {
    const Variable first("VIRTUAL_ENV", roots_[0]), second("CONDA_PREFIX", roots_[1]);
    LibrarySearch search = cudnn::library_search(driver_version);
    search.names = {name};
    search.folders = {};
    return in_a_process(search, driver_version);
  }
  static std::string in_a_process(const LibrarySearch& search, int driver_version, const std::string& before = "") {
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    const pid_t child = fork();
    if (child == 0) {
      if (!before.empty()) dlopen(before.c_str(), RTLD_NOW | RTLD_LOCAL);
      const cudnn::Functions f = cudnn::load(search, driver_version);
      const std::string text =
          !f.problem.empty() ? f.problem : std::to_string(f.version_number) + "_" + std::to_string(f.cuda_version());
      _exit(write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : 1);
    }
    close(ends[1]);
    std::string text;
    std::array<char, 256> piece{};
    for (ssize_t got = 0; (got = read(ends[0], piece.data(), piece.size())) > 0;)
      text.append(piece.data(), static_cast<std::size_t>(got));
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(status == 0);
    return text;
  }

 private:
  static constexpr const char* name = "libcudnn_of_tests.so.9";
  Folder folder_;
  std::array<std::string, 2> roots_;
};

}  // namespace

TEST_CASE("the version of a cuDNN is read from its files") {
  for (const char* name : {"91300_13000", "91400_13000", "91900_13000", "91900_12090"})
    CHECK(cudnn::version_of_file(built / name / "libcudnn.so.9") == std::stoul(name));
  CHECK(cudnn::version_of_file("libcudnn.so.9") == 0);
  CHECK(cudnn::version_of_file(built / "no_such_folder/libcudnn.so.9") == 0);
  CHECK_FALSE(exported_constant(built / "91400_13000/libcudnn_graph.so.9", "cudnn_graph_versio").has_value());
  CHECK_FALSE(exported_constant(built / "91400_13000/libcudnn_graph.so.9", "part_version").has_value());
  CHECK_FALSE(exported_constant(built / "91400_13000/libcudnn.so.9", "cudnn_graph_version").has_value());
  CHECK_FALSE(exported_constant(built, "cudnn_graph_version").has_value());
}

TEST_CASE("a file that is cut off or no library tells no version, and does no harm") {
  const Folder folder;
  const std::string file = folder.path / "libcudnn_graph.so.9";
  std::ofstream(file) << "no library";
  CHECK(cudnn::version_of_file(folder.path / "libcudnn.so.9") == 0);
  const fs::path whole = built / "91400_13000/libcudnn_graph.so.9";
  const auto size = fs::file_size(whole);
  for (const auto part : {size / 1000, size / 10, size / 2, size - 1}) {
    fs::copy_file(whole, file, fs::copy_options::overwrite_existing);
    fs::resize_file(file, part);
    exported_constant(file, "cudnn_graph_version");
  }
  // Every byte of the header, and of the table of sections at the end, turned round in its turn.
  for (std::uintmax_t at = 0; at < size; at = at == 63 ? size - 2048 : at + 1) {
    fs::copy_file(whole, file, fs::copy_options::overwrite_existing);
    {
      std::fstream damaged(file, std::ios::in | std::ios::out | std::ios::binary);
      damaged.seekg(static_cast<std::streamoff>(at));
      const int before = damaged.get();
      damaged.seekp(static_cast<std::streamoff>(at));
      damaged.put(static_cast<char>(~before));
    }
    exported_constant(file, "cudnn_graph_version");
  }
}

TEST_CASE("a cuDNN that is too old is passed over, and the next one works with parts of its own") {
  Environments both;
  both.add("91400_13000");
  both.add("91900_13000");
  for (const int driver : {0, 13000, 13020, 14000}) CHECK(both.loaded(driver) == "91900_13000");
  Environments other_order;
  other_order.add("91900_13000");
  other_order.add("91400_13000");
  CHECK(other_order.loaded(13000) == "91900_13000");
}

TEST_CASE("so is one that the system has") {
  const Folder folder;
  const fs::path lib = folder.path / "lib/python3.12/site-packages/nvidia/cudnn/lib";
  fs::create_directories(lib.parent_path());
  fs::copy(built / "91900_13000", lib);
  const Variable environment("VIRTUAL_ENV", folder.path);
  // A library that is loaded is what the system finds under its name.
  CHECK(Environments::in_a_process(cudnn::library_search(13000), 13000, built / "91400_13000/libcudnn.so.9") ==
        "91900_13000");
}

TEST_CASE("where none fits, each is named with its version, and what to do") {
  Environments both;
  const std::string first = both.add("91400_13000"), second = both.add("91300_13000");
  const std::string problem = both.loaded(13000);
  for (const std::string& part :
       {first + " is version 9.14.0", second + " is version 9.13.0", std::string("9.15 or a later 9.x"),
        std::string("pip install nvidia-cudnn-cu13"), std::string("PIX2PIXHD_CUDNN")})
    check_says(problem, part);
}

TEST_CASE("a cuDNN made for a later CUDA than the driver's is passed over") {
  Environments both;
  both.add("91900_13000", "nvidia_cudnn_cu13-9.19.0.56.dist-info");
  both.add("91900_12090", "nvidia_cudnn_cu12-9.19.0.56.dist-info");
  CHECK(both.loaded(12040) == "91900_12090");
  CHECK(both.loaded(13000) == "91900_13000");
}

TEST_CASE("one of which only loading it would tell its CUDA comes after one that is known to fit") {
  Environments both;
  both.add("91900_13000");
  both.add("91900_12090", "nvidia_cudnn_cu12-9.19.0.56.dist-info");
  CHECK(both.loaded(12040) == "91900_12090");
  Environments unclear;
  unclear.add("91900_13000");
  check_says(unclear.loaded(12040), "is made for CUDA 13, but the driver for CUDA 12.4");
}

TEST_CASE("where no CUDA fits, each is named, and the package that fits") {
  Environments both;
  const std::string first = both.add("91900_13000", "nvidia_cudnn_cu13-9.19.0.56.dist-info");
  const std::string second = both.add("91400_13000");
  const std::string problem = both.loaded(12040);
  for (const std::string& part : {first + " is made for CUDA 13, but the driver for CUDA 12.4",
                                  second + " is version 9.14.0", std::string("pip install nvidia-cudnn-cu12`")})
    check_says(problem, part);
}

TEST_CASE("the variable names the one and only file") {
  Environments one;
  one.add("91900_13000");
  const std::string file = built / "91400_13000/libcudnn.so.9";
  const Variable chosen("PIX2PIXHD_CUDNN", file);
  const std::string problem = one.loaded(13000);
  for (const std::string& part : {file, std::string("version 9.14.0"), std::string("9.15 or a later 9.x")})
    check_says(problem, part);
}

TEST_CASE("parts of another version that are in the way are named") {
  Environments one;
  const Variable chosen("PIX2PIXHD_CUDNN", one.add("91900_13000"));
  const std::string problem =
      Environments::in_a_process(cudnn::library_search(13000), 13000, built / "91400_13000/libcudnn_graph.so.9");
  for (const char* part : {"is version 9.19.0", "parts of version 9.14.0", "LD_LIBRARY_PATH"})
    check_says(problem, part);
}

TEST_CASE("versions and what is said of them") {
  CHECK(cudnn::version_text(91400) == "9.14.0");
  CHECK(cudnn::version_text(91002) == "9.10.2");
  for (const std::size_t version : {91500u, 92600u, 99999u}) CHECK(cudnn::version_objection(version) == "");
  CHECK(cudnn::version_objection(91499) == "is version 9.14.99");
  CHECK(cudnn::version_objection(100000) == "is version 10.0.0");
  for (const auto& [made_for, driver] : {std::pair<std::size_t, int>{13000, 0},
                                         {13000, 13000},
                                         {13010, 13000},
                                         {12090, 12000},
                                         {12090, 13000},
                                         {0, 12040}})
    CHECK(cudnn::cuda_objection(made_for, driver) == "");
  CHECK(cudnn::cuda_objection(13000, 12040) == "is made for CUDA 13, but the driver for CUDA 12.4");
}
