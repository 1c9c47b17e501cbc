#pragma once
/// The devices that conformance and golden tests run on.

#include <pix2pixhd/pix2pixhd.hpp>

#include <string>
#include <vector>

namespace tests {

struct NamedDevice {
  std::string name;
  pix2pixhd::Device device;
  bool exact;  ///< computes in double
};

/// The reference, and the CPU backend once for every instruction set of this machine.
inline std::vector<NamedDevice> all_devices() {
  std::vector<NamedDevice> devices{{"reference", pix2pixhd::reference(), true}};
#if __has_include(<pix2pixhd/backend/cpu/cpu_backend-inl.hpp>)
  for (const pix2pixhd::Isa isa : pix2pixhd::available_isas())
    devices.push_back({std::string("cpu/") + pix2pixhd::to_string(isa), pix2pixhd::cpu({.threads = 2}, isa), false});
#endif
  return devices;
}

}  // namespace tests
