// The native vectors of which lanes are made. See lanes.inc.hpp and for_each_isa.inc.hpp.

#if PIX2PIXHD_LANE_BITS == 512
using Part = __m512;
inline constexpr int parts = 1;
inline constexpr __mmask16 every_lane = 0xffff;  // forms without a mask make g++ 12 warn of uninitialised values
#elif PIX2PIXHD_LANE_BITS == 256
using Part = __m256;
inline constexpr int parts = 2;
#else
typedef float Part __attribute__((vector_size(16)));
inline constexpr int parts = 4;
#endif
typedef float UnalignedPart __attribute__((vector_size(PIX2PIXHD_LANE_BITS / 8), aligned(4), may_alias));
typedef std::uint32_t BitsPart __attribute__((vector_size(PIX2PIXHD_LANE_BITS / 8)));

inline constexpr int lane_count = 16;
inline constexpr int part_lanes = lane_count / parts;

[[gnu::always_inline]] inline Part broadcast_part(float value) {
#if PIX2PIXHD_LANE_BITS == 512
  return _mm512_set1_ps(value);
#elif PIX2PIXHD_LANE_BITS == 256
  return _mm256_set1_ps(value);
#else
  return Part{value, value, value, value};
#endif
}

/// Floats from any address, and to any address.
[[gnu::always_inline]] inline Part load_part(const float* from) {
  return static_cast<Part>(*reinterpret_cast<const UnalignedPart*>(from));
}
[[gnu::always_inline]] inline void store_part(const Part& value, float* to) {
  *reinterpret_cast<UnalignedPart*>(to) = static_cast<UnalignedPart>(value);
}
/// Stores past the caches; `to` is aligned to the size of a part.
[[gnu::always_inline]] inline void stream_part(const Part& value, float* to) {
#if PIX2PIXHD_LANE_BITS == 512
  _mm512_stream_ps(to, value);
#elif PIX2PIXHD_LANE_BITS == 256
  _mm256_stream_ps(to, value);
#elif defined(__x86_64__)
  _mm_stream_ps(to, value);
#else
  store_part(value, to);
#endif
}

/// Keeps the value in a register: otherwise a compiler may load it anew for every use.
[[gnu::always_inline]] inline void keep_part([[maybe_unused]] Part& value) {
#if PIX2PIXHD_LANE_BITS == 512
  __asm__("" : "+v"(value));
#elif defined(__x86_64__)
  __asm__("" : "+x"(value));
#endif
}

/// a * b + c, rounded once where the instruction set has it.
[[gnu::always_inline]] inline Part fma_part(const Part& a, const Part& b, const Part& c) {
#if PIX2PIXHD_LANE_BITS == 512
  return _mm512_fmadd_ps(a, b, c);
#elif PIX2PIXHD_LANE_BITS == 256
  return _mm256_fmadd_ps(a, b, c);
#else
  return a * b + c;
#endif
}

/// a > b ? a : b. A NaN in b is kept, one in a is lost.
[[gnu::always_inline]] inline Part max_part(const Part& a, const Part& b) {
#if PIX2PIXHD_LANE_BITS == 512
  return _mm512_maskz_max_ps(every_lane, a, b);
#elif PIX2PIXHD_LANE_BITS == 256
  return _mm256_max_ps(a, b);
#else
  return a > b ? a : b;
#endif
}
/// a < b ? a : b, with NaN as in max_part().
[[gnu::always_inline]] inline Part min_part(const Part& a, const Part& b) {
#if PIX2PIXHD_LANE_BITS == 512
  return _mm512_maskz_min_ps(every_lane, a, b);
#elif PIX2PIXHD_LANE_BITS == 256
  return _mm256_min_ps(a, b);
#else
  return a < b ? a : b;
#endif
}

/// Square roots, correctly rounded; NaN below zero.
[[gnu::always_inline]] inline Part sqrt_part(Part a) {
#if PIX2PIXHD_LANE_BITS == 512
  return _mm512_maskz_sqrt_ps(every_lane, a);
#elif PIX2PIXHD_LANE_BITS == 256
  return _mm256_sqrt_ps(a);
#elif defined(__x86_64__)
  return _mm_sqrt_ps(a);
#else
  for (int k = 0; k < part_lanes; ++k) a[k] = __builtin_sqrtf(a[k]);
  return a;
#endif
}
