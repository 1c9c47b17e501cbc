// Chains of multiply-adds in registers, and sweeps over memory.

#include "stages/roofline.hpp"

#include <pix2pixhd/backend/cpu/isa.hpp>

#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <functional>
#include <memory>
#include <thread>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace stages {
namespace {

constexpr int chains = 12;          // independent ones: a multiply-add takes 4 cycles or 5, and two begin in each
constexpr long steps = 10'000'000;  // some 20 ms
constexpr int rounds = 40;

/// Seconds that `work(thread)` takes on all threads together; the least of some rounds, in the first of which the
/// system spreads the threads over the cores.
double seconds(int threads, const std::function<void(int)>& work) {
  using Clock = std::chrono::steady_clock;
  double least = 1e30;
  Clock::time_point start;
  bool working = false;
  std::barrier together(threads, [&]() noexcept {
    const auto now = Clock::now();
    if (working) least = std::min(least, std::chrono::duration<double>(now - start).count());
    working = !working;
    start = now;
  });
  std::vector<std::jthread> team;
  for (int i = 0; i < threads; ++i)
    team.emplace_back([&, i] {
      for (int round = 0; round < rounds; ++round) {
        together.arrive_and_wait();
        work(i);
        together.arrive_and_wait();
      }
    });
  for (std::jthread& one : team) one.join();
  return least;
}

#if defined(__x86_64__)
// Each returns the operations that it did. The empty asm keeps the chains in registers and alive.

double chain_baseline() {
  __m128 sum[chains], factor = _mm_set1_ps(0.999f), term = _mm_set1_ps(0.001f);
  for (auto& one : sum) one = _mm_set1_ps(1.0f);
  for (long i = 0; i < steps; ++i)
#pragma GCC unroll 12
    for (auto& one : sum) {
      one = _mm_add_ps(_mm_mul_ps(one, factor), term);
      asm volatile("" : "+x"(one));
    }
  return 2.0 * 4 * chains * steps;
}

__attribute__((target("avx2,fma"))) double chain_avx2() {
  __m256 sum[chains], factor = _mm256_set1_ps(0.999f), term = _mm256_set1_ps(0.001f);
  for (auto& one : sum) one = _mm256_set1_ps(1.0f);
  for (long i = 0; i < steps; ++i)
#pragma GCC unroll 12
    for (auto& one : sum) {
      one = _mm256_fmadd_ps(one, factor, term);
      asm volatile("" : "+x"(one));
    }
  return 2.0 * 8 * chains * steps;
}

__attribute__((target("avx512f"))) double chain_avx512() {
  __m512 sum[chains], factor = _mm512_set1_ps(0.999f), term = _mm512_set1_ps(0.001f);
  for (auto& one : sum) one = _mm512_set1_ps(1.0f);
  for (long i = 0; i < steps; ++i)
#pragma GCC unroll 12
    for (auto& one : sum) {
      one = _mm512_fmadd_ps(one, factor, term);
      asm volatile("" : "+v"(one));
    }
  return 2.0 * 16 * chains * steps;
}

__attribute__((target("avx512f,avx512bf16"))) double chain_bf16() {
  __m512 sum[chains];
  const __m512bh factor = _mm512_cvtne2ps_pbh(_mm512_set1_ps(0.5f), _mm512_set1_ps(0.5f)), term = factor;
  for (auto& one : sum) one = _mm512_set1_ps(1.0f);
  for (long i = 0; i < steps; ++i)
#pragma GCC unroll 12
    for (auto& one : sum) {
      one = _mm512_dpbf16_ps(one, factor, term);
      asm volatile("" : "+v"(one));
    }
  return 2.0 * 32 * chains * steps;
}

std::vector<ArithmeticPeak> arithmetic(int threads) {
  using pix2pixhd::Isa;
  std::vector<ArithmeticPeak> peaks;
  const auto add = [&](const char* name, double (*chain)()) {
    double operations = 0;
    const double taken = seconds(threads, [&](int thread) {
      const double done = chain();
      if (thread == 0) operations = done;
    });
    peaks.push_back({name, operations * threads / taken / 1e9});
  };
  add("baseline", chain_baseline);
  if (pix2pixhd::best_isa() >= Isa::avx2) add("avx2", chain_avx2);
  if (pix2pixhd::best_isa() >= Isa::avx512) add("avx512", chain_avx512);
  if (__builtin_cpu_supports("avx512bf16")) add("bf16", chain_bf16);
  return peaks;
}
#else
std::vector<ArithmeticPeak> arithmetic(int) { return {}; }
#endif

/// The sum of an array, by enough chains that memory is what it waits for.
double total(const double* x, std::size_t count) {
  double sums[16] = {};
  for (std::size_t i = 0; i + 16 <= count; i += 16)
    for (std::size_t k = 0; k < 16; ++k) sums[k] += x[i + k];
  double sum = 0;
  for (const double one : sums) sum += one;
  return sum;
}

MemoryPeak memory(int threads) {
  const std::size_t count = (std::size_t{256} << 20) / sizeof(double) / static_cast<std::size_t>(threads);
  std::vector<std::vector<double>> from(static_cast<std::size_t>(threads), std::vector<double>(count, 1.0)), to = from;
  const double gigabytes = static_cast<double>(count * sizeof(double)) * threads / 1e9;
  const auto part = [](auto& arrays, int thread) { return arrays[static_cast<std::size_t>(thread)].data(); };
  volatile double kept = 0;
  MemoryPeak peak;
  peak.read = gigabytes / seconds(threads, [&](int t) { kept = total(part(from, t), count); });
  peak.write = gigabytes / seconds(threads, [&](int t) { std::memset(part(to, t), 0, count * sizeof(double)); });
  peak.copy =
      2 * gigabytes / seconds(threads, [&](int t) { std::memcpy(part(to, t), part(from, t), count * sizeof(double)); });
  return peak;
}

}  // namespace

Roofline measure_roofline(int threads) { return {.arithmetic = arithmetic(threads), .memory = memory(threads)}; }

Roofline higher(const Roofline& a, const Roofline& b) {
  Roofline result = a;
  for (std::size_t i = 0; i < a.arithmetic.size(); ++i)
    result.arithmetic[i].gflops = std::max(a.arithmetic[i].gflops, b.arithmetic[i].gflops);
  result.memory.read = std::max(a.memory.read, b.memory.read);
  result.memory.write = std::max(a.memory.write, b.memory.write);
  result.memory.copy = std::max(a.memory.copy, b.memory.copy);
  return result;
}

}  // namespace stages
