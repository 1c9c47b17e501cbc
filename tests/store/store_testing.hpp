#pragma once
/// What the tests of store/ share: temporary folders, whole files as bytes, and the tensors of a file as vectors.

#include <pix2pixhd/store/tensor_file.hpp>

#include <doctest/doctest.h>
#include <temporary_folder.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace store_testing {

namespace fs = std::filesystem;

using tests::TemporaryFolder;

inline fs::path golden(const std::string& name) { return fs::path(PIX2PIXHD_TEST_DATA) / name; }

inline std::string slurp(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file.good());
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline void spill(const fs::path& path, std::string_view bytes) {
  fs::remove(path);  // Some file systems wait for the disk when a file is cut and written again.
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  REQUIRE(file.good());
}

inline std::vector<double> values(pix2pixhd::TensorFile& file, const pix2pixhd::TensorEntry& entry) {
  std::vector<double> all(file.count(entry));
  file.read(entry, std::span<double>(all));
  return all;
}

inline std::vector<double> values(pix2pixhd::TensorFile& file, std::string_view name) {
  const pix2pixhd::TensorEntry* entry = file.find(name);
  REQUIRE_MESSAGE(entry != nullptr, name);
  return values(file, *entry);
}

/// Reads every tensor in every way.
inline void read_all(pix2pixhd::TensorFile& file) {
  for (const pix2pixhd::TensorEntry& entry : file.entries()) {
    values(file, entry);
    std::vector<std::byte> raw(file.count(entry) * size_of(entry.type));
    file.read_bytes(entry, raw);
    double sum = 0;
    for (const float value : file.view(entry)) sum += static_cast<double>(value);
    static_cast<void>(sum);
  }
}

/// The message of the Error that `action` throws; the test fails if it throws none.
template <class Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const pix2pixhd::Error& error) {
    return error.what();
  }
  FAIL_CHECK("no Error was thrown");
  return {};
}

inline std::string opening_error(const fs::path& path) {
  return error_of([&] { read_all(*pix2pixhd::open_tensor_file(path)); });
}

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

/// i / 4 for i = first, first + step, ...: the contents of the tensors in golden/containers.
inline std::vector<double> ramp(int count, int first = 0, int step = 1) {
  std::vector<double> all;
  for (int i = 0; i < count; ++i) all.push_back((first + i * step) / 4.0);
  return all;
}

}  // namespace store_testing
