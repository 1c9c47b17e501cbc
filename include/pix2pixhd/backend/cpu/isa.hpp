#pragma once
/// The instruction sets for which the CPU kernels are compiled, and which of them this machine has.

#include <pix2pixhd/core/backend.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#if defined(__x86_64__) && defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace pix2pixhd::inline v0 {

/// Instruction sets in increasing order, which is that of preference. `baseline` is what every machine of the target
/// has: SSE2 on x86-64. `avx512_bf16` multiplies pairs of bf16, and pairs of whole numbers of 16 bits (VNNI, which all
/// processors have that multiply bf16), `amx_bf16` also matrices of bf16 in tile registers; in f32 both are the same as
/// `avx512`.
enum class Isa { baseline, avx2, avx512, avx512_bf16, amx_bf16 };

inline const char* to_string(Isa isa) {
  switch (isa) {
    case Isa::avx2:
      return "avx2";
    case Isa::avx512:
      return "avx512";
    case Isa::avx512_bf16:
      return "avx512_bf16";
    case Isa::amx_bf16:
      return "amx_bf16";
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
  constexpr bool edx_bit(int i) const { return ((edx >> i) & 1u) != 0; }
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

/// Asks the system for the tile registers of AMX, whose state it saves for those processes only that have asked. The
/// permission holds for all threads, also those that run already (Linux: arch_prctl(ARCH_REQ_XCOMP_PERM)).
inline bool request_tile_registers() {
#if defined(__linux__)
  constexpr long request_permission = 0x1023, tile_data = 18;
  return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
#else
  return false;
#endif
}

/// Why the tile registers cannot be used; null: they can. The processor is known to have AVX-512 BF16.
inline const char* no_tile_registers() {
  const CpuidResult seven = cpuid(7);
  constexpr int amx_tile = 24, amx_bf16 = 22;
  if (!seven.edx_bit(amx_tile) || !seven.edx_bit(amx_bf16)) return "its processor has no AMX for bf16";
  constexpr std::uint64_t tile_states = std::uint64_t{3} << 17;  // configuration and data
  if ((saved_register_states() & tile_states) != tile_states) return "its system does not save the tile registers";
  if (!request_tile_registers()) return "its system does not permit the use of the tile registers";
  return nullptr;
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
  const bool has_avx512_bf16 = seven.eax >= 1 && cpuid(7, 1).eax_bit(5), has_avx512_vnni = seven.ecx_bit(11);
  if (!has_avx512_bf16 || !has_avx512_vnni) return Isa::avx512;
  return no_tile_registers() ? Isa::avx512_bf16 : Isa::amx_bf16;
}
#else
inline Isa detect_isa() { return Isa::baseline; }
inline const char* no_tile_registers() { return "its processor has no AMX for bf16"; }
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
  for (const Isa isa : {Isa::baseline, Isa::avx2, Isa::avx512, Isa::avx512_bf16, Isa::amx_bf16})
    if (isa <= best_isa() && (isa <= Isa::avx512 || precision == Precision::bf16)) result.push_back(isa);
  return result;
}

}  // namespace pix2pixhd::inline v0
