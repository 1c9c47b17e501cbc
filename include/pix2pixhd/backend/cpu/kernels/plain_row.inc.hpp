// Finishing rows of plain channels. See plain_row.hpp and for_each_isa.inc.hpp.

/// Adds what was there and the bias, activates, and stores one row of one channel.
inline void finish_plain_row(const TapJob& job, const float* results, int width, int channel, float* to) {
  const Lanes bias = Lanes::broadcast(job.bias ? job.bias[channel] : 0.0f);
  for (int j = 0; j < width; j += lane_count) {
    const int count = width - j < lane_count ? width - j : lane_count;
    float* const first = to + static_cast<std::ptrdiff_t>(j) * job.step;
    const auto step = static_cast<std::size_t>(job.step);
    Lanes value = Lanes::load_first(results + j, count) + bias;
    if (job.add)
      value = value + (step == 1 ? Lanes::load_first(first, count) : Lanes::gather_first(first, step, count));
    value = activate(value, job.activation);
    if (step == 1) {
      value.store_first(first, count);
    } else {
      alignas(64) float lanes[lane_count];
      value.store(lanes);
      for (int i = 0; i < count; ++i) first[static_cast<std::size_t>(i) * step] = lanes[i];
    }
  }
}
