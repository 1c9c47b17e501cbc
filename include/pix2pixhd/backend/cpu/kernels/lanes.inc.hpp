// Sixteen float lanes: the block of channels in which all kernels compute. See for_each_isa.inc.hpp.
//
// A block is one zmm, two ymm or four xmm. The parts have the native width, because compilers lower wider generic
// vectors through memory.

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
    for (int i = 0; i < parts; ++i) r.part[i] = broadcast_part(value);
    return r;
  }

  /// Keeps the value in registers: otherwise a compiler may load it anew for every use.
  [[gnu::always_inline]] inline void keep() {
    PIX2PIXHD_UNROLL
    for (int i = 0; i < parts; ++i) keep_part(part[i]);
  }

  /// Sixteen floats from any address.
  [[gnu::always_inline]] static inline Lanes load(const float* from) {
    Lanes r;
    PIX2PIXHD_UNROLL
    for (int i = 0; i < parts; ++i) r.part[i] = load_part(from + i * part_lanes);
    return r;
  }
  [[gnu::always_inline]] inline void store(float* to) const {
    PIX2PIXHD_UNROLL
    for (int i = 0; i < parts; ++i) store_part(part[i], to + i * part_lanes);
  }
  /// Stores past the caches; `to` is aligned to 64 bytes. stream_fence() orders it before later stores.
  [[gnu::always_inline]] inline void stream(float* to) const {
    PIX2PIXHD_UNROLL
    for (int i = 0; i < parts; ++i) stream_part(part[i], to + i * part_lanes);
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
    PIX2PIXHD_UNROLL
    for (int i = 0; i < parts; ++i) r.part[i] = bf16_part(part[i]);
    return r;
  }
  /// Sixteen bf16 from any address.
  [[gnu::always_inline]] static inline Lanes load(const Bf16* from) {
    Lanes r;
    load_bf16(from, r.part);
    return r;
  }
  /// Stores the lanes, rounded.
  [[gnu::always_inline]] inline void store(Bf16* to) const { store_bf16<false>(rounded_to_bf16().part, to); }
  /// The same past the caches; `to` is aligned to 32 bytes.
  [[gnu::always_inline]] inline void stream(Bf16* to) const { store_bf16<true>(rounded_to_bf16().part, to); }
  /// Stores the lanes and gives back what is then there.
  template <class T>
  [[gnu::always_inline]] inline Lanes stored(T* to) const {
    const Lanes result = as_stored<T>();
    if constexpr (sizeof(T) == sizeof(float))
      result.store(to);
    else
      store_bf16<false>(result.part, to);
    return result;
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
    for (int i = 0; i < parts; ++i) c.part[i] = fma_part(a.part[i], b.part[i], c.part[i]);
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
    for (int i = 0; i < parts; ++i) b.part[i] = max_part(a.part[i], b.part[i]);
    return b;
  }
  /// a < b ? a : b, with NaN as in max().
  [[gnu::always_inline]] friend inline Lanes min(const Lanes& a, Lanes b) {
    PIX2PIXHD_UNROLL
    for (int i = 0; i < parts; ++i) b.part[i] = min_part(a.part[i], b.part[i]);
    return b;
  }
  /// Square roots, correctly rounded; NaN below zero.
  [[gnu::always_inline]] friend inline Lanes sqrt(Lanes a) {
    PIX2PIXHD_UNROLL
    for (int i = 0; i < parts; ++i) a.part[i] = sqrt_part(a.part[i]);
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
