#include <pix2pixhd/backend/cpu/cpu_backend.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace pix2pixhd;

TEST_CASE("the baseline is always there, and the best instruction set comes last") {
  const auto isas = available_isas();
  REQUIRE(!isas.empty());
  CHECK(isas.front() == Isa::baseline);
  CHECK(isas.back() == std::min(best_isa(), Isa::avx512));  // in f32 what is above it is the same
  CHECK(available_isas(Precision::bf16).back() == best_isa());
#if defined(__x86_64__) && !defined(PIX2PIXHD_EMULATED)
  CHECK((best_isa() >= Isa::avx2) == (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")));
  CHECK((best_isa() >= Isa::avx512) == (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                                        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")));
  if (best_isa() >= Isa::avx512)
    CHECK((best_isa() >= Isa::avx512_bf16) == static_cast<bool>(__builtin_cpu_supports("avx512bf16")));
#endif
}

TEST_CASE("a device names its instruction set and refuses what it cannot do") {
  for (const Isa isa : available_isas(Precision::bf16)) {
    const Device device = cpu({.threads = 1, .precision = Precision::bf16}, isa);
    CHECK(device.name() == "cpu");
    CHECK(device.description().find(to_string(isa)) != std::string::npos);
  }
  for (const Precision precision : {Precision::tf32, Precision::f16}) {
    try {
      cpu({.precision = precision});
      FAIL("no error");
    } catch (const Error& error) {
      CHECK(std::string(error.what()).find(to_string(precision)) != std::string::npos);
    }
  }
  CHECK_THROWS_AS(cpu({.threads = -1}), Error);
  if (best_isa() == Isa::amx_bf16) return;
  try {
    cpu({.precision = Precision::bf16}, Isa::amx_bf16);
    FAIL("no error");
  } catch (const Error& error) {
    const std::string text = error.what();
    CHECK(text.find("this machine has no amx_bf16") == 0);
    CHECK((text.find("AMX") != std::string::npos || text.find("tile registers") != std::string::npos ||
           best_isa() < Isa::avx512_bf16));
    CHECK(text.find(to_string(best_isa())) != std::string::npos);
  }
}

TEST_CASE("memory is aligned, counted, and its end is an error of its own") {
  Device device = cpu({.threads = 1});
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{100}, std::size_t{5} << 20}) {
    const auto storage = device.allocate(bytes);
    CHECK(reinterpret_cast<std::uintptr_t>(storage->data()) % 64 == 0);
    CHECK(device.memory().current() == bytes);
  }
  CHECK(device.memory().current() == 0);
  CHECK_THROWS_AS(device.allocate(std::size_t{1} << 60), OutOfMemory);
  CHECK(device.memory().current() == 0);
  Device small = cpu({.threads = 1, .budget = 1000});
  CHECK_THROWS_AS(small.allocate(1001), OutOfMemory);
}
