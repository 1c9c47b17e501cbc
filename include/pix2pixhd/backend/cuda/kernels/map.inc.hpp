// First layers on label maps: a row of the weight is looked up for each tap, and no one-hot channel is stored.
//   y[p, o] = sum over taps (r, s) of W[o, label(p, r, s), r, s] + edge(p, r, s) W[o, edge channel, r, s]
// Windows of up to largest_summed_kernel pixels a side are looked up by map_sums.inc.hpp, in maps that were pooled once by
// map_sums_pooled.inc.hpp, the others here, tap by tap.
// clang-format off
PIX2PIXHD_KERNEL_TEXT(

struct MapTable : OnePhase<MapTableArguments> {
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int i = index_of(t);
    if (i >= a.taps * a.rows * a.channels) return;
    const Indices at = unravel(i, a.rows, a.channels);
    const int tap = at.outer;
    const int row = at.middle;
    const int o = at.inner;
    a.table[i] = o < a.out ? a.weight[((long long)o * a.total_in + row) * a.taps + tap] : 0.0f;
  }
};

// The pixel of the map that tap (r, s) of output pixel (y, x) reads, counted through all pictures; -1: none.
PIX2PIXHD_DEVICE int map_pixel(const MapArguments& a, int n, int y, int x, int r, int s) {
  const int i = bordered_index(y * a.stride + r, a.h, a.border);
  const int j = bordered_index(x * a.stride + s, a.w, a.border);
  return i < 0 || j < 0 ? -1 : (n * a.h + i) * a.w + j;
}

struct MapLookUp : OnePhase<MapLookUpArguments> {
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const MapArguments& m = a.map;
    const int groups = m.channels / 8;
    const int index = index_of(t);
    if (index >= m.n * m.out_h * m.out_w * groups) return;
    const PixelChannels out = pixel_channels(index, m.out_h, m.out_w, groups);
    Eight sum = zeros8();
    if (a.add) sum = load8((const Value*)a.y + (long long)index * 8);
    for (int r = 0; r < m.kernel; ++r)
      for (int s = 0; s < m.kernel; ++s) {
        const int from = map_pixel(m, out.n, out.y, out.x, r, s);
        if (from < 0) continue;
        const float* rows = a.table + (long long)(r * m.kernel + s) * m.rows * m.channels + out.c;
        const int label = m.labels[from];
        if (label < m.classes) add8(sum, row8(rows + label * m.channels));
        if (m.edges && m.edges[from]) add8(sum, row8(rows + m.classes * m.channels));
      }
    store8((Value*)a.y + (long long)index * 8, sum);
  }
};

)
// clang-format on
