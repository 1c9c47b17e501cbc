#pragma once
/// Checks that every operation makes before a backend sees the call.

#include <pix2pixhd/core/device.hpp>
#include <pix2pixhd/core/parameter.hpp>

#include <string>

namespace pix2pixhd::inline v0 {
namespace detail {

/// Throws unless `storage` lies on the device; `remedy` is what to do about it.
inline void check_storage(const Device& device, const Storage& storage, const char* what, const char* remedy) {
  if (device.backend().accepts(*storage.backend())) return;
  const std::string here = device.name(), there = storage.backend()->name();
  throw Error(sentence(what, " is on ", there, ", this call runs on ",
                       here == there ? "another device of that name" : here, "; ", remedy, "."));
}

/// Throws unless `x` has values and lies on the device, stored as the device stores activations or parameters.
inline void check_tensor(const Device& device, const Tensor& x, const char* what) {
  require(!x.empty(), what, " is an empty tensor; give it values by upload or take it from a forward pass.");
  check_storage(device, *x.storage(), what, "use to(device, x)");
  const Backend &here = device.backend(), &there = *x.storage()->backend();
  if (&here == &there) return;
  // The same device in two precisions takes both tensors, and computes in one.
  const auto stored_for = [&](Role role) { return x.format() == here.format(x.shape(), role); };
  const bool pending = x.pending() && stored_for(Role::float_activation);
  require(stored_for(Role::activation) || stored_for(Role::parameter) || pending, what, " was made in ",
          to_string(there.options().precision), ", this call computes in ", to_string(here.options().precision),
          "; use to(device, x).");
}

/// Throws unless `x` is what check_tensor wants and stored as an activation, which operations on pictures read.
inline void check_activation(const Device& device, const Tensor& x, const char* what) {
  check_tensor(device, x, what);
  const auto stored_for = [&](Role role) { return x.format() == device.backend().format(x.shape(), role); };
  require(stored_for(Role::activation) || (x.pending() && stored_for(Role::float_activation)), what,
          " is stored as a parameter, but has to be stored as an activation; use to(device, x).");
}

inline void check_input(const Device& device, const BlockInput& x, const char* what) {
  if (!x.map) return check_activation(device, x.tensor, what);
  require(x.map->labels() != nullptr, what, " is an empty semantic map; make one by semantic_map.");
  check_storage(device, *x.map->labels(), what, "make it by semantic_map on the device that is to read it");
  for (const Tensor& part : x.map->parts()) check_activation(device, part, what);
}

/// Throws unless the parameter was initialised or loaded, on this device.
inline void check_parameter(const Device& device, const Tensor& value, const char* what) {
  require(!value.empty(), what, " has no values yet; call initialize or load before the first pass.");
  check_storage(device, *value.storage(), what, "initialize or load the network on the device that is to run it");
}

inline void check_same_shape(const Shape& a, const Shape& b, const char* what) {
  require(a == b, what, ": ", to_string(a), " and ", to_string(b), " must be the same size.");
}

inline void check_same_format(const Tensor& a, const Tensor& b, const char* what) {
  require(a.format() == b.format(), what,
          ": one is stored as an activation, the other as a parameter, but both have to be stored alike; "
          "use to(device, x, role) for one of them.");
}

}  // namespace detail
}  // namespace pix2pixhd::inline v0
