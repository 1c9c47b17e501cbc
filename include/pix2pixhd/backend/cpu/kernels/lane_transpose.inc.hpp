// Transposition of sixteen rows of sixteen lanes. See lane_transpose.hpp and for_each_isa.inc.hpp.
//
// In four steps, of distance d = 8, 4, 2 and 1: rows i and i + d (where i has not the bit d) exchange the lanes with
// the bit d of the first for those without it of the second.

#if PIX2PIXHD_LANE_BITS == 512
using PartLanes = LaneNumbers<0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15>;
#elif PIX2PIXHD_LANE_BITS == 256
using PartLanes = LaneNumbers<0, 1, 2, 3, 4, 5, 6, 7>;
#else
using PartLanes = LaneNumbers<0, 1, 2, 3>;
#endif

template <int distance, int... lane>
[[gnu::always_inline]] inline void exchange_lanes(Part& a, Part& b, LaneNumbers<lane...>) {
  const Part first = __builtin_shufflevector(a, b, (lane & distance ? part_lanes + lane - distance : lane)...);
  b = __builtin_shufflevector(a, b, (lane & distance ? part_lanes + lane : lane + distance)...);
  a = first;
}

template <int distance>
[[gnu::always_inline]] inline void exchange_lanes(Lanes& a, Lanes& b) {
  if constexpr (distance >= part_lanes) {
    constexpr int step = distance / part_lanes;
    PIX2PIXHD_UNROLL
    for (int i = 0; i < parts; ++i) {
      if ((i & step) != 0) continue;
      const Part moved = a.part[i + step];
      a.part[i + step] = b.part[i];
      b.part[i] = moved;
    }
  } else {
    PIX2PIXHD_UNROLL
    for (int i = 0; i < parts; ++i) exchange_lanes<distance>(a.part[i], b.part[i], PartLanes());
  }
}

template <int distance>
[[gnu::always_inline]] inline void exchange_rows(Lanes* x) {
  PIX2PIXHD_UNROLL
  for (int i = 0; i < lane_count; ++i)
    if ((i & distance) == 0) exchange_lanes<distance>(x[i], x[i + distance]);
}

[[gnu::always_inline]] inline void transpose_lanes(Lanes* x) {
  exchange_rows<8>(x);
  exchange_rows<4>(x);
  exchange_rows<2>(x);
  exchange_rows<1>(x);
}
