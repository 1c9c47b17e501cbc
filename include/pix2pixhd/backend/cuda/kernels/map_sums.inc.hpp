// First layers on label maps as in map.inc.hpp, with sums over several taps in the table. Most windows of real maps
// hold one class, and most rows of taps of the others one class or two. With W[c, r, s] the weight's row for class c:
//   runs:  R[r, s, c] = W[c, r, 0] + ... + W[c, r, s]
//   a row of taps r, whose class changes from a to b at each tap s of a set, and is c at the last:
//     sum over s of W[class(s), r, s] = R[r, kernel - 1, c] + sum over changes of (R[r, s - 1, a] - R[r, s - 1, b])
//   edges of a row of taps, a set of taps: one row of the table for each set.
// A pixel's code is its class; what is no class, or no pixel, has the code after the last class and rows of zeros.
// Rows of the table: windows [code], runs [r][s][code], single taps [r][s][code], edges [r][set].
// clang-format off
PIX2PIXHD_KERNEL_TEXT(

struct MapSums : OnePhase<MapSumsArguments> {
  // Sum over taps from `first` on, `count` of them, of those in `set`, of input channel `channel`.
  PIX2PIXHD_DEVICE float sum(const Arguments& a, int o, int channel, int first, int count, int set) {
    const float* from = a.weight + ((long long)o * a.total_in + channel) * a.kernel * a.kernel + first;
    float all = 0.0f;
    for (int i = 0; i < count; ++i)
      if (set < 0 || (set >> i & 1)) all += from[i];
    return all;
  }
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const MapSumsParts& parts = a.parts;
    const int i = index_of(t);
    if (i >= parts.end * a.channels) return;
    const int row = i / a.channels;
    const int o = i % a.channels;
    int channel = parts.codes - 1;  // edges come after the classes
    int first = 0;
    int count = a.kernel;
    int set = -1;  // all
    if (row >= parts.edges) {
      first = ((row - parts.edges) >> a.kernel) * a.kernel;
      set = (row - parts.edges) & ((1 << a.kernel) - 1);
    } else {
      channel = row % parts.codes;  // all parts begin at a multiple
      if (row >= parts.taps) {
        first = (row - parts.taps) / parts.codes;
        count = 1;
      } else if (row >= parts.runs) {
        const int tap = (row - parts.runs) / parts.codes;
        first = tap / a.kernel * a.kernel;
        count = tap % a.kernel + 1;
      } else {
        count = a.kernel * a.kernel;
      }
      if (channel == parts.codes - 1) count = 0;
    }
    a.table[i] = o < a.out ? sum(a, o, channel, first, count, set) : 0.0f;
  }
};

// In a map as it is: edges are marks. Block: a tile of output pixels, x and y, of picture z.
struct MapSumsLookUp {
  typedef MapSumsLookUpArguments Arguments;
  typedef MapSumsTile<map_tile_h> Tile;
  struct Shared { Tile::Shared tile; };
  enum { phases = 5 };
  enum { loads = 4 };  // that a thread issues before it uses the first

  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared& s, const Arguments& a) {
    Tile::find_lines(t, s.tile, a.map, a.map.h, a.map.w);
  }

  PIX2PIXHD_DEVICE int code_at(const MapArguments& m, int n, int i, int j) {
    const unsigned char* edges = m.edges ? m.edges : m.labels;
    const bool inside = i >= 0 && j >= 0;
    const long long at = inside ? ((long long)n * m.h + i) * m.w + j : 0;  // always a load: branches keep loads apart
    const int label = m.labels[at];
    const int edge = edges[at] && m.edges ? (int)Tile::marked_bit : 0;
    if (!inside) return m.classes;
    return (label < m.classes ? label : m.classes) | edge;
  }
  PIX2PIXHD_DEVICE void phase(Phase<1>, const Thread& t, Shared& s, const Arguments& a) {
    const MapArguments& m = a.map;
    const int height = Tile::height(m);
    const int lines = Tile::lines;
    PIX2PIXHD_NO_UNROLL for (int column = t.x % map_tile_w; column < Tile::width(m); column += map_tile_w) {
      const int j = s.tile.columns_of_map[column];
      PIX2PIXHD_NO_UNROLL for (int row = t.x / map_tile_w; row < height; row += loads * lines) {
        int codes[loads];
        PIX2PIXHD_UNROLL for (int i = 0; i < loads; ++i) {
          const int y = row + i * lines;
          codes[i] = code_at(m, t.block_z, y < height ? s.tile.rows_of_map[y] : -1, j);
        }
        PIX2PIXHD_UNROLL for (int i = 0; i < loads; ++i)
          if (row + i * lines < height) s.tile.codes[row + i * lines][column] = (unsigned short)codes[i];
      }
    }
  }
  PIX2PIXHD_DEVICE void phase(Phase<2>, const Thread& t, Shared& s, const Arguments& a) {
    Tile::describe_rows(t, s.tile, a.map);
  }
  PIX2PIXHD_DEVICE void phase(Phase<3>, const Thread& t, Shared& s, const Arguments& a) {
    Tile::describe_windows(t, s.tile, a.map);
  }
  PIX2PIXHD_DEVICE void add_marks(const Arguments& a, const Shared&, const float* table, int r, int, int,
                                  unsigned marks, Eight& sum) {
    add8(sum, row8(table + (a.parts.edges + (r << a.map.kernel) + (int)marks) * a.map.channels));
  }
  PIX2PIXHD_DEVICE void phase(Phase<4>, const Thread& t, Shared& s, const Arguments& a) {
    Tile::look_up<MapSumsLookUp>(t, s, a);
  }
};

)
// clang-format on
