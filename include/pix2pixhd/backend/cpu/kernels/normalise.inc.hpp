// Normalisation of runs of values, T = float or Bf16: see normalise.hpp and for_each_isa.inc.hpp.

/// Sixteen values; with T = void of the type that `x` names, which is asked each time.
template <class T>
[[gnu::always_inline]] inline Lanes load_run(ConstElements x, std::size_t i, std::size_t count) {
  if constexpr (std::is_void_v<T>)
    return x.type == DataType::bf16 ? load_run<Bf16>(x, i, count) : load_run<float>(x, i, count);
  else
    return Lanes::load_of(static_cast<const T*>(x.address), i, count);
}
template <class T>
[[gnu::always_inline]] inline void store_run(const Lanes& value, Elements y, std::size_t i, std::size_t count,
                                             bool stream) {
  if constexpr (std::is_void_v<T>) {
    y.type == DataType::bf16 ? store_run<Bf16>(value, y, i, count, stream)
                             : store_run<float>(value, y, i, count, stream);
  } else {
    T* const to = static_cast<T*>(y.address);
    if (stream)
      value.stream(to + i);
    else
      value.store_of(to, i, count);
  }
}

/// Sixteens that are summed in float before they are added in double.
inline constexpr std::size_t summed_in_float = 128;

/// T = void: of several types.
template <class T, Activation activation>
void normalise_as(const NormaliseRun& run) {
  const LaneStatistics* const s = run.statistics;
  const LaneStatistics* const k = run.skip_statistics;
  const Lanes zero = Lanes::zero();
  const Lanes mean = s ? Lanes::load(s->mean) : zero, scale = s ? Lanes::load(s->scale) : zero,
              shift = s ? Lanes::load(s->shift) : zero;
  const Lanes skip_mean = k ? Lanes::load(k->mean) : zero, skip_scale = k ? Lanes::load(k->scale) : zero,
              skip_shift = k ? Lanes::load(k->shift) : zero;
  for (std::size_t i = 0; i < run.count; i += 16) {
    Lanes v = load_run<T>(run.x, i, run.count);
    if (s) v = fma(v - mean, scale, shift);
    v = activate<activation>(v);
    if (run.skip) {
      Lanes other = load_run<T>(run.skip, i, run.count);
      if (k) other = activate(fma(other - skip_mean, skip_scale, skip_shift), run.skip_activation);
      v = v + other;
    }
    store_run<T>(v, run.y, i, run.count, run.stream);
  }
  if (run.stream) Lanes::stream_fence();
}

template <class T>
inline void normalise_of(const NormaliseRun& run) {
  switch (run.activation) {
    case Activation::relu:
      return normalise_as<T, Activation::relu>(run);
    case Activation::leaky_relu:
      return normalise_as<T, Activation::leaky_relu>(run);
    case Activation::tanh:
      return normalise_as<T, Activation::tanh>(run);
    case Activation::none:
      return normalise_as<T, Activation::none>(run);
  }
}
inline void normalise_run(const NormaliseRun& run) {
  if (run.x.type != run.y.type || (run.skip && run.skip.type != run.y.type)) return normalise_of<void>(run);
  run.y.type == DataType::bf16 ? normalise_of<Bf16>(run) : normalise_of<float>(run);
}

/// Adds lanes to sixteen doubles.
[[gnu::always_inline]] inline void add_in_double(const Lanes& value, double* sum) {
  alignas(64) float lane[16];
  value.store(lane);
  for (int i = 0; i < 16; ++i) sum[i] += static_cast<double>(lane[i]);
}

/// Joins the moments of `count` further values to those of `before` values (Chan, Golub and LeVeque 1979).
[[gnu::always_inline]] inline void join_moments(LaneSums& all, double before, const Lanes& mean, const Lanes& square,
                                                double count) {
  alignas(64) float m[16], q[16];
  mean.store(m);
  square.store(q);
  const double share = count / (before + count), weight = before * share;
  for (int i = 0; i < 16; ++i) {
    const double difference = static_cast<double>(m[i]) - all.first[i];
    all.first[i] += difference * share;
    all.second[i] += static_cast<double>(q[i]) + difference * difference * weight;
  }
}

/// Piece by piece, each of which stays in the nearest cache for its second reading. Differences from the first value
/// of a piece are summed, so that the mean of equal values is exact: a normalisation may divide by sqrt(epsilon).
template <class T>
inline void moments_of(const T* x, std::size_t pixels, LaneSums& result) {
  result = {};
  for (std::size_t from = 0; from < pixels; from += summed_in_float) {
    const std::size_t count = pixels - from < summed_in_float ? pixels - from : summed_in_float;
    const T* const piece = x + from * 16;
    const Lanes origin = Lanes::load(piece);
    Lanes sum[4] = {Lanes::zero(), Lanes::zero(), Lanes::zero(), Lanes::zero()};
    std::size_t i = 0;
    for (; i + 4 <= count; i += 4) {
      PIX2PIXHD_UNROLL
      for (int k = 0; k < 4; ++k)
        sum[k] = sum[k] + (Lanes::load(piece + (i + static_cast<std::size_t>(k)) * 16) - origin);
    }
    for (; i < count; ++i) sum[0] = sum[0] + (Lanes::load(piece + i * 16) - origin);
    const Lanes total = (sum[0] + sum[1]) + (sum[2] + sum[3]);
    const Lanes mean = origin + total * Lanes::broadcast(1.0f / static_cast<float>(count));
    Lanes square[4] = {Lanes::zero(), Lanes::zero(), Lanes::zero(), Lanes::zero()};
    for (i = 0; i + 4 <= count; i += 4) {
      PIX2PIXHD_UNROLL
      for (int k = 0; k < 4; ++k) {
        const Lanes d = Lanes::load(piece + (i + static_cast<std::size_t>(k)) * 16) - mean;
        square[k] = fma(d, d, square[k]);
      }
    }
    for (; i < count; ++i) {
      const Lanes d = Lanes::load(piece + i * 16) - mean;
      square[0] = fma(d, d, square[0]);
    }
    join_moments(result, static_cast<double>(from), mean, (square[0] + square[1]) + (square[2] + square[3]),
                 static_cast<double>(count));
  }
}

inline void moments_run(ConstElements x, std::size_t pixels, LaneSums& result) {
  if (x.type == DataType::bf16)
    moments_of(static_cast<const Bf16*>(x.address), pixels, result);
  else
    moments_of(static_cast<const float*>(x.address), pixels, result);
}

template <class T>
inline void sum_of(const T* x, std::size_t count, LaneSums& result) {
  result = {};
  for (std::size_t from = 0; from < count; from += 16 * summed_in_float) {
    const std::size_t end = count - from < 16 * summed_in_float ? count : from + 16 * summed_in_float;
    Lanes partial = Lanes::zero();
    for (std::size_t i = from; i < end; i += 16) partial = partial + Lanes::load_of(x, i, end);
    add_in_double(partial, result.first);
  }
}
inline void sum_run(ConstElements x, std::size_t count, LaneSums& result) {
  if (x.type == DataType::bf16)
    sum_of(static_cast<const Bf16*>(x.address), count, result);
  else
    sum_of(static_cast<const float*>(x.address), count, result);
}

/// What a pass over the gradient has loaded of one sixteen.
struct GradientLanes {
  Lanes g, n;
};

/// The statistics of a gradient pass, in registers.
struct GradientStatistics {
  Lanes mean, scale, shift, deviation;
  [[gnu::always_inline]] explicit inline GradientStatistics(const LaneStatistics& s)
      : mean(Lanes::load(s.mean)),
        scale(Lanes::load(s.scale)),
        shift(Lanes::load(s.shift)),
        deviation(Lanes::load(s.deviation)) {}
  template <class T, Activation activation>
  [[gnu::always_inline]] inline GradientLanes at(const NormaliseGradientRun& run, std::size_t i) const {
    const Lanes dy = Lanes::load_of(static_cast<const T*>(run.dy.address), i, run.count);
    const Lanes d = Lanes::load_of(static_cast<const T*>(run.z.address), i, run.count) - mean;
    const Lanes y = activate<activation>(fma(d, scale, shift));
    return {activation_gradient<activation>(dy, y), d * deviation};
  }
};

template <class T, Activation activation>
void gradient_sums_as(const NormaliseGradientRun& run, LaneSums& result) {
  const GradientStatistics statistics(*run.statistics);
  result = {};
  for (std::size_t from = 0; from < run.count; from += 16 * summed_in_float) {
    const std::size_t end = run.count - from < 16 * summed_in_float ? run.count : from + 16 * summed_in_float;
    Lanes g = Lanes::zero(), gn = Lanes::zero();
    for (std::size_t i = from; i < end; i += 16) {
      const GradientLanes v = statistics.at<T, activation>(run, i);
      g = g + v.g;
      gn = fma(v.g, v.n, gn);
    }
    add_in_double(g, result.first);
    add_in_double(gn, result.second);
  }
}

template <class T, Activation activation>
void gradient_as(const NormaliseGradientRun& run) {
  T* const to = static_cast<T*>(run.dx.address);
  if (!run.statistics) {
    for (std::size_t i = 0; i < run.count; i += 16) {
      const Lanes dy = Lanes::load_of(static_cast<const T*>(run.dy.address), i, run.count);
      const Lanes y = Lanes::load_of(static_cast<const T*>(run.z.address), i, run.count);
      activation_gradient<activation>(dy, y).store_of(to, i, run.count);
    }
    return;
  }
  const GradientStatistics statistics(*run.statistics);
  const Lanes mean_g = Lanes::load(run.mean_g), mean_gn = Lanes::load(run.mean_gn);
  for (std::size_t i = 0; i < run.count; i += 16) {
    const GradientLanes v = statistics.at<T, activation>(run, i);
    (statistics.scale * (v.g - mean_g - v.n * mean_gn)).store_of(to, i, run.count);
  }
}

template <class T>
inline void gradient_sums_of(const NormaliseGradientRun& run, Activation activation, LaneSums& result) {
  switch (activation) {
    case Activation::relu:
      return gradient_sums_as<T, Activation::relu>(run, result);
    case Activation::leaky_relu:
      return gradient_sums_as<T, Activation::leaky_relu>(run, result);
    case Activation::tanh:
      return gradient_sums_as<T, Activation::tanh>(run, result);
    case Activation::none:
      return gradient_sums_as<T, Activation::none>(run, result);
  }
}
inline void gradient_sums_run(const NormaliseGradientRun& run, Activation activation, LaneSums& result) {
  run.dy.type == DataType::bf16 ? gradient_sums_of<Bf16>(run, activation, result)
                                : gradient_sums_of<float>(run, activation, result);
}

template <class T>
inline void gradient_of(const NormaliseGradientRun& run, Activation activation) {
  switch (activation) {
    case Activation::relu:
      return gradient_as<T, Activation::relu>(run);
    case Activation::leaky_relu:
      return gradient_as<T, Activation::leaky_relu>(run);
    case Activation::tanh:
      return gradient_as<T, Activation::tanh>(run);
    case Activation::none:
      return gradient_as<T, Activation::none>(run);
  }
}
inline void gradient_run(const NormaliseGradientRun& run, Activation activation) {
  run.dy.type == DataType::bf16 ? gradient_of<Bf16>(run, activation) : gradient_of<float>(run, activation);
}

template <class T>
inline void add_of(const T* a, const T* b, T* y, std::size_t count) {
  for (std::size_t i = 0; i < count; i += 16)
    (Lanes::load_of(a, i, count) + Lanes::load_of(b, i, count)).store_of(y, i, count);
}
inline void add_run(ConstElements a, ConstElements b, Elements y, std::size_t count) {
  if (a.type == DataType::bf16)
    add_of(static_cast<const Bf16*>(a.address), static_cast<const Bf16*>(b.address), static_cast<Bf16*>(y.address),
           count);
  else
    add_of(static_cast<const float*>(a.address), static_cast<const float*>(b.address), static_cast<float*>(y.address),
           count);
}

inline constexpr NormaliseKernels normalise_table{.normalise = normalise_run,
                                                  .moments = moments_run,
                                                  .sum = sum_run,
                                                  .gradient_sums = gradient_sums_run,
                                                  .gradient = gradient_run,
                                                  .add = add_run};
