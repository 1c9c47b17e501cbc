#pragma once
/// The stand-in's functions (tests/stand_in/control.hpp), or nothing where the tests run on a GPU.

#include "stand_in/control.hpp"

#include <dlfcn.h>
#include <doctest/doctest.h>

#include <cstddef>
#include <cstdlib>

namespace tests {

struct Control {
  decltype(&stand_in_fail) fail = nullptr;
  decltype(&stand_in_set_memory) set_memory = nullptr;
  decltype(&stand_in_allocated) allocated = nullptr;
  decltype(&stand_in_pinned) pinned = nullptr;
  decltype(&stand_in_set_old_devices) set_old_devices = nullptr;
  decltype(&stand_in_set_engines) set_engines = nullptr;
  decltype(&stand_in_last_engine) last_engine = nullptr;
  decltype(&stand_in_calls) calls = nullptr;
  decltype(&stand_in_waits) waits = nullptr;
  decltype(&stand_in_await) await = nullptr;
  decltype(&stand_in_came) came = nullptr;

  Control() {
    const char* file = std::getenv("PIX2PIXHD_CUDA_DRIVER");
    void* library = file ? dlopen(file, RTLD_NOW) : nullptr;
    if (!library) {
      MESSAGE("left out: PIX2PIXHD_CUDA_DRIVER does not name the stand-in");
      return;
    }
    fail = reinterpret_cast<decltype(fail)>(dlsym(library, "stand_in_fail"));
    set_memory = reinterpret_cast<decltype(set_memory)>(dlsym(library, "stand_in_set_memory"));
    allocated = reinterpret_cast<decltype(allocated)>(dlsym(library, "stand_in_allocated"));
    pinned = reinterpret_cast<decltype(pinned)>(dlsym(library, "stand_in_pinned"));
    set_old_devices = reinterpret_cast<decltype(set_old_devices)>(dlsym(library, "stand_in_set_old_devices"));
    set_engines = reinterpret_cast<decltype(set_engines)>(dlsym(library, "stand_in_set_engines"));
    last_engine = reinterpret_cast<decltype(last_engine)>(dlsym(library, "stand_in_last_engine"));
    calls = reinterpret_cast<decltype(calls)>(dlsym(library, "stand_in_calls"));
    waits = reinterpret_cast<decltype(waits)>(dlsym(library, "stand_in_waits"));
    await = reinterpret_cast<decltype(await)>(dlsym(library, "stand_in_await"));
    came = reinterpret_cast<decltype(came)>(dlsym(library, "stand_in_came"));
  }
  explicit operator bool() const { return fail != nullptr; }
};

}  // namespace tests
