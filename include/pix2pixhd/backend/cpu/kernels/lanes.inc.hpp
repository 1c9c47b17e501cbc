// Sixteen float lanes: the block of channels in which all kernels compute. See for_each_isa.inc.hpp.
//
// A block is one zmm, two ymm or four xmm. The parts have the native width, because compilers lower wider generic
// vectors through memory.

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

/// The type of the factors that convolutions read from their scratch and weights; sums are float.
#if PIX2PIXHD_BF16_PAIRS
using Factor = Bf16;
#else
using Factor = float;
#endif

struct Lanes {
  Part part[parts];

  [[gnu::always_inline]] static inline Lanes zero() { return broadcast(0.0f); }
  [[gnu::always_inline]] static inline Lanes broadcast(float value) {
    Lanes r;
    PIX2PIXHD_UNROLL
    for (int i = 0; i < parts; ++i) {
#if PIX2PIXHD_LANE_BITS == 512
      r.part[i] = _mm512_set1_ps(value);
#elif PIX2PIXHD_LANE_BITS == 256
      r.part[i] = _mm256_set1_ps(value);
#else
      r.part[i] = Part{value, value, value, value};
#endif
    }
    return r;
  }

  /// Keeps the value in registers: otherwise a compiler may load it anew for every use.
  [[gnu::always_inline]] inline void keep() {
#if PIX2PIXHD_LANE_BITS == 512
    __asm__("" : "+v"(part[0]));
#elif defined(__x86_64__)
    PIX2PIXHD_UNROLL
    for (int i = 0; i < parts; ++i) __asm__("" : "+x"(part[i]));
#endif
  }

  /// Sixteen floats from any address.
  [[gnu::always_inline]] static inline Lanes load(const float* from) {
    Lanes r;
    PIX2PIXHD_UNROLL
    for (int i = 0; i < parts; ++i)
      r.part[i] = static_cast<Part>(*reinterpret_cast<const UnalignedPart*>(from + i * part_lanes));
    return r;
  }
  [[gnu::always_inline]] inline void store(float* to) const {
    PIX2PIXHD_UNROLL
    for (int i = 0; i < parts; ++i)
      *reinterpret_cast<UnalignedPart*>(to + i * part_lanes) = static_cast<UnalignedPart>(part[i]);
  }
  /// Stores past the caches; `to` is aligned to 64 bytes. stream_fence() orders it before later stores.
  [[gnu::always_inline]] inline void stream(float* to) const {
    PIX2PIXHD_UNROLL
    for (int i = 0; i < parts; ++i) {
#if PIX2PIXHD_LANE_BITS == 512
      _mm512_stream_ps(to + i * part_lanes, part[i]);
#elif PIX2PIXHD_LANE_BITS == 256
      _mm256_stream_ps(to + i * part_lanes, part[i]);
#elif defined(__x86_64__)
      _mm_stream_ps(to + i * part_lanes, part[i]);
#else
      *reinterpret_cast<UnalignedPart*>(to + i * part_lanes) = static_cast<UnalignedPart>(part[i]);
#endif
    }
  }
  [[gnu::always_inline]] static inline void stream_fence() {
#if defined(__x86_64__)
    _mm_sfence();
#endif
  }

  /// The first `count` floats (0 to 16), zeros in the other lanes; reads nothing beyond them.
  [[gnu::always_inline]] static inline Lanes load_first(const float* from, int count) {
#if PIX2PIXHD_LANE_BITS == 512
    return {{_mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << count) - 1u), from)}};
#else
    alignas(64) float buffer[lane_count] = {};
    for (int i = 0; i < count; ++i) buffer[i] = from[i];
    return load(buffer);
#endif
  }
  [[gnu::always_inline]] inline void store_first(float* to, int count) const {
#if PIX2PIXHD_LANE_BITS == 512
    _mm512_mask_storeu_ps(to, static_cast<__mmask16>((1u << count) - 1u), part[0]);
#else
    alignas(64) float buffer[lane_count];
    store(buffer);
    for (int i = 0; i < count; ++i) to[i] = buffer[i];
#endif
  }
  /// The values at `i` of a run of `count`: sixteen, or those that are left and zeros. Runs of bf16 have whole
  /// sixteens.
  [[gnu::always_inline]] static inline Lanes load_of(const float* from, std::size_t i, std::size_t count) {
    return count - i >= lane_count ? load(from + i) : load_first(from + i, static_cast<int>(count - i));
  }
  [[gnu::always_inline]] static inline Lanes load_of(const Bf16* from, std::size_t i, std::size_t) {
    return load(from + i);
  }
  [[gnu::always_inline]] inline void store_of(float* to, std::size_t i, std::size_t count) const {
    if (count - i >= lane_count)
      store(to + i);
    else
      store_first(to + i, static_cast<int>(count - i));
  }
  [[gnu::always_inline]] inline void store_of(Bf16* to, std::size_t i, std::size_t) const { store(to + i); }

  /// Lanes from addresses `stride` floats apart, the first `count` of them, zeros in the others.
  [[gnu::always_inline]] static inline Lanes gather_first(const float* from, std::size_t stride, int count) {
    alignas(64) float buffer[lane_count] = {};
    for (int i = 0; i < count; ++i) buffer[i] = from[static_cast<std::size_t>(i) * stride];
    return load(buffer);
  }

  /// What the lanes are once they are stored as T.
  template <class T>
  [[gnu::always_inline]] inline Lanes as_stored() const {
    if constexpr (sizeof(T) == sizeof(float))
      return *this;
    else
      return rounded_to_bf16();
  }
  /// The nearest bf16 of every lane, of two equally near ones the even one; NaN stays NaN.
  [[gnu::always_inline]] inline Lanes rounded_to_bf16() const {
    Lanes r;
#if PIX2PIXHD_BF16_PAIRS
    r.part[0] = widened(reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(part[0])));
#else
    PIX2PIXHD_UNROLL
    for (int i = 0; i < parts; ++i) {
      const BitsPart bits = reinterpret_cast<BitsPart>(part[i]);
      const BitsPart nearest = (bits + 0x7fffu + ((bits >> 16) & 1u)) & 0xffff0000u, nan = bits | 0x00400000u;
      r.part[i] = part[i] == part[i] ? reinterpret_cast<Part>(nearest) : reinterpret_cast<Part>(nan);
    }
#endif
    return r;
  }
#if PIX2PIXHD_LANE_BITS == 512
  [[gnu::always_inline]] static inline Part widened(__m256i halves) {
    return _mm512_castsi512_ps(
        _mm512_maskz_slli_epi32(every_lane, _mm512_maskz_cvtepu16_epi32(every_lane, halves), 16));
  }
#endif
  /// Sixteen bf16 from any address.
  [[gnu::always_inline]] static inline Lanes load(const Bf16* from) {
    Lanes r;
#if PIX2PIXHD_LANE_BITS == 512
    r.part[0] = widened(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
#elif PIX2PIXHD_LANE_BITS == 256
    PIX2PIXHD_UNROLL
    for (int i = 0; i < parts; ++i) {
      const __m128i halves = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i * part_lanes));
      r.part[i] = _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16));
    }
#elif defined(__x86_64__)
    PIX2PIXHD_UNROLL
    for (int i = 0; i < parts; i += 2) {
      const __m128i halves = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i * part_lanes));
      r.part[i] = reinterpret_cast<Part>(_mm_unpacklo_epi16(_mm_setzero_si128(), halves));
      r.part[i + 1] = reinterpret_cast<Part>(_mm_unpackhi_epi16(_mm_setzero_si128(), halves));
    }
#else
    for (int i = 0; i < lane_count; ++i)
      r.part[i / part_lanes][i % part_lanes] =
          __builtin_bit_cast(float, static_cast<std::uint32_t>(from[i].bits) << 16);
#endif
    return r;
  }
  /// Stores the lanes, rounded.
  [[gnu::always_inline]] inline void store(Bf16* to) const { rounded_to_bf16().put<false>(to); }
  /// The same past the caches; `to` is aligned to 32 bytes.
  [[gnu::always_inline]] inline void stream(Bf16* to) const { rounded_to_bf16().put<true>(to); }
  /// Stores the lanes and gives back what is then there.
  template <class T>
  [[gnu::always_inline]] inline Lanes stored(T* to) const {
    const Lanes result = as_stored<T>();
    if constexpr (sizeof(T) == sizeof(float))
      result.store(to);
    else
      result.template put<false>(to);
    return result;
  }
  /// Stores the upper halves of lanes that are bf16.
  template <bool streaming>
  [[gnu::always_inline]] inline void put(Bf16* to) const {
#if PIX2PIXHD_LANE_BITS == 512
    const __m256i halves =
        _mm512_maskz_cvtepi32_epi16(every_lane, _mm512_maskz_srli_epi32(every_lane, _mm512_castps_si512(part[0]), 16));
#elif PIX2PIXHD_LANE_BITS == 256
    const __m256i packed = _mm256_packs_epi32(_mm256_srai_epi32(_mm256_castps_si256(part[0]), 16),
                                              _mm256_srai_epi32(_mm256_castps_si256(part[1]), 16));
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
      const __m128i halves = _mm_packs_epi32(_mm_srai_epi32(reinterpret_cast<__m128i>(part[i]), 16),
                                             _mm_srai_epi32(reinterpret_cast<__m128i>(part[i + 1]), 16));
      if (streaming)
        _mm_stream_si128(reinterpret_cast<__m128i*>(to + i * part_lanes), halves);
      else
        _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i * part_lanes), halves);
    }
#else
    for (int i = 0; i < lane_count; ++i)
      to[i].bits = static_cast<std::uint16_t>(
          __builtin_bit_cast(std::uint32_t, static_cast<float>(part[i / part_lanes][i % part_lanes])) >> 16);
#endif
  }

  [[gnu::always_inline]] friend inline Lanes operator+(Lanes a, const Lanes& b) {
    PIX2PIXHD_UNROLL
    for (int i = 0; i < parts; ++i) a.part[i] += b.part[i];
    return a;
  }
  [[gnu::always_inline]] friend inline Lanes operator-(Lanes a, const Lanes& b) {
    PIX2PIXHD_UNROLL
    for (int i = 0; i < parts; ++i) a.part[i] -= b.part[i];
    return a;
  }
  [[gnu::always_inline]] friend inline Lanes operator*(Lanes a, const Lanes& b) {
    PIX2PIXHD_UNROLL
    for (int i = 0; i < parts; ++i) a.part[i] *= b.part[i];
    return a;
  }
  [[gnu::always_inline]] friend inline Lanes operator/(Lanes a, const Lanes& b) {
    PIX2PIXHD_UNROLL
    for (int i = 0; i < parts; ++i) a.part[i] /= b.part[i];
    return a;
  }
  /// a * b + c, rounded once where the instruction set has it.
  [[gnu::always_inline]] friend inline Lanes fma(const Lanes& a, const Lanes& b, Lanes c) {
    PIX2PIXHD_UNROLL
    for (int i = 0; i < parts; ++i) {
#if PIX2PIXHD_LANE_BITS == 512
      c.part[i] = _mm512_fmadd_ps(a.part[i], b.part[i], c.part[i]);
#elif PIX2PIXHD_LANE_BITS == 256
      c.part[i] = _mm256_fmadd_ps(a.part[i], b.part[i], c.part[i]);
#else
      c.part[i] = a.part[i] * b.part[i] + c.part[i];
#endif
    }
    return c;
  }
  /// a > b ? yes : no in every lane; a comparison with NaN is false.
  [[gnu::always_inline]] friend inline Lanes select_greater(const Lanes& a, const Lanes& b, const Lanes& yes,
                                                            Lanes no) {
    PIX2PIXHD_UNROLL
    for (int i = 0; i < parts; ++i) no.part[i] = a.part[i] > b.part[i] ? yes.part[i] : no.part[i];
    return no;
  }
  /// a > b ? a : b. A NaN in b is kept, one in a is lost: write max(zero, x).
  [[gnu::always_inline]] friend inline Lanes max(const Lanes& a, Lanes b) {
    PIX2PIXHD_UNROLL
    for (int i = 0; i < parts; ++i) {
#if PIX2PIXHD_LANE_BITS == 512
      b.part[i] = _mm512_maskz_max_ps(every_lane, a.part[i], b.part[i]);
#elif PIX2PIXHD_LANE_BITS == 256
      b.part[i] = _mm256_max_ps(a.part[i], b.part[i]);
#else
      b.part[i] = a.part[i] > b.part[i] ? a.part[i] : b.part[i];
#endif
    }
    return b;
  }
  /// a < b ? a : b, with NaN as in max().
  [[gnu::always_inline]] friend inline Lanes min(const Lanes& a, Lanes b) {
    PIX2PIXHD_UNROLL
    for (int i = 0; i < parts; ++i) {
#if PIX2PIXHD_LANE_BITS == 512
      b.part[i] = _mm512_maskz_min_ps(every_lane, a.part[i], b.part[i]);
#elif PIX2PIXHD_LANE_BITS == 256
      b.part[i] = _mm256_min_ps(a.part[i], b.part[i]);
#else
      b.part[i] = a.part[i] < b.part[i] ? a.part[i] : b.part[i];
#endif
    }
    return b;
  }

  /// Square roots, correctly rounded; NaN below zero.
  [[gnu::always_inline]] friend inline Lanes sqrt(Lanes a) {
    PIX2PIXHD_UNROLL
    for (int i = 0; i < parts; ++i) {
#if PIX2PIXHD_LANE_BITS == 512
      a.part[i] = _mm512_maskz_sqrt_ps(every_lane, a.part[i]);
#elif PIX2PIXHD_LANE_BITS == 256
      a.part[i] = _mm256_sqrt_ps(a.part[i]);
#elif defined(__x86_64__)
      a.part[i] = _mm_sqrt_ps(a.part[i]);
#else
      for (int k = 0; k < part_lanes; ++k) a.part[i][k] = __builtin_sqrtf(a.part[i][k]);
#endif
    }
    return a;
  }

  /// The sum of all lanes, as a tree: lanes 8, then 4, 2 and 1 apart; the same order for every instruction set.
  [[gnu::always_inline]] inline float sum() const {
#if PIX2PIXHD_LANE_BITS == 512
    const __m256 eight =
        _mm512_maskz_extractf32x8_ps(0xff, part[0], 0) + _mm512_maskz_extractf32x8_ps(0xff, part[0], 1);
    const __m128 four = _mm256_castps256_ps128(eight) + _mm256_extractf128_ps(eight, 1);
#elif PIX2PIXHD_LANE_BITS == 256
    const __m256 eight = part[0] + part[1];
    const __m128 four = _mm256_castps256_ps128(eight) + _mm256_extractf128_ps(eight, 1);
#else
    const Part four = (part[0] + part[2]) + (part[1] + part[3]);
#endif
    return (four[0] + four[2]) + (four[1] + four[3]);
  }
};
