// First layers on label maps: a row of the weight is looked up for each tap, and no one-hot channel is ever stored.
//   y[p, o] = sum over taps (r, s) of W[o, label(p, r, s), r, s] + edge(p, r, s) W[o, edge channel, r, s]
// clang-format off
PIX2PIXHD_KERNEL_TEXT(

struct MapTable {
  typedef MapTableArguments Arguments;
  typedef Nothing Shared;
  enum { phases = 1 };
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int i = index_of(t);
    if (i >= a.taps * a.rows * a.channels) return;
    const int o = i % a.channels;
    const int row = i / a.channels % a.rows;
    const int tap = i / a.channels / a.rows;
    a.table[i] = o < a.out ? a.weight[((long long)o * a.total_in + row) * a.taps + tap] : 0.0f;
  }
};

// The pixel of the map that tap (r, s) of output pixel (y, x) reads, counted through all pictures; -1: none.
PIX2PIXHD_DEVICE int map_pixel(const MapArguments& a, int n, int y, int x, int r, int s) {
  const int i = bordered_index(y * a.stride + r, a.h, a.border);
  const int j = bordered_index(x * a.stride + s, a.w, a.border);
  return i < 0 || j < 0 ? -1 : (n * a.h + i) * a.w + j;
}

struct MapLookUp {
  typedef MapLookUpArguments Arguments;
  typedef Nothing Shared;
  enum { phases = 1 };
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const MapArguments& m = a.map;
    const int groups = m.channels / 8;
    const int index = index_of(t);
    if (index >= m.n * m.out_h * m.out_w * groups) return;
    const int c = index % groups * 8;
    const int pixel = index / groups;
    const int n = pixel / (m.out_h * m.out_w);
    const int y = pixel / m.out_w % m.out_h;
    const int x = pixel % m.out_w;
    Eight sum;
    for (int k = 0; k < 8; ++k) sum.v[k] = 0.0f;
    if (a.add) sum = load8((const Value*)a.y + (long long)index * 8);
    for (int r = 0; r < m.kernel; ++r)
      for (int s = 0; s < m.kernel; ++s) {
        const int from = map_pixel(m, n, y, x, r, s);
        if (from < 0) continue;
        const float* rows = a.table + (long long)(r * m.kernel + s) * m.rows * m.channels + c;
        const int label = m.labels[from];
        if (label < m.classes) add_row8(sum, rows + label * m.channels);
        if (m.edges && m.edges[from]) add_row8(sum, rows + m.classes * m.channels);
      }
    store8((Value*)a.y + (long long)index * 8, sum);
  }
};

// Gradient of the looked-up rows: each is the sum of dy over the pixels that read it. Block: chunk x of the output pixels
// of a picture, tap y, 32 channels from z * 32 on. Teams of 32 threads, a thread a channel, take turns at the pixels.
struct ChunkMapGradient {
  typedef MapGradientArguments Arguments;
  enum { sums = 8192 };
  struct Shared {
    float sum[sums];
  };
  enum { phases = 2 };

  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared& s, const Arguments& a) {
    const MapArguments& m = a.map;
    const int team = t.x / 32;
    const int c = t.block_z * 32 + t.x % 32;
    if (team >= a.teams) return;
    float* sum = s.sum + team * m.rows * 32 + t.x % 32;  // of this thread alone
    for (int row = 0; row < m.rows; ++row) sum[row * 32] = 0.0f;
    if (c >= m.channels) return;
    const int pixels = m.out_h * m.out_w;
    const int n = t.block_x / a.chunks;
    const int first = t.block_x % a.chunks * a.chunk;
    const int last = first + a.chunk < pixels ? first + a.chunk : pixels;
    for (int p = first + team; p < last; p += a.teams) {
      const int from = map_pixel(m, n, p / m.out_w, p % m.out_w, t.block_y / m.kernel, t.block_y % m.kernel);
      if (from < 0) continue;
      const float dy = value_to_float(((const Value*)a.dy)[((long long)n * pixels + p) * m.channels + c]);
      const int label = m.labels[from];
      if (label < m.classes) sum[label * 32] += dy;
      if (m.edges && m.edges[from]) sum[m.classes * 32] += dy;
    }
  }
  PIX2PIXHD_DEVICE void phase(Phase<1>, const Thread& t, Shared& s, const Arguments& a) {
    const MapArguments& m = a.map;
    const int c = t.block_z * 32 + t.x % 32;
    if (c >= m.channels) return;
    for (int row = t.x / 32; row < m.rows; row += threads_of_block / 32) {
      float sum = 0.0f;
      for (int team = 0; team < a.teams; ++team) sum += s.sum[(team * m.rows + row) * 32 + t.x % 32];
      const int taps = m.kernel * m.kernel;
      a.partial[(((long long)t.block_x * taps + t.block_y) * m.rows + row) * m.channels + c] = sum;
    }
  }
};

struct MapGradientSum {
  typedef MapGradientSumArguments Arguments;
  typedef Nothing Shared;
  enum { phases = 1 };
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int values = a.taps * a.rows * a.channels;
    const int i = index_of(t);
    const int o = i % a.channels;
    if (i >= values || o >= a.out) return;
    double sum = 0;
    for (int chunk = 0; chunk < a.chunks; ++chunk) sum += a.partial[(long long)chunk * values + i];
    const int row = i / a.channels % a.rows;
    const int tap = i / a.channels / a.rows;
    float* to = a.gradient + ((long long)o * a.total_in + row) * a.taps + tap;
    *to = (float)sum + (a.add ? *to : 0.0f);
  }
};

// The rows (or columns) of a map that row `index` after `level` poolings averages, with their weights: see
// PoolingWindow in core/semantic_map.hpp.
struct Window {
  enum { levels = 4 };
  int first;
  int count;
  float weights[31];
};
PIX2PIXHD_DEVICE Window pooling_window(int side, int level, int index) {
  Window w;
  w.first = index;
  w.count = 1;
  w.weights[0] = 1.0f;
  int sides[Window::levels + 1];
  sides[0] = side;
  for (int i = 0; i < level; ++i) sides[i + 1] = (sides[i] + 1) / 2;
  for (int i = level - 1; i >= 0; --i) {
    const int last = w.first + w.count - 1;
    const int fine_first = w.first > 0 ? 2 * w.first - 1 : 0;
    const int fine_last = 2 * last + 1 < sides[i] ? 2 * last + 1 : sides[i] - 1;
    float fine[31];
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

struct ExpandMap {
  typedef ExpandMapArguments Arguments;
  typedef Nothing Shared;
  enum { phases = 1 };
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int groups = a.channels / 8;
    const int index = index_of(t);
    if (index >= a.n * a.out_h * a.out_w * groups) return;
    const int c = index % groups * 8;
    const int pixel = index / groups;
    const int n = pixel / (a.out_h * a.out_w);
    int h = a.plane_h;
    int w = a.plane_w;
    for (int i = 0; i < a.level; ++i) {
      h = (h + 1) / 2;
      w = (w + 1) / 2;
    }
    const int y = bordered_index(pixel / a.out_w % a.out_h, h, a.border);
    const int x = bordered_index(pixel % a.out_w, w, a.border);
    Eight e;
    for (int k = 0; k < 8; ++k) e.v[k] = 0.0f;
    if (y >= 0 && x >= 0 && c < a.rows) {
      const Window rows = pooling_window(a.plane_h, a.level, y);
      const Window columns = pooling_window(a.plane_w, a.level, x);
      for (int i = 0; i < rows.count; ++i)
        for (int j = 0; j < columns.count; ++j) {
          const long long at = ((long long)n * a.plane_h + rows.first + i) * a.plane_w + columns.first + j;
          const float weight = rows.weights[i] * columns.weights[j];
          const int label = a.labels[at] < a.classes ? a.labels[at] - c : -1;
          const int edge = a.edges && a.edges[at] ? a.classes - c : -1;
          for (int k = 0; k < 8; ++k)
            if (label == k || edge == k) e.v[k] += weight;
        }
    }
    store8((Value*)a.y + (long long)index * 8, e);
  }
};

)
// clang-format on
