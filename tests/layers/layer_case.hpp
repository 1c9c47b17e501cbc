#pragma once
/// Holds a layer to the rules of layers, on every device, and looks at its errors.

#include "devices.hpp"

#include <doctest/doctest.h>
#include <pix2pixhd/testing/layer_contract.hpp>

#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace tests {

using namespace pix2pixhd;

/// The rules, for a layer that is default constructed or given.
template <class L>
void check_contract(const Shape& input, const LayerContractOptions& options = {}) {
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    L layer;
    const LayerContractReport report = layer_contract(on.device, layer, input, options);
    CHECK_MESSAGE(report.passed(), report.text());
  }
}

/// The sentence of the Error that `f` throws; "" if it throws none.
template <class F>
std::string sentence_of(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

/// The sentence must contain every part.
inline void check_says(const std::string& sentence, const std::vector<std::string>& parts) {
  for (const std::string& part : parts)
    CHECK_MESSAGE(sentence.find(part) != std::string::npos, "it says \"", sentence, "\", not \"", part, "\"");
}

inline Tensor normal_tensor(Device& device, const Shape& shape, std::uint64_t seed = 7) {
  return detail::device_values(device, shape, detail::normal_values(shape.count(), seed, "tensor"));
}

/// Bytes that a training context holds after a forward pass, the output and the input aside.
template <class L>
std::size_t saved_bytes(Device& device, const L& layer, const Shape& input, Need need) {
  typename L::template Context<Mode::train> context;
  const std::size_t before = device.memory().current();
  layer.forward(device, normal_tensor(device, input), context, Ask{.need = need});
  return device.memory().current() - before;
}

}  // namespace tests
