#pragma once
/// Names of networks beside those of the golden files, and networks on maps as layers.

#include "layers/layer_case.hpp"
#include "ops/map_case.hpp"

#include <pix2pixhd/store/tensor_file.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace tests {

template <class Net>
std::vector<std::string> names_of(const Net& network) {
  std::vector<std::string> names;
  for (const NamedArray& array : named_arrays(network)) names.push_back(array.name);
  return names;
}

/// The keys of a golden file that begin with `prefix`, without it.
inline std::vector<std::string> golden_keys(const std::string& file, const std::string& prefix) {
  const auto tensors = open_tensor_file(std::string(PIX2PIXHD_TEST_DATA) + "/" + file);
  std::vector<std::string> keys;
  for (const TensorEntry& entry : tensors->entries())
    if (entry.name.starts_with(prefix)) keys.push_back(entry.name.substr(prefix.size()));
  return keys;
}

/// The order of PyTorch's state_dict: numbers by value, and weight, bias, running_mean, running_var of one module.
/// (A .safetensors file sorts its keys as text.)
inline bool published_order(const std::string& a, const std::string& b) {
  const auto parts = [](const std::string& name) {
    const std::vector<std::string> last{"weight", "bias", "running_mean", "running_var"};
    std::vector<std::pair<long, std::string>> result;
    for (std::size_t i = 0; i < name.size();) {
      const std::size_t end = std::min(name.find_first_not_of("0123456789", i), name.size());
      if (end > i) {
        result.emplace_back(std::stol(name.substr(i, end - i)), "");
        i = end;
        continue;
      }
      const auto rank = std::find(last.begin(), last.end(), name.substr(i));
      if (rank != last.end()) {
        result.emplace_back(static_cast<long>(rank - last.begin()), "");
        break;
      }
      result.emplace_back(-1, name.substr(i++, 1));
    }
    return result;
  };
  return parts(a) < parts(b);
}

/// The names of the network are the published ones, in the order of its state_dict.
template <class Net>
void check_names(const std::string& file, const std::string& prefix = "weights/") {
  CAPTURE(file);
  std::vector<std::string> keys = golden_keys(file, prefix);
  REQUIRE(!keys.empty());
  std::sort(keys.begin(), keys.end(), published_order);
  std::erase_if(keys, [](const std::string& key) { return key.ends_with("num_batches_tracked"); });
  CHECK(names_of(Net()) == keys);
}

template <class Net>
std::size_t parameter_count(Net& network) {
  std::size_t count = 0;
  for (const NamedArray& array : named_arrays(network))
    if (array.trainable) count += array.info.sizes().count();
  return count;
}

/// A map of random labels, some of them to be ignored, and of random instances.
inline SemanticMap random_map(Device& device, int n, int h, int w, int classes, bool edges = true) {
  return MapArrays(n, h, w, classes).map(device, edges);
}

/// A network whose first layer reads a map, as a layer on the dense part that is joined to the map.
template <class Net>
struct OnMap {
  static constexpr int in_channels = pix2pixhd::any, out_channels = pix2pixhd::any;

  Net network;
  SemanticMap map;

  template <Mode M>
  struct Context {
    typename Net::template Context<M> inner;
  };

  template <Mode M>
  Tensor forward(Device& device, Tensor x, Context<M>& context, const Ask& ask = {}) const {
    return network.forward(device, join(map, x), context.inner, ask);
  }
  Tensor backward(Device& device, Tensor dy, Context<Mode::train>& context, Need need) {
    return network.backward(device, std::move(dy), context.inner, need);
  }
  void visit(Names& names, Visitor& visitor) { network.visit(names, visitor); }
};

/// The rules for a network on a map with `part` joined.
template <class Net>
void check_contract_on_map(int classes, const Shape& part, bool edges = true,
                           const LayerContractOptions& options = {.probes = 1}) {
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    OnMap<Net> layer{{}, random_map(on.device, part.n, part.h, part.w, classes, edges)};
    const LayerContractReport report = layer_contract(on.device, layer, part, options);
    CHECK_MESSAGE(report.passed(), report.text());
  }
}

}  // namespace tests
