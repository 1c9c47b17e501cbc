// Lanes as bf16: the upper halves of floats. See lanes.inc.hpp and for_each_isa.inc.hpp.

#if PIX2PIXHD_LANE_BITS == 512
[[gnu::always_inline]] inline Part widened(__m256i halves) {
  return _mm512_castsi512_ps(_mm512_maskz_slli_epi32(every_lane, _mm512_maskz_cvtepu16_epi32(every_lane, halves), 16));
}
#endif

/// The nearest bf16 of every lane, of two equally near ones the even one; NaN stays NaN.
[[gnu::always_inline]] inline Part bf16_part(const Part& value) {
#if PIX2PIXHD_BF16_PAIRS
  return widened(reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(value)));
#else
  const BitsPart bits = reinterpret_cast<BitsPart>(value);
  const BitsPart nearest = (bits + 0x7fffu + ((bits >> 16) & 1u)) & 0xffff0000u, nan = bits | 0x00400000u;
  return value == value ? reinterpret_cast<Part>(nearest) : reinterpret_cast<Part>(nan);
#endif
}

/// Sixteen bf16 from any address.
[[gnu::always_inline]] inline void load_bf16(const Bf16* from, Part* to) {
#if PIX2PIXHD_LANE_BITS == 512
  to[0] = widened(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
#elif PIX2PIXHD_LANE_BITS == 256
  PIX2PIXHD_UNROLL
  for (int i = 0; i < parts; ++i) {
    const __m128i halves = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i * part_lanes));
    to[i] = _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16));
  }
#elif defined(__x86_64__)
  PIX2PIXHD_UNROLL
  for (int i = 0; i < parts; i += 2) {
    const __m128i halves = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i * part_lanes));
    to[i] = reinterpret_cast<Part>(_mm_unpacklo_epi16(_mm_setzero_si128(), halves));
    to[i + 1] = reinterpret_cast<Part>(_mm_unpackhi_epi16(_mm_setzero_si128(), halves));
  }
#else
  for (int i = 0; i < lane_count; ++i)
    to[i / part_lanes][i % part_lanes] = __builtin_bit_cast(float, static_cast<std::uint32_t>(from[i].bits) << 16);
#endif
}

/// Stores the upper halves of lanes that are bf16, past the caches if `streaming`; `to` is then aligned to 32 bytes.
template <bool streaming>
[[gnu::always_inline]] inline void store_bf16(const Part* from, Bf16* to) {
#if PIX2PIXHD_LANE_BITS == 512
  const __m256i halves =
      _mm512_maskz_cvtepi32_epi16(every_lane, _mm512_maskz_srli_epi32(every_lane, _mm512_castps_si512(from[0]), 16));
#elif PIX2PIXHD_LANE_BITS == 256
  const __m256i packed = _mm256_packs_epi32(_mm256_srai_epi32(_mm256_castps_si256(from[0]), 16),
                                            _mm256_srai_epi32(_mm256_castps_si256(from[1]), 16));
  const __m256i halves = _mm256_permute4x64_epi64(packed, 0xd8);
#endif
#if PIX2PIXHD_LANE_BITS >= 256
  if (streaming)
    _mm256_stream_si256(reinterpret_cast<__m256i*>(to), halves);
  else
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), halves);
#elif defined(__x86_64__)
  PIX2PIXHD_UNROLL
  for (int i = 0; i < parts; i += 2) {
    const __m128i halves = _mm_packs_epi32(_mm_srai_epi32(reinterpret_cast<__m128i>(from[i]), 16),
                                           _mm_srai_epi32(reinterpret_cast<__m128i>(from[i + 1]), 16));
    if (streaming)
      _mm_stream_si128(reinterpret_cast<__m128i*>(to + i * part_lanes), halves);
    else
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i * part_lanes), halves);
  }
#else
  for (int i = 0; i < lane_count; ++i)
    to[i].bits = static_cast<std::uint16_t>(
        __builtin_bit_cast(std::uint32_t, static_cast<float>(from[i / part_lanes][i % part_lanes])) >> 16);
#endif
}
