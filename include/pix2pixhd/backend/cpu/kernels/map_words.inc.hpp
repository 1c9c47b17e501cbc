// Convolution over labels from a table of words: see map_words.hpp and for_each_isa.inc.hpp.

typedef std::int16_t WordPart __attribute__((vector_size(PIX2PIXHD_LANE_BITS / 8)));
typedef std::int16_t UnalignedWordPart __attribute__((vector_size(PIX2PIXHD_LANE_BITS / 8), aligned(2), may_alias));

/// 32 words: the channels of two blocks.
struct Words {
  WordPart part[parts];

  [[gnu::always_inline]] static inline Words zero() { return {}; }
  [[gnu::always_inline]] static inline Words load(const void* from) {
    Words r;
    PIX2PIXHD_UNROLL
    for (int i = 0; i < parts; ++i)
      r.part[i] = static_cast<WordPart>(static_cast<const UnalignedWordPart*>(from)[i]);
    return r;
  }
  [[gnu::always_inline]] inline void store(std::int16_t* to) const {
    PIX2PIXHD_UNROLL
    for (int i = 0; i < parts; ++i)
      reinterpret_cast<UnalignedWordPart*>(to)[i] = static_cast<UnalignedWordPart>(part[i]);
  }
  [[gnu::always_inline]] friend inline Words operator+(Words a, const Words& b) {
    PIX2PIXHD_UNROLL
    for (int i = 0; i < parts; ++i) a.part[i] += b.part[i];
    return a;
  }
};

/// Sixteen words as floats.
[[gnu::always_inline]] inline Lanes widened_words(const std::int16_t* from) {
  Lanes lanes;
#if PIX2PIXHD_LANE_BITS == 512  // compilers make two halves of what they convert themselves
  const __m256i words = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  lanes.part[0] = _mm512_maskz_cvtepi32_ps(every_lane, _mm512_maskz_cvtepi16_epi32(every_lane, words));
#else
  typedef std::int16_t HalfWordPart __attribute__((vector_size(PIX2PIXHD_LANE_BITS / 16), aligned(2), may_alias));
  PIX2PIXHD_UNROLL
  for (int i = 0; i < parts; ++i)
    lanes.part[i] = __builtin_convertvector(reinterpret_cast<const HalfWordPart*>(from)[i], Part);
#endif
  return lanes;
}

/// sums += sixteen words.
[[gnu::always_inline]] inline void add_words(const std::int16_t* from, float* sums) {
  (Lanes::load(sums) + widened_words(from)).store(sums);
}

/// Where the sums of a sweep go.
struct MapWordSums {
  std::int16_t* words;  ///< between the sweeps over a row of the kernel, where these are several
  float* low;           ///< of the first and the second sixteen channels; null: there are none
  float* high;
  bool first, last;  ///< of the sweeps over a row
};

/// sums[pixel] += over `Taps` neighbouring codes: table[code][tap]
template <int Taps>
inline void map_sweep_words(const MapComposedTile& tile, const std::uint16_t* places, const std::byte* table,
                            MapWordSums sums) {
  alignas(64) std::int16_t row[2 * lane_count];
  const int kept = sums.first && sums.last ? 0 : 2 * lane_count;
  for (int y = 0; y < tile.rows; ++y, places += tile.stride * tile.pitch) {
    const std::uint16_t* place = places;
    for (int x = 0; x < tile.columns; ++x, place += tile.stride) {
      Words sum = sums.first ? Words::zero() : Words::load(sums.words);
      std::uint64_t four = 0;
      PIX2PIXHD_UNROLL
      for (int k = 0; k < Taps; ++k) {
        if (k % 4 == 0) four = map_four_places(place + k);
        sum = sum + Words::load(map_entry(table, map_place_of(four, k % 4), k));
      }
      if (sums.last) {
        sum.store(row);
        add_words(row, sums.low);
        sums.low += lane_count;
        if (sums.high) {
          add_words(row + lane_count, sums.high);
          sums.high += lane_count;
        }
      } else {
        sum.store(sums.words);
      }
      sums.words += kept;
    }
  }
}

inline void map_word_sum(const MapComposedTile& tile) {
  const std::size_t block = static_cast<std::size_t>(tile.rows) * static_cast<std::size_t>(tile.columns) * lane_count;
  const std::byte* table = tile.table;
  float* sums = tile.sums;
  for (int first = 0; first < tile.width; first += 2 * lane_count, sums += 2 * block) {
    const bool both = tile.width - first > lane_count;
    for (std::size_t i = 0; i < (both ? 2 : 1) * block; i += lane_count) Lanes::zero().store(sums + i);
    for (int ky = 0; ky < tile.kernel; ++ky)
      for (int kx = 0; kx < tile.kernel; kx += map_sweep_taps, table += map_sweep_bytes(tile.codes)) {
        const int left = tile.kernel - kx;
        const MapWordSums sweep_sums{.words = tile.words,
                                     .low = sums,
                                     .high = both ? sums + block : nullptr,
                                     .first = kx == 0,
                                     .last = left <= map_sweep_taps};
        with_count<map_sweep_taps>(left < map_sweep_taps ? left : map_sweep_taps, [&]<int Taps>(Count<Taps>) {
          map_sweep_words<Taps>(tile, tile.places + ky * tile.pitch + kx, table, sweep_sums);
        });
      }
  }
}

inline constexpr MapWordKernels map_word_table{.sum = map_word_sum};
