// The micro-kernel of the gradients by weights. See gradient_multiply.hpp and for_each_isa.inc.hpp.

/// Small blocks and large channels of one call of the micro-kernel.
inline constexpr int gradient_blocks = PIX2PIXHD_LANE_BITS == 512 ? 2 : 1;
inline constexpr int gradient_channels = PIX2PIXHD_LANE_BITS == 512 ? 8 : PIX2PIXHD_LANE_BITS == 256 ? 6 : 2;

/// The micro-kernel: sums[small block][channel] += large[pixel][channel] * small[pixel][lane], over the pixels of a
/// tile.
template <int Channels, int Blocks>
[[gnu::noinline]] inline void gradient_multiply(const GradientStep& step) {
  Lanes sum[Channels][Blocks];
  PIX2PIXHD_UNROLL
  for (int k = 0; k < Channels; ++k) {
    PIX2PIXHD_UNROLL
    for (int n = 0; n < Blocks; ++n)
      sum[k][n] = step.go_on ? Lanes::load(step.sums + static_cast<std::size_t>(n) * step.sums_plane + k * lane_count)
                             : Lanes::zero();
  }
  for (int i = 0; i < step.height; ++i) {
    const float* large = step.large + static_cast<std::size_t>(i) * step.large_row;
    const float* small = step.small + static_cast<std::size_t>(i) * step.small_row;
    for (int j = 0; j < step.width; ++j, large += step.large_pixel, small += lane_count) {
      Lanes value[Blocks];
      PIX2PIXHD_UNROLL
      for (int n = 0; n < Blocks; ++n) value[n] = Lanes::load(small + static_cast<std::size_t>(n) * step.small_plane);
      PIX2PIXHD_UNROLL
      for (int k = 0; k < Channels; ++k) {
        const Lanes factor = Lanes::broadcast(large[k]);
        PIX2PIXHD_UNROLL
        for (int n = 0; n < Blocks; ++n) sum[k][n] = fma(factor, value[n], sum[k][n]);
      }
    }
  }
  PIX2PIXHD_UNROLL
  for (int k = 0; k < Channels; ++k) {
    PIX2PIXHD_UNROLL
    for (int n = 0; n < Blocks; ++n)
      sum[k][n].store(step.sums + static_cast<std::size_t>(n) * step.sums_plane + k * lane_count);
  }
}

/// The micro-kernel for a number of channels that is known at run time only.
template <int Blocks>
inline void gradient_multiply_any(int channels, const GradientStep& step) {
  with_count<gradient_channels>(channels,
                                [&]<int Channels>(Count<Channels>) { gradient_multiply<Channels, Blocks>(step); });
}
