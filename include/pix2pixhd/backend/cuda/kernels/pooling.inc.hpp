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

// The input pixels of one axis that an output of a pooling reads: [first, last].
struct Taps {
  int first;
  int last;
};
PIX2PIXHD_DEVICE Taps pooling_taps(int i, int side, int largest) {
  Taps r;
  r.first = largest || i == 0 ? 2 * i : 2 * i - 1;
  r.last = 2 * i + 1 < side ? 2 * i + 1 : side - 1;
  return r;
}

struct Pool : OnePhase<PoolArguments> {
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int groups = a.channels / 8;
    const int i = index_of(t);
    if (i >= a.n * a.out_h * a.out_w * groups) return;
    const PixelChannels out = pixel_channels(i, a.out_h, a.out_w, groups);
    const Taps rows = pooling_taps(out.y, a.in_h, a.largest);
    const Taps columns = pooling_taps(out.x, a.in_w, a.largest);
    const Value* x = (const Value*)a.x + (long long)out.n * a.in_h * a.in_w * a.channels + out.c;
    Eight r = load8(x + ((long long)rows.first * a.in_w + columns.first) * a.channels);
    if (!a.largest) r = zeros8();
    for (int y = rows.first; y <= rows.last; ++y)
      for (int j = columns.first; j <= columns.last; ++j) {
        const Eight e = load8(x + ((long long)y * a.in_w + j) * a.channels);
        for (int k = 0; k < 8; ++k)
          if (!a.largest) r.v[k] += e.v[k];
          else if (e.v[k] > r.v[k]) r.v[k] = e.v[k];
      }
    if (!a.largest) {
      const float count = (float)((rows.last - rows.first + 1) * (columns.last - columns.first + 1));
      for (int k = 0; k < 8; ++k) r.v[k] /= count;
    }
    store8((Value*)a.y + (long long)i * 8, r);
  }
};

struct PoolBackward : OnePhase<PoolBackwardArguments> {
  // dx of the largest of a window: dy for the first of equals.
  PIX2PIXHD_DEVICE void from_largest(const Arguments& a, int n, int y, int x, int c, Eight& sum) {
    const int i = y / 2;
    const int j = x / 2;
    if (i >= a.out_h || j >= a.out_w) return;
    const Value* from = (const Value*)a.x + ((long long)n * a.in_h * a.in_w) * a.channels + c;
    Eight best = load8(from + ((long long)2 * i * a.in_w + 2 * j) * a.channels);
    int where[8];
    for (int k = 0; k < 8; ++k) where[k] = 0;
    for (int place = 1; place < 4; ++place) {
      const Eight e = load8(from + ((long long)(2 * i + place / 2) * a.in_w + 2 * j + place % 2) * a.channels);
      for (int k = 0; k < 8; ++k)
        if (e.v[k] > best.v[k]) {
          best.v[k] = e.v[k];
          where[k] = place;
        }
    }
    const Eight dy = load8((const Value*)a.dy + (((long long)n * a.out_h + i) * a.out_w + j) * a.channels + c);
    for (int k = 0; k < 8; ++k)
      if (where[k] == y % 2 * 2 + x % 2) sum.v[k] = dy.v[k];
  }

  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int groups = a.channels / 8;
    const int index = index_of(t);
    if (index >= a.n * a.in_h * a.in_w * groups) return;
    const PixelChannels in = pixel_channels(index, a.in_h, a.in_w, groups);
    Eight sum = zeros8();
    if (a.largest)
      from_largest(a, in.n, in.y, in.x, in.c, sum);
    else
      for (int i = in.y / 2; i <= (in.y + 1) / 2 && i < a.out_h; ++i)
        for (int j = in.x / 2; j <= (in.x + 1) / 2 && j < a.out_w; ++j) {
          const Taps rows = pooling_taps(i, a.in_h, 0);
          const Taps columns = pooling_taps(j, a.in_w, 0);
          const float count = (float)((rows.last - rows.first + 1) * (columns.last - columns.first + 1));
          const long long at = (((long long)in.n * a.out_h + i) * a.out_w + j) * a.channels + in.c;
          const Eight dy = load8((const Value*)a.dy + at);
          for (int k = 0; k < 8; ++k) sum.v[k] += dy.v[k] / count;
        }
    store8((Value*)a.dx + (long long)index * 8, sum);
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
