#pragma once
/// The AVX-512, AVX-512 BF16 and AVX-512 VNNI intrinsics that the CPU kernels call, computed by AVX2, so that these
/// kernels are tested on machines without the instructions (emulation.cmake). Each does what Intel's Intrinsics Guide
/// says of the name that stands for it at the end of this file; the kernels call forms with a mask with every lane,
/// which is not looked at.
///
/// The compilers' generic vectors of 64 bytes do the rest: additions, comparisons, shuffles. No floating-point
/// environment is emulated: where the bf16 instructions take denormal numbers for zero, these do not.

#include <immintrin.h>

#include <bit>
#include <cstdint>
#include <cstring>

namespace emulation {

typedef std::uint32_t Words __attribute__((vector_size(64)));
typedef std::uint16_t Halves __attribute__((vector_size(32)));
typedef std::int32_t SignedWords __attribute__((vector_size(64)));
typedef std::int16_t SignedHalves __attribute__((vector_size(32)));

#define PIX2PIXHD_INSTRUCTION [[gnu::always_inline, gnu::target("avx2,fma,f16c")]] inline

// Floats.

PIX2PIXHD_INSTRUCTION __m512 set1_ps(float value) {
  return __m512{value, value, value, value, value, value, value, value,
                value, value, value, value, value, value, value, value};
}
PIX2PIXHD_INSTRUCTION void stream_ps(void* to, __m512 value) { *static_cast<__m512*>(to) = value; }
PIX2PIXHD_INSTRUCTION __m256 half(__m512 value, int i) {
  __m256 halves[2];
  std::memcpy(halves, &value, sizeof halves);
  return halves[i];
}
PIX2PIXHD_INSTRUCTION __m512 fmadd_ps(__m512 a, __m512 b, __m512 c) {
  const __m256 halves[2] = {_mm256_fmadd_ps(half(a, 0), half(b, 0), half(c, 0)),
                            _mm256_fmadd_ps(half(a, 1), half(b, 1), half(c, 1))};
  std::memcpy(&c, halves, sizeof halves);
  return c;
}
PIX2PIXHD_INSTRUCTION __m512 max_ps(__mmask16, __m512 a, __m512 b) { return a > b ? a : b; }
PIX2PIXHD_INSTRUCTION __m512 min_ps(__mmask16, __m512 a, __m512 b) { return a < b ? a : b; }
PIX2PIXHD_INSTRUCTION __m512 sqrt_ps(__mmask16, __m512 a) {
  for (int i = 0; i < 16; ++i) a[i] = __builtin_sqrtf(a[i]);
  return a;
}
PIX2PIXHD_INSTRUCTION __m256 extractf32x8_ps(__mmask8, __m512 a, int i) { return half(a, i); }
/// Lanes without their bit are not read, and are zero.
PIX2PIXHD_INSTRUCTION __m512 loadu_ps(__mmask16 mask, const float* from) {
  __m512 value{};
  for (int i = 0; i < 16; ++i)
    if ((mask >> i & 1) != 0) value[i] = from[i];
  return value;
}
/// Lanes without their bit are not written.
PIX2PIXHD_INSTRUCTION void storeu_ps(float* to, __mmask16 mask, __m512 value) {
  for (int i = 0; i < 16; ++i)
    if ((mask >> i & 1) != 0) to[i] = value[i];
}

// Integers.

PIX2PIXHD_INSTRUCTION __m512 castsi512_ps(__m512i a) { return reinterpret_cast<__m512>(a); }
PIX2PIXHD_INSTRUCTION __m512i castps_si512(__m512 a) { return reinterpret_cast<__m512i>(a); }
PIX2PIXHD_INSTRUCTION __m512i set1_epi32(int value) { return castps_si512(set1_ps(std::bit_cast<float>(value))); }
PIX2PIXHD_INSTRUCTION __m512i loadu_si512(const void* from) {
  __m512i value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
PIX2PIXHD_INSTRUCTION void storeu_si512(void* to, __m512i value) { std::memcpy(to, &value, sizeof value); }
PIX2PIXHD_INSTRUCTION __m512i or_si512(__m512i a, __m512i b) { return a | b; }
PIX2PIXHD_INSTRUCTION __m512i slli_epi32(__mmask16, __m512i a, int bits) {
  return reinterpret_cast<__m512i>(reinterpret_cast<Words>(a) << bits);
}
PIX2PIXHD_INSTRUCTION __m512i srli_epi32(__mmask16, __m512i a, int bits) {
  return reinterpret_cast<__m512i>(reinterpret_cast<Words>(a) >> bits);
}
PIX2PIXHD_INSTRUCTION __m512i cvtepu16_epi32(__mmask16, __m256i a) {
  return reinterpret_cast<__m512i>(__builtin_convertvector(reinterpret_cast<Halves>(a), Words));
}
PIX2PIXHD_INSTRUCTION __m512i cvtepi16_epi32(__mmask16, __m256i a) {
  return reinterpret_cast<__m512i>(__builtin_convertvector(reinterpret_cast<SignedHalves>(a), SignedWords));
}
PIX2PIXHD_INSTRUCTION __m512 cvtepi32_ps(__mmask16, __m512i a) {
  return __builtin_convertvector(reinterpret_cast<SignedWords>(a), __m512);
}
/// VCVTPS2DQ: the nearest, of two equally near ones the even one; the least number of all for what does not fit.
PIX2PIXHD_INSTRUCTION __m512i cvtps_epi32(__mmask16, __m512 a) {
  const __m256i halves[2] = {_mm256_cvtps_epi32(half(a, 0)), _mm256_cvtps_epi32(half(a, 1))};
  __m512i result;
  std::memcpy(&result, halves, sizeof result);
  return result;
}
PIX2PIXHD_INSTRUCTION __m256i cvtepi32_epi16(__mmask16, __m512i a) {
  return reinterpret_cast<__m256i>(__builtin_convertvector(reinterpret_cast<Words>(a), Halves));
}

/// VPDPWSSD: c += the products of both pairs of factors.
PIX2PIXHD_INSTRUCTION __m512i dpwssd_epi32(__m512i c, __m512i a, __m512i b) {
  __m256i x[2], y[2], sum[2];
  std::memcpy(x, &a, sizeof x);
  std::memcpy(y, &b, sizeof y);
  std::memcpy(sum, &c, sizeof sum);
  for (int i = 0; i < 2; ++i) sum[i] = _mm256_add_epi32(sum[i], _mm256_madd_epi16(x[i], y[i]));
  std::memcpy(&c, sum, sizeof sum);
  return c;
}

// Bf16.

/// VCVTNEPS2BF16: the nearest, of two equally near ones the even one; NaN becomes a quiet NaN.
PIX2PIXHD_INSTRUCTION __m256i cvtneps_pbh(__m512 a) {
  const Words bits = reinterpret_cast<Words>(a);
  const Words nearest = bits + 0x7fffu + ((bits >> 16) & 1u), nan = bits | 0x00400000u;
  return cvtepi32_epi16(0xffff, reinterpret_cast<__m512i>((a == a ? nearest : nan) >> 16));
}
/// VDPBF16PS: c += the product of the odd factors, then that of the even ones, each rounded to float.
PIX2PIXHD_INSTRUCTION __m512 dpbf16_ps(__m512 c, __m512bh a, __m512bh b) {
  const Words x = reinterpret_cast<Words>(a), y = reinterpret_cast<Words>(b);
  c = fmadd_ps(reinterpret_cast<__m512>(x & 0xffff0000u), reinterpret_cast<__m512>(y & 0xffff0000u), c);
  return fmadd_ps(reinterpret_cast<__m512>(x << 16), reinterpret_cast<__m512>(y << 16), c);
}

#undef PIX2PIXHD_INSTRUCTION

}  // namespace emulation

// Some of these are macros where the compiler does not optimise.
#undef _mm512_maskz_extractf32x8_ps
#undef _mm512_maskz_slli_epi32
#undef _mm512_maskz_srli_epi32

#define _mm512_set1_ps emulation::set1_ps
#define _mm512_stream_ps emulation::stream_ps
#define _mm512_fmadd_ps emulation::fmadd_ps
#define _mm512_maskz_max_ps emulation::max_ps
#define _mm512_maskz_min_ps emulation::min_ps
#define _mm512_maskz_sqrt_ps emulation::sqrt_ps
#define _mm512_maskz_extractf32x8_ps emulation::extractf32x8_ps
#define _mm512_maskz_loadu_ps emulation::loadu_ps
#define _mm512_mask_storeu_ps emulation::storeu_ps
#define _mm512_castsi512_ps emulation::castsi512_ps
#define _mm512_castps_si512 emulation::castps_si512
#define _mm512_set1_epi32 emulation::set1_epi32
#define _mm512_loadu_si512 emulation::loadu_si512
#define _mm512_storeu_si512 emulation::storeu_si512
#define _mm512_or_si512 emulation::or_si512
#define _mm512_maskz_slli_epi32 emulation::slli_epi32
#define _mm512_maskz_srli_epi32 emulation::srli_epi32
#define _mm512_maskz_cvtepu16_epi32 emulation::cvtepu16_epi32
#define _mm512_maskz_cvtepi16_epi32 emulation::cvtepi16_epi32
#define _mm512_maskz_cvtps_epi32 emulation::cvtps_epi32
#define _mm512_dpwssd_epi32 emulation::dpwssd_epi32
#define _mm512_maskz_cvtepi32_ps emulation::cvtepi32_ps
#define _mm512_maskz_cvtepi32_epi16 emulation::cvtepi32_epi16
#define _mm512_cvtneps_pbh emulation::cvtneps_pbh
#define _mm512_dpbf16_ps emulation::dpbf16_ps
