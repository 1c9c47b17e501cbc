// Weights as cuDNN reads them, and gradients as it writes them. Weights are [out][in][tap], packed filters
// [out][tap][in]: a chunk of input channels is turned round in shared memory, so that both sides are read and written
// in one piece.
// clang-format off
PIX2PIXHD_KERNEL_TEXT(

struct FilterChunk {
  alignas(16) float values[filter_room];
};
// Floats from one tap to the next: neighbours in channels and in taps lie in other banks, and groups of eight are
// aligned.
PIX2PIXHD_DEVICE int filter_stride(int chunk) { return chunk + filter_gap; }
// Whether a chunk has room; it has not where filters have hundreds of taps, which are then read where they lie.
PIX2PIXHD_DEVICE bool turned_round(int taps, int chunk) { return taps * filter_stride(chunk) <= filter_room; }
// How many of the chunk's channels are before `end`.
PIX2PIXHD_DEVICE int channels_left(int end, int first, int chunk) {
  const int left = end - first;
  return left < 0 ? 0 : left < chunk ? left : chunk;
}

// Block: out channel x, input channels from y * chunk on.
struct PackFilter {
  typedef PackFilterArguments Arguments;
  typedef FilterChunk Shared;
  enum { phases = 2 };
  enum { loads = 4 };

  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared& s, const Arguments& a) {
    if (t.block_x >= a.out || !turned_round(a.taps, a.chunk)) return;
    const int first = t.block_y * a.chunk;
    const int count = channels_left(a.in, first, a.chunk) * a.taps;
    const float* from = a.weight + ((long long)t.block_x * a.total_in + a.first + first) * a.taps;
    Walk at = walk(t.x, a.taps);
    PIX2PIXHD_NO_UNROLL for (int i = t.x; i < count; i += loads * threads_per_block) {
      float got[loads];
      PIX2PIXHD_UNROLL for (int j = 0; j < loads; ++j)
        got[j] = from[i + j * threads_per_block < count ? i + j * threads_per_block : i];
      PIX2PIXHD_UNROLL for (int j = 0; j < loads; ++j) {
        if (i + j * threads_per_block >= count) break;
        s.values[at.inner * filter_stride(a.chunk) + at.outer] = got[j];
        advance(at);
      }
    }
  }
  PIX2PIXHD_DEVICE void phase(Phase<1>, const Thread& t, Shared& s, const Arguments& a) {
    const int first = t.block_y * a.chunk;
    const int real = t.block_x < a.out ? channels_left(a.in, first, a.chunk) : 0;
    const int stored = channels_left(a.in_channels, first, a.chunk);
    const float* weight = a.weight + ((long long)t.block_x * a.total_in + a.first + first) * a.taps;
    Value* to = (Value*)a.packed + (long long)t.block_x * a.taps * a.in_channels + first;
    for (Walk at = walk(t.x, stored / 8); at.outer < a.taps; advance(at)) {
      const int c = at.inner * 8;
      Eight e = zeros8();
      if (turned_round(a.taps, a.chunk) && c < real) e = row8(s.values + at.outer * filter_stride(a.chunk) + c);
      for (int k = 0; k < 8; ++k)
        if (c + k >= real) e.v[k] = 0.0f;
        else if (!turned_round(a.taps, a.chunk)) e.v[k] = weight[(c + k) * a.taps + at.outer];
      store8(to + (long long)at.outer * a.in_channels + c, e);
    }
  }
};

// Blocks as those of PackFilter.
struct UnpackFilter {
  typedef UnpackFilterArguments Arguments;
  typedef FilterChunk Shared;
  enum { phases = 2 };

  PIX2PIXHD_DEVICE const Value* packed(const Thread& t, const Arguments& a) {
    return (const Value*)a.packed + (long long)t.block_x * a.taps * a.in_channels + t.block_y * a.chunk;
  }
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared& s, const Arguments& a) {
    if (!turned_round(a.taps, a.chunk)) return;
    const int stored = channels_left(a.in_channels, t.block_y * a.chunk, a.chunk);
    for (Walk at = walk(t.x, stored / 8); at.outer < a.taps; advance(at)) {
      const Eight e = load8(packed(t, a) + (long long)at.outer * a.in_channels + at.inner * 8);
      float* to = s.values + at.outer * filter_stride(a.chunk) + at.inner * 8;
      PIX2PIXHD_UNROLL for (int k = 0; k < 8; ++k) to[k] = e.v[k];
    }
  }
  PIX2PIXHD_DEVICE void phase(Phase<1>, const Thread& t, Shared& s, const Arguments& a) {
    const int first = t.block_y * a.chunk;
    const int count = channels_left(a.in, first, a.chunk) * a.taps;
    float* to = a.gradient + ((long long)t.block_x * a.in + first) * a.taps;
    Walk at = walk(t.x, a.taps);
    for (int i = t.x; i < count; i += threads_per_block, advance(at)) {
      const float value = turned_round(a.taps, a.chunk)
                              ? s.values[at.inner * filter_stride(a.chunk) + at.outer]
                              : value_to_float(packed(t, a)[(long long)at.inner * a.in_channels + at.outer]);
      to[i] = a.add ? to[i] + value : value;
    }
  }
};

)
// clang-format on
