// Losses over runs of values, T = float or Bf16: see loss.hpp and for_each_isa.inc.hpp.

/// The values of one side of a loss, finished on the way.
template <class T>
struct LossSource {
  Lanes mean, scale, shift;
  const T* values;
  bool pending;
  Activation activation;

  [[gnu::always_inline]] explicit inline LossSource(const LossValues& from)
      : mean(Lanes::zero()),
        scale(Lanes::zero()),
        shift(Lanes::zero()),
        values(static_cast<const T*>(from.values.address)),
        pending(from.statistics != nullptr),
        activation(from.activation) {
    if (!pending) return;
    mean = Lanes::load(from.statistics->mean);
    scale = Lanes::load(from.statistics->scale);
    shift = Lanes::load(from.statistics->shift);
  }
  [[gnu::always_inline]] inline Lanes at(std::size_t i, std::size_t end) const {
    const Lanes x = Lanes::load_of(values, i, end);
    return pending ? activate(fma(x - mean, scale, shift), activation) : x;
  }
};

/// Value and derivative of one term.
struct LossLanes {
  Lanes value, slope;
};

template <LossKind kind>
[[gnu::always_inline]] inline LossLanes loss_lanes(const Lanes& x, const Lanes& y, const Lanes& target) {
  const Lanes zero = Lanes::zero(), one = Lanes::broadcast(1.0f);
  if constexpr (kind == LossKind::squared) {
    const Lanes d = x - target;
    return {d * d, d + d};
  } else if constexpr (kind == LossKind::hinge) {
    const Lanes margin = one - target * x;
    return {max(zero, margin), select_greater(margin, zero, zero - target, zero)};
  } else if constexpr (kind == LossKind::linear) {
    return {zero - x, zero - one};
  } else {
    const Lanes d = x - y;
    return {max(zero - d, d), select_greater(d, zero, one, select_greater(zero, d, zero - one, zero))};
  }
}

template <class T, LossKind kind>
void loss_as(const LossRun& run, double* sums) {
  constexpr std::size_t piece = 16 * summed_in_float;
  T* const dx = static_cast<T*>(run.dx.address);
  const LossSource<T> x(run.x), y(kind == LossKind::absolute ? run.y : run.x);
  const Lanes target = Lanes::broadcast(run.target), scale = Lanes::load(run.scale);
  for (int i = 0; i < lane_count; ++i) sums[i] = 0;
  for (std::size_t from = 0; from < run.count; from += piece) {
    const std::size_t end = run.count - from < piece ? run.count : from + piece;
    Lanes sum = Lanes::zero();
    for (std::size_t i = from; i < end; i += lane_count) {
      const int count = end - i >= lane_count ? lane_count : static_cast<int>(end - i);
      const LossLanes term = loss_lanes<kind>(x.at(i, end), kind == LossKind::absolute ? y.at(i, end) : target, target);
      Lanes value = term.value;
      if (count < lane_count) {  // lanes beyond the end are no values
        alignas(64) float lanes[lane_count];
        value.store(lanes);
        value = Lanes::load_first(lanes, count);
      }
      sum = sum + value;
      if (dx) (term.slope * scale).store_of(dx, i, end);
    }
    add_in_double(sum, sums);
  }
}

template <class T>
inline void loss_of(const LossRun& run, LossKind kind, double* sums) {
  switch (kind) {
    case LossKind::squared:
      return loss_as<T, LossKind::squared>(run, sums);
    case LossKind::hinge:
      return loss_as<T, LossKind::hinge>(run, sums);
    case LossKind::linear:
      return loss_as<T, LossKind::linear>(run, sums);
    case LossKind::absolute:
      return loss_as<T, LossKind::absolute>(run, sums);
    case LossKind::cross_entropy:
      return;
  }
}

inline void loss_run(const LossRun& run, LossKind kind, double* sums) {
  run.x.values.type == DataType::bf16 ? loss_of<Bf16>(run, kind, sums) : loss_of<float>(run, kind, sums);
}

inline constexpr LossKernels loss_table{.run = loss_run};
