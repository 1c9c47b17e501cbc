// First layers on label maps: a row of the weight is looked up for each tap, and no one-hot channel is stored.
//   y[p, o] = sum over taps (r, s) of W[o, label(p, r, s), r, s] + edge(p, r, s) W[o, edge channel, r, s]
// Pooled maps, and all for the gradient of the weight, are written down as channels (ExpandMap) and convolved.
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

// The rows (or columns) of a map that row `index` after `level` poolings averages, with their weights: see
// PoolingWindow in core/semantic_map.hpp.
struct Window {
  enum { most_pixels = (2 << most_levels) - 1 };  // poolings read 3 pixels of the map, then 7, 15, 31
  int first;
  int count;
  float weights[most_pixels];
};
PIX2PIXHD_DEVICE Window pooling_window(int side, int level, int index) {
  Window w;
  w.first = index;
  w.count = 1;
  w.weights[0] = 1.0f;
  int sides[most_levels + 1];
  sides[0] = side;
  for (int i = 0; i < level; ++i) sides[i + 1] = (sides[i] + 1) / 2;
  for (int i = level - 1; i >= 0; --i) {
    const int last = w.first + w.count - 1;
    const int fine_first = w.first > 0 ? 2 * w.first - 1 : 0;
    const int fine_last = 2 * last + 1 < sides[i] ? 2 * last + 1 : sides[i] - 1;
    float fine[Window::most_pixels];
    for (int j = fine_first; j <= fine_last; ++j) {
      // Row j lies in the windows of the coarse rows j / 2 and, if it is odd, (j + 1) / 2.
      float sum = 0.0f;
      for (int coarse = j / 2; coarse <= (j + 1) / 2; ++coarse)
        if (coarse >= w.first && coarse <= last) {
          const int from = coarse > 0 ? 2 * coarse - 1 : 0;
          const int to = 2 * coarse + 1 < sides[i] ? 2 * coarse + 1 : sides[i] - 1;
          sum += w.weights[coarse - w.first] / (float)(to - from + 1);
        }
      fine[j - fine_first] = sum;
    }
    w.first = fine_first;
    w.count = fine_last - fine_first + 1;
    for (int j = 0; j < w.count; ++j) w.weights[j] = fine[j];
  }
  return w;
}

// y[p, c] = sum over the window of p of its weights, where the label is c or, for the edge channel, where there is an
// edge: 0 and 1 at level 0.
struct ExpandMap : OnePhase<ExpandMapArguments> {
  // Adds what pixel `at` of the labels counts for in the channels from c on.
  PIX2PIXHD_DEVICE void add(const Arguments& a, long long at, int c, float weight, Eight& e) {
    const int label = a.labels[at] < a.classes ? a.labels[at] - c : -1;
    const int edge = a.edges && a.edges[at] ? a.classes - c : -1;
    for (int k = 0; k < 8; ++k)
      if (label == k || edge == k) e.v[k] += weight;
  }

  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int groups = a.channels / 8;
    const int index = index_of(t);
    if (index >= a.n * a.out_h * a.out_w * groups) return;
    const PixelChannels out = pixel_channels(index, a.out_h, a.out_w, groups);
    const int n = out.n;
    const int c = out.c;
    int h = a.plane_h;
    int w = a.plane_w;
    for (int i = 0; i < a.level; ++i) {
      h = (h + 1) / 2;
      w = (w + 1) / 2;
    }
    const int y = bordered_index(out.y, h, a.border);
    const int x = bordered_index(out.x, w, a.border);
    Eight e = zeros8();
    if (y >= 0 && x >= 0 && c < a.rows && a.level == 0) {
      add(a, ((long long)n * h + y) * w + x, c, 1.0f, e);  // a window of one pixel, without memory for its weights
    } else if (y >= 0 && x >= 0 && c < a.rows) {
      const Window rows = pooling_window(a.plane_h, a.level, y);
      const Window columns = pooling_window(a.plane_w, a.level, x);
      for (int i = 0; i < rows.count; ++i)
        for (int j = 0; j < columns.count; ++j)
          add(a, ((long long)n * a.plane_h + rows.first + i) * a.plane_w + columns.first + j, c,
              rows.weights[i] * columns.weights[j], e);
    }
    store8((Value*)a.y + (long long)index * 8, e);
  }
};

)
// clang-format on
