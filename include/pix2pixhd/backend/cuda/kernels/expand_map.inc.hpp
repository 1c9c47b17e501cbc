// Label maps written down as channels, for what is convolved densely: pooled maps, and all for the gradient of the weight.
// clang-format off
PIX2PIXHD_KERNEL_TEXT(

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
