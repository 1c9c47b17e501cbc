// Poolings by rows: see pool.hpp and for_each_isa.inc.hpp. Written once for pixels of
// sixteen lanes, T = float or Bf16, and of one float.

/// A pixel of one float.
struct SingleLane {
  float value;
  [[gnu::always_inline]] static inline SingleLane broadcast(float v) { return {v}; }
  [[gnu::always_inline]] static inline SingleLane load(const float* from) { return {*from}; }
  [[gnu::always_inline]] inline void store(float* to) const { *to = value; }
  [[gnu::always_inline]] friend inline SingleLane operator+(SingleLane a, SingleLane b) { return {a.value + b.value}; }
  [[gnu::always_inline]] friend inline SingleLane operator*(SingleLane a, SingleLane b) { return {a.value * b.value}; }
  [[gnu::always_inline]] friend inline SingleLane fma(SingleLane a, SingleLane b, SingleLane c) {
    return {a.value * b.value + c.value};
  }
  [[gnu::always_inline]] friend inline SingleLane select_greater(SingleLane a, SingleLane b, SingleLane yes,
                                                                 SingleLane no) {
    return a.value > b.value ? yes : no;
  }
};

template <class Pixel, class T>
void average3_as(const PoolRow& row) {
  for (int i = 0; i < row.out_width; ++i) {
    const int first = i > 0 ? 2 * i - 1 : 0, last = 2 * i + 1 < row.in_width ? 2 * i + 1 : row.in_width - 1;
    Pixel sum = Pixel::broadcast(0.0f);
    for (int r = 0; r < row.rows; ++r)
      for (int x = first; x <= last; ++x)
        sum = sum + Pixel::load(static_cast<const T*>(row.from[r]) + static_cast<std::size_t>(x * row.step));
    const float share = 1.0f / static_cast<float>(row.rows * (last - first + 1));
    (sum * Pixel::broadcast(share)).store(static_cast<T*>(row.to[0]) + static_cast<std::size_t>(i * row.step));
  }
}

template <class Pixel, class T>
void average3_backward_as(const PoolRow& row) {
  for (int x = 0; x < row.in_width; ++x) {
    // The outputs that read column x: x / 2, and for an odd one its right neighbour too.
    const int last = x / 2 + x % 2 < row.out_width ? x / 2 + x % 2 : row.out_width - 1;
    Pixel sum = Pixel::broadcast(0.0f);
    for (int i = x / 2; i <= last; ++i) {
      const int columns = (i > 0 ? 1 : 0) + 1 + (2 * i + 1 < row.in_width ? 1 : 0);
      for (int r = 0; r < row.rows; ++r)
        sum = fma(Pixel::load(static_cast<const T*>(row.from[r]) + static_cast<std::size_t>(i * row.step)),
                  Pixel::broadcast(row.share[r] / static_cast<float>(columns)), sum);
    }
    sum.store(static_cast<T*>(row.to[0]) + static_cast<std::size_t>(x * row.step));
  }
}

template <class Pixel, class T>
void max2_as(const PoolRow& row) {
  const T *const upper = static_cast<const T*>(row.from[0]), *const lower = static_cast<const T*>(row.from[1]);
  for (int i = 0; i < row.out_width; ++i) {
    const std::size_t at = static_cast<std::size_t>(2 * i * row.step), next = at + static_cast<std::size_t>(row.step);
    Pixel best = Pixel::load(upper + at);
    const T* const others[] = {upper + next, lower + at, lower + next};
    for (const T* const other : others) {
      const Pixel value = Pixel::load(other);
      best = select_greater(value, best, value, best);
    }
    best.store(static_cast<T*>(row.to[0]) + static_cast<std::size_t>(i * row.step));
  }
}

template <class Pixel, class T>
void max2_backward_as(const PoolRow& row) {
  const Pixel zero = Pixel::broadcast(0.0f);
  for (int i = 0; i < row.out_width; ++i) {
    const std::size_t at = static_cast<std::size_t>(2 * i * row.step), step = static_cast<std::size_t>(row.step);
    const Pixel g = Pixel::load(static_cast<const T*>(row.from[0]) + static_cast<std::size_t>(i * row.step));
    Pixel best = Pixel::load(static_cast<const T*>(row.x[0]) + at), index = zero;
    for (int k = 1; k < 4; ++k) {
      const Pixel value = Pixel::load(static_cast<const T*>(row.x[k / 2]) + at + (k % 2 ? step : 0));
      index = select_greater(value, best, Pixel::broadcast(static_cast<float>(k)), index);
      best = select_greater(value, best, value, best);
    }
    for (int k = 0; k < 4; ++k) {
      const Pixel below = Pixel::broadcast(static_cast<float>(k) - 0.5f),
                  above = Pixel::broadcast(static_cast<float>(k) + 0.5f);
      select_greater(index, below, select_greater(above, index, g, zero), zero)
          .store(static_cast<T*>(row.to[k / 2]) + at + (k % 2 ? step : 0));
    }
  }
  if (row.in_width % 2 != 0)
    for (void* const to : row.to)
      zero.store(static_cast<T*>(to) + static_cast<std::size_t>((row.in_width - 1) * row.step));
}

inline void average3_row(const PoolRow& row) {
  if (row.type == DataType::bf16) return average3_as<Lanes, Bf16>(row);
  row.step == 16 ? average3_as<Lanes, float>(row) : average3_as<SingleLane, float>(row);
}
inline void average3_backward_row(const PoolRow& row) {
  if (row.type == DataType::bf16) return average3_backward_as<Lanes, Bf16>(row);
  row.step == 16 ? average3_backward_as<Lanes, float>(row) : average3_backward_as<SingleLane, float>(row);
}
inline void max2_row(const PoolRow& row) {
  if (row.type == DataType::bf16) return max2_as<Lanes, Bf16>(row);
  row.step == 16 ? max2_as<Lanes, float>(row) : max2_as<SingleLane, float>(row);
}
inline void max2_backward_row(const PoolRow& row) {
  if (row.type == DataType::bf16) return max2_backward_as<Lanes, Bf16>(row);
  row.step == 16 ? max2_backward_as<Lanes, float>(row) : max2_backward_as<SingleLane, float>(row);
}

inline constexpr PoolKernels pool_table{.average3 = average3_row,
                                        .average3_backward = average3_backward_row,
                                        .max2 = max2_row,
                                        .max2_backward = max2_backward_row};
