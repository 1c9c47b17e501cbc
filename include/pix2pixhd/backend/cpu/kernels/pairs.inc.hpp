// Bf16 of two neighbouring channels. See pairs.hpp and for_each_isa.inc.hpp.

/// Stores a value of two neighbouring channels side by side in every lane.
[[gnu::always_inline]] inline void store_pairs(const Lanes& even, const Lanes& odd, Bf16* to) {
  const __m512i low = _mm512_maskz_srli_epi32(every_lane, _mm512_castps_si512(even.rounded_to_bf16().part[0]), 16);
  _mm512_storeu_si512(to, _mm512_or_si512(low, _mm512_castps_si512(odd.rounded_to_bf16().part[0])));
}
