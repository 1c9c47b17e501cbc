// First layers on label maps that were pooled once, by the table of map_sums.inc.hpp. Most pixels of such a map average
// pixels of one class, without edges, and are looked up like those of a map as it is. The others see several:
//   sum over classes c of share(c) W[c, r, s] + share of edges * W[edge channel, r, s]
// clang-format off
PIX2PIXHD_KERNEL_TEXT(

// Block: a tile of output pixels, x and y, of picture z. Of the map, h and w are of the labels.
struct PooledMapSumsLookUp {
  typedef MapSumsLookUpArguments Arguments;
  typedef MapSumsTile<pooled_map_tile_h> Tile;
  enum { side = 3 };    // of what a pixel averages
  enum { whole = 36 };  // shares are multiples of 1 / 36: products of a third, a half or all of a row and of a column
  struct Mixture {
    unsigned char number;  // of classes
    unsigned char edges;   // share of them
    unsigned char classes[side * side];
    unsigned char shares[side * side];
  };
  struct Shared {
    Tile::Shared tile;
    Mixture mixtures[Tile::most_map_rows][Tile::most_map_columns];  // of marked pixels
  };
  enum { phases = 5 };

  PIX2PIXHD_DEVICE int pooled(int pixels) { return (pixels + 1) / 2; }

  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared& s, const Arguments& a) {
    Tile::find_lines(t, s.tile, a.map, pooled(a.map.h), pooled(a.map.w));
  }

  // The rows, or columns, of the labels that row i of a pooled map averages: `number` of them from `first` on.
  struct Window {
    int first;
    int number;
  };
  PIX2PIXHD_DEVICE Window window_of(int i, int pixels) {
    const int first = i > 0 ? 2 * i - 1 : 0;
    const int last = 2 * i + 1 < pixels ? 2 * i + 1 : pixels - 1;
    return {first, last - first + 1};
  }

  PIX2PIXHD_DEVICE void add_class(Mixture& mixture, int code, int share) {
    int i = 0;
    while (i < mixture.number && mixture.classes[i] != code) ++i;
    if (i == mixture.number) {
      mixture.classes[i] = (unsigned char)code;
      mixture.shares[i] = 0;
      ++mixture.number;
    }
    mixture.shares[i] = (unsigned char)(mixture.shares[i] + share);
  }
  // The code of pixel (i, j) of picture n of the pooled map, and what it is a mixture of, if it is one.
  PIX2PIXHD_DEVICE int code_at(const MapArguments& m, int n, int i, int j, Mixture& mixture) {
    if (i < 0 || j < 0) return m.classes;
    const Window rows = window_of(i, m.h);
    const Window columns = window_of(j, m.w);
    const long long first = ((long long)n * m.h + rows.first) * m.w + columns.first;
    const unsigned char* edges = m.edges ? m.edges : m.labels;
    int codes[side * side];
    int number_of_edges = 0;
    bool uniform = true;
    PIX2PIXHD_UNROLL for (int k = 0; k < side * side; ++k) {  // pixels that are not there: the first again
      const bool there = k / side < rows.number && k % side < columns.number;
      const long long at = there ? first + (long long)(k / side) * m.w + k % side : first;
      const int label = m.labels[at];
      const int edge = edges[at];  // always a load: branches keep loads apart
      codes[k] = label < m.classes ? label : m.classes;
      number_of_edges += there && m.edges && edge ? 1 : 0;
      uniform = uniform && codes[k] == codes[0];
    }
    if (uniform && number_of_edges == 0) return codes[0];
    const int share = whole / (rows.number * columns.number);
    mixture.number = 0;
    mixture.edges = (unsigned char)(share * number_of_edges);
    PIX2PIXHD_UNROLL for (int k = 0; k < side * side; ++k)
      if (k / side < rows.number && k % side < columns.number && codes[k] < m.classes)
        add_class(mixture, codes[k], share);
    return m.classes | Tile::marked_bit;
  }
  PIX2PIXHD_DEVICE void phase(Phase<1>, const Thread& t, Shared& s, const Arguments& a) {
    const MapArguments& m = a.map;
    PIX2PIXHD_NO_UNROLL for (int column = t.x % map_tile_w; column < Tile::width(m); column += map_tile_w)
      PIX2PIXHD_NO_UNROLL for (int row = t.x / map_tile_w; row < Tile::height(m); row += Tile::lines)
        s.tile.codes[row][column] = (unsigned short)code_at(m, t.block_z, s.tile.rows_of_map[row],
                                                            s.tile.columns_of_map[column], s.mixtures[row][column]);
  }
  PIX2PIXHD_DEVICE void phase(Phase<2>, const Thread& t, Shared& s, const Arguments& a) {
    Tile::describe_rows(t, s.tile, a.map);
  }
  PIX2PIXHD_DEVICE void phase(Phase<3>, const Thread& t, Shared& s, const Arguments& a) {
    Tile::describe_windows(t, s.tile, a.map);
  }

  PIX2PIXHD_DEVICE void add_share(Eight& sum, const float* row, int share) {
    const Eight e = row8(row);
    for (int k = 0; k < 8; ++k) sum.v[k] += (float)share / (float)whole * e.v[k];
  }
  PIX2PIXHD_DEVICE void add_marks(const Arguments& a, const Shared& s, const float* table, int r, int y, int x,
                                  unsigned marks, Eight& sum) {
    const MapArguments& m = a.map;
    PIX2PIXHD_NO_UNROLL for (; marks != 0; marks &= marks - 1) {
      const int tap = lowest_bit(marks);
      const Mixture& mixture = s.mixtures[y * m.stride + r][x * m.stride + tap];
      const int taps = a.parts.taps + (r * m.kernel + tap) * a.parts.codes;
      PIX2PIXHD_NO_UNROLL for (int i = 0; i < mixture.number; ++i)
        add_share(sum, table + (taps + mixture.classes[i]) * m.channels, mixture.shares[i]);
      if (mixture.edges)
        add_share(sum, table + (a.parts.edges + (r << m.kernel) + (1 << tap)) * m.channels, mixture.edges);
    }
  }
  PIX2PIXHD_DEVICE void phase(Phase<4>, const Thread& t, Shared& s, const Arguments& a) {
    Tile::look_up<PooledMapSumsLookUp>(t, s, a);
  }
};

)
// clang-format on
