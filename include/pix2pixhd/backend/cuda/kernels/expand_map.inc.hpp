// Label maps written down as channels, for what is convolved densely: pooled maps, and all for the gradient of the
// weight.
//   y[p, c] = sum over the window of p of its weights, where the label is c or, for the edge channel, where there is an
//   edge; at level 0 the window is one pixel.
// clang-format off
PIX2PIXHD_KERNEL_TEXT(

struct ExpandMap : OnePhase<ExpandMapArguments> {
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int groups = a.channels / 8;
    const int index = index_of(t);
    if (index >= a.n * a.out_h * a.out_w * groups) return;
    const PixelChannels out = pixel_channels(index, a.out_h, a.out_w, groups);
    const int y = bordered_index(out.y, a.plane_h, a.border);
    const int x = bordered_index(out.x, a.plane_w, a.border);
    Eight e = zeros8();
    if (y >= 0 && x >= 0 && out.c < a.rows) {
      const long long at = ((long long)out.n * a.plane_h + y) * a.plane_w + x;
      const int label = a.labels[at] < a.classes ? a.labels[at] - out.c : -1;
      const int edge = a.edges && a.edges[at] ? a.classes - out.c : -1;
      for (int k = 0; k < 8; ++k)
        if (label == k || edge == k) e.v[k] = 1.0f;
    }
    store8((Value*)a.y + (long long)index * 8, e);
  }
};

PIX2PIXHD_DEVICE int pooled_side(int side, int level) {
  for (int i = 0; i < level; ++i) side = (side + 1) / 2;
  return side;
}

// The same above level 0. Block: a tile of output pixels, x and y, and of picture z / chunks a chunk of channels. Sums
// of all channels of the tile lie in shared memory, where a pixel of the window adds to that of its class alone.
struct ExpandPooledMap {
  typedef ExpandMapArguments Arguments;
  enum {
    tile_pixels = pooled_tile_h * pooled_tile_w,
    stride = tile_pixels + 1,  // of a channel's sums: neighbours in channels and in pixels lie in other banks
    lines = pooled_tile_h + pooled_tile_w,
    most_pixels = (2 << most_levels) - 1,  // poolings read 3 pixels of the map, then 7, 15, 31
    loads = 4                              // that a thread issues before it uses the first
  };
  static_assert(2 * tile_pixels == threads_per_block);
  struct Shared {
    float sums[pooled_channels * stride];
    // What each column of the tile, then each row of it, averages of the map, with its weights: see PoolingWindow in
    // core/semantic_map.hpp.
    int first[lines];
    int count[lines];
    float weights[most_pixels][lines];
  };
  enum { phases = 3 };

  PIX2PIXHD_DEVICE int chunks(const Arguments& a) { return (a.channels + pooled_channels - 1) / pooled_channels; }
  PIX2PIXHD_DEVICE int first_channel(const Thread& t, const Arguments& a) {
    return t.block_z % chunks(a) * pooled_channels;
  }
  PIX2PIXHD_DEVICE int channels(const Thread& t, const Arguments& a) {
    const int left = a.channels - first_channel(t, a);
    return left < pooled_channels ? left : pooled_channels;
  }

  // The window of pixel `index` of a row of `side` pixels after `level` poolings; index -1: none. Refined from level to
  // level in place, from its end: a weight of the finer level comes from weights that stand before it or where it
  // stands.
  PIX2PIXHD_DEVICE void write_window(Shared& s, int line, int side, int level, int index) {
    int first = index;
    int count = index < 0 ? 0 : 1;
    s.weights[0][line] = 1.0f;
    for (int i = level - 1; i >= 0 && count > 0; --i) {
      const int fine_side = pooled_side(side, i);
      const int last = first + count - 1;
      const int fine_first = first > 0 ? 2 * first - 1 : 0;
      const int fine_last = 2 * last + 1 < fine_side ? 2 * last + 1 : fine_side - 1;
      for (int j = fine_last; j >= fine_first; --j) {
        // Row j lies in the windows of the coarse rows j / 2 and, if it is odd, (j + 1) / 2.
        float sum = 0.0f;
        for (int coarse = j / 2; coarse <= (j + 1) / 2; ++coarse)
          if (coarse >= first && coarse <= last) {
            const int from = coarse > 0 ? 2 * coarse - 1 : 0;
            const int to = 2 * coarse + 1 < fine_side ? 2 * coarse + 1 : fine_side - 1;
            sum += s.weights[coarse - first][line] / (float)(to - from + 1);
          }
        s.weights[j - fine_first][line] = sum;
      }
      first = fine_first;
      count = fine_last - fine_first + 1;
    }
    s.first[line] = first;
    s.count[line] = count;
  }

  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared& s, const Arguments& a) {
    for (int i = t.x; i < channels(t, a) * stride; i += threads_per_block) s.sums[i] = 0.0f;
    if (t.x >= lines) return;
    const bool column = t.x < pooled_tile_w;
    const int side = column ? a.plane_w : a.plane_h;
    const int at = column ? t.block_x * pooled_tile_w + t.x : t.block_y * pooled_tile_h + t.x - pooled_tile_w;
    const bool inside = at < (column ? a.out_w : a.out_h);
    write_window(s, t.x, side, a.level, inside ? bordered_index(at, pooled_side(side, a.level), a.border) : -1);
  }

  // The first half of the threads adds what labels count for, the second edges, each for a pixel of the tile.
  PIX2PIXHD_DEVICE void phase(Phase<1>, const Thread& t, Shared& s, const Arguments& a) {
    const int pixel = t.x % tile_pixels;
    const bool of_edges = t.x >= tile_pixels;
    const unsigned char* plane = of_edges ? a.edges : a.labels;
    const int column = pixel % pooled_tile_w;
    const int row = pooled_tile_w + pixel / pooled_tile_w;
    const int first = first_channel(t, a);
    const int last = first + channels(t, a) < a.classes ? first + channels(t, a) : a.classes;
    if (!plane || s.count[row] == 0 || s.count[column] == 0) return;
    plane += ((long long)(t.block_z / chunks(a)) * a.plane_h + s.first[row]) * a.plane_w + s.first[column];
    const int columns = s.count[column];
    float edges = 0.0f;
    PIX2PIXHD_NO_UNROLL for (int i = 0; i < s.count[row]; ++i, plane += a.plane_w)
      PIX2PIXHD_NO_UNROLL for (int j = 0; j < columns; j += loads) {
        int values[loads];
        PIX2PIXHD_UNROLL for (int k = 0; k < loads; ++k) values[k] = plane[j + k < columns ? j + k : j];
        PIX2PIXHD_UNROLL for (int k = 0; k < loads; ++k) {
          if (j + k >= columns) continue;
          const float weight = s.weights[i][row] * s.weights[j + k][column];
          if (of_edges) edges += values[k] ? weight : 0.0f;
          else if (values[k] >= first && values[k] < last) s.sums[(values[k] - first) * stride + pixel] += weight;
        }
      }
    const int channel = a.classes - first;
    if (of_edges && channel >= 0 && channel < channels(t, a)) s.sums[channel * stride + pixel] = edges;
  }

  // Neighbouring threads take neighbouring groups of eight channels, then pixels.
  PIX2PIXHD_DEVICE void phase(Phase<2>, const Thread& t, Shared& s, const Arguments& a) {
    for (Walk at = walk(t.x, channels(t, a) / 8); at.outer < tile_pixels; advance(at)) {
      const int y = t.block_y * pooled_tile_h + at.outer / pooled_tile_w;
      const int x = t.block_x * pooled_tile_w + at.outer % pooled_tile_w;
      if (y >= a.out_h || x >= a.out_w) continue;
      Eight e;
      PIX2PIXHD_UNROLL for (int k = 0; k < 8; ++k) e.v[k] = s.sums[(at.inner * 8 + k) * stride + at.outer];
      const long long out = ((long long)(t.block_z / chunks(a)) * a.out_h + y) * a.out_w + x;
      store8((Value*)a.y + out * a.channels + first_channel(t, a) + at.inner * 8, e);
    }
  }
};

)
// clang-format on
