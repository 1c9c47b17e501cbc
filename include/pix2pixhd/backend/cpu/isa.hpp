#pragma once
/// The instruction sets for which the CPU kernels are compiled, and which of them this machine has.

#include <pix2pixhd/core/backend.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace pix2pixhd::inline v0 {

/// Instruction sets in increasing order. `baseline` is what every machine of the target has: SSE2 on x86-64.
/// `avx512_bf16` multiplies pairs of bf16; in f32 it is the same as `avx512`.
/// Later members (matrix instructions) are to be appended: their order is that of preference.
enum class Isa { baseline, avx2, avx512, avx512_bf16 };

inline const char* to_string(Isa isa) {
  switch (isa) {
    case Isa::avx2:
      return "avx2";
    case Isa::avx512:
      return "avx512";
    case Isa::avx512_bf16:
      return "avx512_bf16";
    case Isa::baseline:
      break;
  }
  return "baseline";
}

namespace detail {

#if defined(__x86_64__)
struct CpuidResult {
  std::uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
  constexpr bool eax_bit(int i) const { return ((eax >> i) & 1u) != 0; }
  constexpr bool ebx_bit(int i) const { return ((ebx >> i) & 1u) != 0; }
  constexpr bool ecx_bit(int i) const { return ((ecx >> i) & 1u) != 0; }
};

inline CpuidResult cpuid(std::uint32_t leaf, std::uint32_t subleaf = 0) {
  CpuidResult r;
  __asm__ volatile("cpuid" : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx) : "a"(leaf), "c"(subleaf));
  return r;
}

/// The register states that the operating system saves (XCR0).
inline std::uint64_t saved_register_states() {
  std::uint32_t low = 0, high = 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (std::uint64_t{high} << 32) | low;
}

/// The best instruction set that processor and operating system support (Intel SDM volume 1, 14.3 and 15.2).
inline Isa detect_isa() {
  if (cpuid(0).eax < 7) return Isa::baseline;
  const CpuidResult one = cpuid(1), seven = cpuid(7);
  const bool has_xgetbv = one.ecx_bit(27), has_avx = one.ecx_bit(28), has_fma = one.ecx_bit(12);
  if (!has_xgetbv || !has_avx || !has_fma || !seven.ebx_bit(5)) return Isa::baseline;
  const std::uint64_t states = saved_register_states();
  if ((states & 0x06u) != 0x06u) return Isa::baseline;  // xmm, ymm
  const bool avx512_f_dq_bw_vl = seven.ebx_bit(16) && seven.ebx_bit(17) && seven.ebx_bit(30) && seven.ebx_bit(31);
  if (!avx512_f_dq_bw_vl || (states & 0xe6u) != 0xe6u) return Isa::avx2;  // masks, zmm
  const bool has_avx512_bf16 = seven.eax >= 1 && cpuid(7, 1).eax_bit(5);
  return has_avx512_bf16 ? Isa::avx512_bf16 : Isa::avx512;
}
#else
inline Isa detect_isa() { return Isa::baseline; }
#endif

}  // namespace detail

/// The best instruction set of this machine.
inline Isa best_isa() {
  static const Isa isa = detail::detect_isa();
  return isa;
}

/// The instruction sets of this machine that have kernels of their own for a precision, the best one last.
inline std::vector<Isa> available_isas(Precision precision = Precision::f32) {
  std::vector<Isa> result;
  for (const Isa isa : {Isa::baseline, Isa::avx2, Isa::avx512, Isa::avx512_bf16})
    if (isa <= best_isa() && (isa <= Isa::avx512 || precision == Precision::bf16)) result.push_back(isa);
  return result;
}

}  // namespace pix2pixhd::inline v0
