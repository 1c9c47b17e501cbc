#pragma once
/// What the tests of state_dict and key_matching share: a small network, and files that are almost its state_dict.

#include "store_testing.hpp"

#include <pix2pixhd/pix2pixhd.hpp>
#include <pix2pixhd/store/pytorch_writer.hpp>
#include <pix2pixhd/store/safetensors.hpp>
#include <pix2pixhd/store/state_dict.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace state_dict_testing {

using namespace pix2pixhd;
using store_testing::contains;
using store_testing::error_of;
using store_testing::TemporaryFolder;

/// model.0 (convolution), model.1 (instance norm, nothing stored), model.4 (convolution of the head).
using SmallNet = Sequential<ConvBlock<3, 4>, Head<4, 2>>;
/// The same with a batch norm in slot 1, which has arrays of its own.
using BatchNet = Sequential<ConvBlock<3, 4, BlockShape{.norm = Norm::batch}>, Head<4, 2>>;

/// A tensor of a file to be written.
struct FileTensor {
  std::vector<std::int64_t> shape;
  std::vector<float> values;
  StoredType type = StoredType::f32;
};

/// A file's tensors by name; to be changed by a test, then written.
using FileTensors = std::map<std::string, FileTensor>;

inline std::vector<float> values_of(Device& device, const Tensor& x) {
  std::vector<float> values(x.shape().count());
  download<float>(device, x, values);
  return values;
}

/// All values of a network, by name.
template <class Net>
std::map<std::string, std::vector<float>> values_of(Device& device, const Net& network) {
  std::map<std::string, std::vector<float>> all;
  for (const NamedArray& array : named_arrays(network)) all[array.name] = values_of(device, *array.value);
  return all;
}

/// What save() would write of a network.
template <class Net>
FileTensors tensors_of(Device& device, const Net& network) {
  FileTensors tensors;
  for (const NamedArray& array : named_arrays(network)) {
    const Shape& s = array.value->shape();
    const std::int64_t sides[4] = {s.n, s.c, s.h, s.w};
    tensors[array.name] = {{sides, sides + array.info.rank}, values_of(device, *array.value), StoredType::f32};
  }
  return tensors;
}

/// Writes .safetensors, or .pth where the name ends so.
inline void write(const std::filesystem::path& path, const FileTensors& tensors) {
  std::vector<TensorEntry> entries;
  std::vector<const FileTensor*> sources;
  for (const auto& [name, tensor] : tensors) {
    entries.push_back({.name = name, .type = tensor.type, .shape = tensor.shape});
    sources.push_back(&tensor);
  }
  const auto produce = [&](const TensorEntry&, std::size_t position) -> TensorValues {
    return std::span<const float>(sources[position]->values);
  };
  if (path.extension() == ".pth")
    write_pytorch(path, entries, produce);
  else
    write_safetensors(path, entries, produce);
}

/// The tensors under names that begin with `prefix`.
inline FileTensors under(const std::string& prefix, const FileTensors& tensors) {
  FileTensors renamed;
  for (const auto& [name, tensor] : tensors) renamed[prefix + name] = tensor;
  return renamed;
}

/// A file of another network's numbers, and a network to load it into.
template <class Net>
struct Case {
  TemporaryFolder folder;
  Device device = reference();
  Net network;
  FileTensors tensors;
  std::map<std::string, std::vector<float>> before, expected;

  Case() {
    Net other;
    initialize(device, other, 11);
    tensors = tensors_of(device, other);
    expected = values_of(device, other);
    initialize(device, network, 12);
    before = values_of(device, network);
    REQUIRE(before != expected);
  }

  /// Loads `file_tensors` and says whether the network then holds the other network's numbers.
  bool loads(const FileTensors& file_tensors, const LoadOptions& options = {}) {
    write(folder / "weights.safetensors", file_tensors);
    load(device, network, folder / "weights.safetensors", options);
    return values_of(device, network) == expected;
  }

  /// The sentence by which the load is refused; the network must be as it was, and the file must be named.
  std::string refusal(const FileTensors& file_tensors, const LoadOptions& options = {}) {
    write(folder / "weights.safetensors", file_tensors);
    const std::string message = error_of([&] { load(device, network, folder / "weights.safetensors", options); });
    CHECK(values_of(device, network) == before);
    CHECK(contains(message, (folder / "weights.safetensors").string()));
    return message;
  }
};

}  // namespace state_dict_testing
