// The middle taps of strided convolutions take the rounding errors of the others. See balanced_taps.hpp and
// for_each_isa.inc.hpp.

inline void balance_taps(float* weights, int channels, int lanes) {
  const Lanes quarter = Lanes::broadcast(0.25f), four = Lanes::broadcast(4.0f);
  const auto error = [](const Lanes& value) { return value.rounded_to_bf16() - value; };
  for (int channel = 0; channel < channels; ++channel)
    for (int first = 0; first < lanes; first += lane_count) {
      float* const at = weights + static_cast<std::ptrdiff_t>(channel * 9) * lanes + first;
      const auto tap = [&](int row, int column) { return Lanes::load(at + (row * 3 + column) * lanes); };
      // In the order of the transform, to round the same numbers as it does.
      const Lanes corners = quarter * ((tap(0, 0) + tap(2, 0)) + (tap(0, 2) + tap(2, 2)));
      const Lanes upright = quarter * (tap(0, 1) + tap(2, 1)), level = quarter * (tap(1, 0) + tap(1, 2));
      const Lanes errors = error(corners) + error(upright) + error(level);
      (tap(1, 1) - four * errors).store(at + 4 * lanes);
    }
}
