#pragma once
/// The devices that conformance and golden tests run on.

#include <pix2pixhd/pix2pixhd.hpp>

#include <cstdlib>
#include <string>
#include <vector>

namespace tests {

struct NamedDevice {
  std::string name;
  pix2pixhd::Device device;
  bool exact;  ///< computes in double
};

/// The reference, the CPU backend once for every instruction set of this machine, and a CUDA device if there is one.
/// ctest makes programs find the stand-in for one (tests/stand_in); a program that is run by hand finds a GPU.
/// PIX2PIXHD_TEST_DEVICE in the environment leaves only the one of that name; Error if it is not there.
inline std::vector<NamedDevice> all_devices() {
  std::vector<NamedDevice> devices{{"reference", pix2pixhd::reference(), true}};
#if __has_include(<pix2pixhd/backend/cpu/cpu_backend-inl.hpp>)
  for (const pix2pixhd::Isa isa : pix2pixhd::available_isas())
    devices.push_back({std::string("cpu/") + pix2pixhd::to_string(isa), pix2pixhd::cpu({.threads = 2}, isa), false});
#endif
  if (pix2pixhd::cuda_availability().empty()) devices.push_back({"cuda", pix2pixhd::cuda(), false});
  if (const char* only = std::getenv("PIX2PIXHD_TEST_DEVICE")) {
    std::erase_if(devices, [&](const NamedDevice& one) { return one.name != only; });
    if (devices.empty())
      throw pix2pixhd::Error(std::string("PIX2PIXHD_TEST_DEVICE asks for ") + only +
                             ", which is not there: " + pix2pixhd::cuda_availability());
  }
  return devices;
}

}  // namespace tests
