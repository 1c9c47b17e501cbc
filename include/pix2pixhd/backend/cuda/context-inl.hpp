#pragma once
/// Opening a device.

#include <pix2pixhd/backend/cuda/context.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <array>

namespace pix2pixhd::inline v0::backend_cuda {

PIX2PIXHD_INLINE std::string DeviceFacts::architecture() const {
  return detail::sentence("sm_", capability, capability == 90 ? "a" : "");
}

PIX2PIXHD_INLINE DeviceFacts device_facts(int index) {
  const driver::Functions& f = driver::functions();
  detail::require(f.problem.empty(), f.problem);
  DeviceFacts facts{.index = index, .name = detail::sentence("cuda:", index)};
  check_driver(f.init(0), facts.name, "starting the driver");
  int count = 0;
  check_driver(f.device_count(&count), facts.name, "counting devices");
  detail::require(index >= 0 && index < count, facts.name, " does not exist: this machine has ", count,
                  count == 1 ? " CUDA device" : " CUDA devices", ", numbered from 0.");
  check_driver(f.device(&facts.device, index), facts.name, "finding the device");
  std::array<char, 256> text{};
  check_driver(f.device_name(text.data(), static_cast<int>(text.size()), facts.device), facts.name,
               "asking for its name");
  facts.model = text.data();
  const auto ask = [&](driver::Attribute attribute) {
    int value = 0;
    check_driver(f.device_attribute(&value, attribute, facts.device), facts.name, "asking what it can");
    return value;
  };
  const int major = ask(driver::Attribute::capability_major), minor = ask(driver::Attribute::capability_minor);
  facts.capability = major * 10 + minor;
  facts.multiprocessors = ask(driver::Attribute::multiprocessors);
  detail::require(facts.capability >= oldest_capability, facts.name, " (", facts.model, ") has compute capability ",
                  major, ".", minor, "; 8.0 or higher is needed");
  return facts;
}

PIX2PIXHD_INLINE CudaContext::CudaContext(int index) : facts_(device_facts(index)) {
  check_driver(driver::functions().retain_context(&context_, facts_.device), name(), "opening the device");
}

PIX2PIXHD_INLINE CudaContext::~CudaContext() { driver::functions().release_context(facts_.device); }

PIX2PIXHD_INLINE CudaContext::Use::Use(const CudaContext& context) {
  check_driver(driver::functions().push_context(context.context_), context.name(), "using the device");
}

PIX2PIXHD_INLINE CudaContext::Use::~Use() {
  driver::Context previous = nullptr;
  driver::functions().pop_context(&previous);
}

}  // namespace pix2pixhd::inline v0::backend_cuda
