#pragma once
/// Versions of cuDNN, read from files.

#include <pix2pixhd/backend/cuda/cudnn_search.hpp>
#include <pix2pixhd/backend/cuda/library_file.hpp>
#include <pix2pixhd/core/error.hpp>

#include <charconv>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>

namespace pix2pixhd::inline v0::backend_cuda::cudnn {

PIX2PIXHD_INLINE std::string version_text(std::size_t version) {
  return detail::sentence(version / 10000, ".", version % 10000 / 100, ".", version % 100);
}

PIX2PIXHD_INLINE std::string version_objection(std::size_t version) {
  return version >= oldest_version && version < next_major_version ? "" : "is version " + version_text(version);
}

PIX2PIXHD_INLINE std::string cuda_objection(std::size_t made_for, int driver_version) {
  const auto driver = static_cast<std::size_t>(driver_version);
  if (driver == 0 || made_for / 1000 <= driver / 1000) return "";
  return detail::sentence("is made for CUDA ", made_for / 1000, ", but the driver for CUDA ", driver / 1000, ".",
                          driver % 1000 / 10);
}

PIX2PIXHD_INLINE std::size_t version_of_file(const std::string& path) {
  std::error_code ignored;
  const std::filesystem::path file(path);
  for (const auto& folder : {file.parent_path(), std::filesystem::canonical(file, ignored).parent_path()}) {
    // All versions 9.x have this constant; 9.14.0 is 0x090e00.
    const std::optional<std::uint32_t> constant =
        exported_constant((folder / "libcudnn_graph.so.9").string(), "cudnn_graph_version");
    if (constant && *constant >> 16 != 0)
      return std::size_t{*constant >> 16} * 10000 + std::size_t{*constant >> 8 & 0xff} * 100 + (*constant & 0xff);
  }
  return 0;
}

PIX2PIXHD_INLINE std::size_t cuda_of_package(const std::string& path) {
  namespace fs = std::filesystem;
  constexpr std::string_view start = "nvidia_cudnn_cu", end = ".dist-info";  // nvidia_cudnn_cu13-9.19.0.56.dist-info
  fs::path packages = path;                                                  // .../nvidia/cudnn/lib/libcudnn.so.9
  for (int above = 0; above < 4; ++above) packages = packages.parent_path();
  std::size_t found = 0;
  std::error_code error;
  for (fs::directory_iterator i(packages, error), last; !error && i != last; i.increment(error)) {
    const std::string name = i->path().filename().string();
    if (!name.starts_with(start) || !name.ends_with(end)) continue;
    std::size_t major = 0;
    std::from_chars(name.data() + start.size(), name.data() + name.size(), major);
    if (found != 0 && found != major) return 0;  // each has overwritten the other's files, or not
    found = major;
  }
  return found * 1000;
}

PIX2PIXHD_INLINE LibrarySearch library_search(int driver_version) {
  const bool earlier_driver = driver_version != 0 && driver_version / 1000 < newest_cuda_major;
  return {
      .what = "cuDNN",
      .variable = "PIX2PIXHD_CUDNN",
      .names = {"libcudnn.so.9"},
      .wheel_folders = {"nvidia/cudnn/lib"},
      .folders = {"/usr/local/cuda/lib64"},
      .remedy = detail::sentence("install version 9.15 or a later 9.x, for instance by `pip install nvidia-cudnn-cu",
                                 earlier_driver ? "12`" : "13` (nvidia-cudnn-cu12 for a CUDA 12 driver)"),
      .inspect = [driver_version, earlier_driver](const std::string& path) {
        const std::size_t version = version_of_file(path), made_for = earlier_driver ? cuda_of_package(path) : 0;
        LibraryVerdict verdict{.known = version != 0 && (made_for != 0 || !earlier_driver)};
        if (version != 0) verdict.objection = version_objection(version);
        if (verdict.objection.empty()) verdict.objection = cuda_objection(made_for, driver_version);
        return verdict;
      }};
}

}  // namespace pix2pixhd::inline v0::backend_cuda::cudnn
