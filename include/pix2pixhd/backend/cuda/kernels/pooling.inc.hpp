// Sums, poolings and means over instances.
// clang-format off
PIX2PIXHD_KERNEL_TEXT(

struct Add : OnePhase<AddArguments> {
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int i = index_of(t);
    if (i >= a.groups) return;
    Eight e = load8((const Value*)a.a + (long long)i * 8);
    add8(e, load8((const Value*)a.b + (long long)i * 8));
    store8((Value*)a.y + (long long)i * 8, e);
  }
};
struct AddParameters : OnePhase<AddParametersArguments> {
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int i = index_of(t);
    if (i < a.count) a.y[i] = a.a[i] + a.b[i];
  }
};

// The input pixels of one axis that an output of an average reads: [first, last].
struct Taps {
  int first;
  int last;
};
PIX2PIXHD_DEVICE Taps average_taps(int i, int side) {
  Taps r;
  r.first = i == 0 ? 0 : 2 * i - 1;
  r.last = 2 * i + 1 < side ? 2 * i + 1 : side - 1;
  return r;
}

// The four pixels that the largest of 2 x 2 is of, a row after the other.
struct Window {
  Packed8 place[4];
};
PIX2PIXHD_DEVICE Window load_window(const void* x, int n, int y, int x0, int c, int in_h, int in_w, int channels) {
  const Value* from = (const Value*)x + (((long long)n * in_h + 2 * y) * in_w + 2 * x0) * channels + c;
  Window r;
  PIX2PIXHD_UNROLL for (int i = 0; i < 4; ++i)
    r.place[i] = load_packed8(from + (long long)(i / 2 * in_w + i % 2) * channels);
  return r;
}

struct Pool : OnePhase<PoolArguments> {
  PIX2PIXHD_DEVICE Eight largest(const Arguments& a, const PixelChannels& out) {
    const Window window = load_window(a.x, out.n, out.y, out.x, out.c, a.in_h, a.in_w, a.channels);
    Eight r = unpack8(window.place[0]);
    PIX2PIXHD_UNROLL for (int i = 1; i < 4; ++i) {
      const Eight e = unpack8(window.place[i]);
      for (int k = 0; k < 8; ++k)
        if (e.v[k] > r.v[k]) r.v[k] = e.v[k];
    }
    return r;
  }
  PIX2PIXHD_DEVICE Eight average(const Arguments& a, const PixelChannels& out) {
    const Taps rows = average_taps(out.y, a.in_h);
    const Taps columns = average_taps(out.x, a.in_w);
    const Value* x = (const Value*)a.x + (long long)out.n * a.in_h * a.in_w * a.channels + out.c;
    Eight r = zeros8();
    for (int y = rows.first; y <= rows.last; ++y)
      for (int j = columns.first; j <= columns.last; ++j)
        add8(r, load8(x + ((long long)y * a.in_w + j) * a.channels));
    const float count = (float)((rows.last - rows.first + 1) * (columns.last - columns.first + 1));
    for (int k = 0; k < 8; ++k) r.v[k] /= count;
    return r;
  }
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int groups = a.channels / 8;
    const int i = index_of(t);
    if (i >= a.n * a.out_h * a.out_w * groups) return;
    const PixelChannels out = pixel_channels(i, a.out_h, a.out_w, groups);
    store8((Value*)a.y + (long long)i * 8, a.largest ? largest(a, out) : average(a, out));
  }
};

// A thread takes 2 x 2 pixels of dx, as far as they exist.
struct PoolBackward : OnePhase<PoolBackwardArguments> {
  PIX2PIXHD_DEVICE Value* to(const Arguments& a, const PixelChannels& at, int place) {
    const int pixel = (at.n * a.in_h + 2 * at.y + place / 2) * a.in_w + 2 * at.x + place % 2;
    return (Value*)a.dx + (long long)pixel * a.channels + at.c;
  }
  PIX2PIXHD_DEVICE Eight gradient(const Arguments& a, int n, int i, int j, int c) {
    return load8((const Value*)a.dy + (((long long)n * a.out_h + i) * a.out_w + j) * a.channels + c);
  }
  // dx of the largest of a window: dy for the first of equals.
  PIX2PIXHD_DEVICE void from_largest(const Arguments& a, const PixelChannels& at) {
    const Window window = load_window(a.x, at.n, at.y, at.x, at.c, a.in_h, a.in_w, a.channels);
    const Eight dy = gradient(a, at.n, at.y, at.x, at.c);
    Eight best = unpack8(window.place[0]);
    int where[8];
    for (int k = 0; k < 8; ++k) where[k] = 0;
    PIX2PIXHD_UNROLL for (int i = 1; i < 4; ++i) {
      const Eight e = unpack8(window.place[i]);
      for (int k = 0; k < 8; ++k)
        if (e.v[k] > best.v[k]) {
          best.v[k] = e.v[k];
          where[k] = i;
        }
    }
    PIX2PIXHD_UNROLL for (int i = 0; i < 4; ++i) {
      Eight e;
      for (int k = 0; k < 8; ++k) e.v[k] = where[k] == i ? dy.v[k] : 0.0f;
      store8(to(a, at, i), e);
    }
  }
  // dx of pixel (y, x) of an average.
  PIX2PIXHD_DEVICE Eight from_average(const Arguments& a, int n, int y, int x, int c) {
    Eight sum = zeros8();
    for (int i = y / 2; i <= (y + 1) / 2 && i < a.out_h; ++i)
      for (int j = x / 2; j <= (x + 1) / 2 && j < a.out_w; ++j) {
        const Taps rows = average_taps(i, a.in_h);
        const Taps columns = average_taps(j, a.in_w);
        const float count = (float)((rows.last - rows.first + 1) * (columns.last - columns.first + 1));
        const Eight dy = gradient(a, n, i, j, c);
        for (int k = 0; k < 8; ++k) sum.v[k] += dy.v[k] / count;
      }
    return sum;
  }

  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int index = index_of(t);
    if (index >= a.threads) return;
    const PixelChannels at = pixel_channels(index, (a.in_h + 1) / 2, (a.in_w + 1) / 2, a.channels / 8);
    if (a.largest && at.y < a.out_h && at.x < a.out_w) return from_largest(a, at);
    PIX2PIXHD_NO_UNROLL for (int i = 0; i < 4; ++i) {
      const int y = 2 * at.y + i / 2;
      const int x = 2 * at.x + i % 2;
      if (y >= a.in_h || x >= a.in_w) continue;
      store8(to(a, at, i), a.largest ? zeros8() : from_average(a, at.n, y, x, at.c));  // largest: in no window
    }
  }
};

// Block: chunk x, instances from y * threads_per_block on, picture z. Every thread collects the pixels of one instance.
struct InstanceSums : OnePhase<InstanceSumsArguments> {
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int instance = t.block_y * threads_per_block + t.x;
    if (instance >= a.instances) return;
    const int first = t.block_x * a.chunk;
    const int last = first + a.chunk < a.pixels ? first + a.chunk : a.pixels;
    float* to = a.partial +
                (((long long)t.block_z * a.chunks + t.block_x) * a.instances + instance) * (a.channels + 1);
    for (int c = 0; c < a.channels; c += 8) {
      Eight sum = zeros8();
      int count = 0;
      for (int p = first; p < last; ++p) {
        const long long pixel = (long long)t.block_z * a.pixels + p;
        if (a.indices[pixel] != instance) continue;
        add8(sum, load8((const Value*)a.x + pixel * a.channels + c));
        ++count;
      }
      for (int k = 0; k < 8; ++k) to[c + k] = sum.v[k];
      to[a.channels] = (float)count;
    }
  }
};

struct InstanceMeans : OnePhase<InstanceMeansArguments> {
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int i = index_of(t);
    if (i >= a.n * a.instances * a.channels) return;
    const Indices at = unravel(i, a.instances, a.channels);
    const int n = at.outer;
    const int instance = at.middle;
    const int c = at.inner;
    double sum = 0;
    double count = 0;
    for (int chunk = 0; chunk < a.chunks; ++chunk) {
      const float* from = a.partial + (((long long)n * a.chunks + chunk) * a.instances + instance) * (a.channels + 1);
      sum += from[c];
      count += from[a.channels];
    }
    a.means[i] = count > 0 ? (float)(sum / count) : 0.0f;
  }
};

struct InstanceSpread : OnePhase<InstanceSpreadArguments> {
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int groups = a.channels / 8;
    const int i = index_of(t);
    if (i >= a.n * a.pixels * groups) return;
    const PixelChannels at = pixel_channels(i, a.pixels, groups);
    const float* from = a.means + ((long long)at.n * a.instances + a.indices[at.pixel]) * a.channels + at.c;
    Eight e;
    for (int k = 0; k < 8; ++k) e.v[k] = from[k];
    store8((Value*)a.y + (long long)i * 8, e);
  }
};

)
// clang-format on
