// Adam: see adam.hpp and for_each_isa.inc.hpp.

/// The factors of a step, in registers.
struct AdamFactors {
  Lanes keep_m, take_m, keep_v, take_v, rate, second_correction, epsilon;
  [[gnu::always_inline]] explicit inline AdamFactors(const AdamRun& run)
      : keep_m(Lanes::broadcast(run.keep_m)),
        take_m(Lanes::broadcast(run.take_m)),
        keep_v(Lanes::broadcast(run.keep_v)),
        take_v(Lanes::broadcast(run.take_v)),
        rate(Lanes::broadcast(run.rate)),
        second_correction(Lanes::broadcast(run.second_correction)),
        epsilon(Lanes::broadcast(run.epsilon)) {}
  [[gnu::always_inline]] inline void move(const Lanes& g, Lanes& value, Lanes& m, Lanes& v) const {
    m = fma(keep_m, m, take_m * g);
    v = fma(keep_v, v, take_v * g * g);
    value = value - rate * m / (sqrt(v * second_correction) + epsilon);
  }
};

inline void adam_step(const AdamRun& run) {
  const AdamFactors factors(run);
  std::size_t i = 0;
  for (; i + 16 <= run.count; i += 16) {
    const Lanes g = run.gradient ? Lanes::load(run.gradient + i) : Lanes::zero();
    Lanes value = Lanes::load(run.value + i), m = Lanes::load(run.m + i), v = Lanes::load(run.v + i);
    factors.move(g, value, m, v);
    value.store(run.value + i);
    m.store(run.m + i);
    v.store(run.v + i);
  }
  if (i == run.count) return;
  const int rest = static_cast<int>(run.count - i);
  const Lanes g = run.gradient ? Lanes::load_first(run.gradient + i, rest) : Lanes::zero();
  Lanes value = Lanes::load_first(run.value + i, rest), m = Lanes::load_first(run.m + i, rest),
        v = Lanes::load_first(run.v + i, rest);
  factors.move(g, value, m, v);
  value.store_first(run.value + i, rest);
  m.store_first(run.m + i, rest);
  v.store_first(run.v + i, rest);
}

inline constexpr AdamKernels adam_table{.step = adam_step};
