#pragma once
/// What CUDA offers to the text of the kernels, on the host, and the loops that run a kernel phase by phase.

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#define PIX2PIXHD_DEVICE [[maybe_unused]] static inline
#define PIX2PIXHD_UNROLL
#define PIX2PIXHD_NO_UNROLL

namespace stand_in {

inline float float_of_bits(unsigned x) {
  float r;
  std::memcpy(&r, &x, sizeof r);
  return r;
}
inline unsigned bits_of_float(float x) {
  unsigned r;
  std::memcpy(&r, &x, sizeof r);
  return r;
}

/// The place of the lowest bit that is set; there must be one.
inline int lowest_bit(unsigned x) { return std::countr_zero(x); }

inline float float_of_half(unsigned short x) {
  const unsigned sign = (x & 0x8000u) << 16, exponent = (x >> 10) & 31u, fraction = x & 0x3ffu;
  if (exponent == 31) return float_of_bits(sign | 0x7f800000u | fraction << 13);
  if (exponent == 0) return (sign ? -1.0f : 1.0f) * std::ldexp(static_cast<float>(fraction), -24);
  return float_of_bits(sign | (exponent + 112) << 23 | fraction << 13);
}

/// To the nearest, ties to even.
inline unsigned short half_of_float(float x) {
  const unsigned bits = bits_of_float(x), sign = bits >> 16 & 0x8000u;
  const float size = std::fabs(x);
  if (std::isnan(x)) return static_cast<unsigned short>(sign | 0x7fffu);
  if (size >= 65520.0f) return static_cast<unsigned short>(sign | 0x7c00u);
  if (size < 6.103515625e-05f)  // subnormal
    return static_cast<unsigned short>(sign | static_cast<unsigned>(std::nearbyint(std::ldexp(size, 24))));
  const unsigned rounded = (bits & 0x7fffffffu) + 0xfffu + (bits >> 13 & 1u);
  return static_cast<unsigned short>(sign | ((rounded >> 13) - (112u << 10)));
}

/// To the nearest, ties to even; a NaN stays one.
inline unsigned short bf16_of_float(float x) {
  const unsigned bits = bits_of_float(x);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return static_cast<unsigned short>((bits >> 16) | 0x40u);
  return static_cast<unsigned short>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

/// A kernel on the host.
struct HostKernel {
  const char* name;       ///< as the driver is asked for it
  std::size_t arguments;  ///< bytes
  void (*run)(unsigned x, unsigned y, unsigned z, const void* arguments);
};

/// Whether the threads of a block run from the last to the first: a kernel that is correct gives the same bits.
inline bool threads_run_backwards() { return std::getenv("PIX2PIXHD_STAND_IN_BACKWARDS") != nullptr; }

}  // namespace stand_in
