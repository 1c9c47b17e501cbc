// A block's tile of output pixels, and what the rows of taps of each see: what look-ups of sums (map_sums.inc.hpp says
// how the table is laid out) in maps as they are and in pooled ones have in common.
// clang-format off
PIX2PIXHD_KERNEL_TEXT(

// A pixel of the map has a code, and may be marked: then a row of taps that sees it holds more than codes say.
template <int tile_h>
struct MapSumsTile {
  enum {  // of the map below a tile
    most_map_rows = (tile_h - 1) * largest_summed_stride + largest_summed_kernel,
    most_map_columns = (map_tile_w - 1) * largest_summed_stride + largest_summed_kernel
  };
  struct Shared {
    int rows_of_map[most_map_rows];  // below the tile's rows and columns; -1: none
    int columns_of_map[most_map_columns];
    unsigned short codes[most_map_rows][most_map_columns];  // of the map's pixels there, with marked_bit
    unsigned rows[most_map_rows][map_tile_w];  // what the taps of a row see from each column of the tile
    short windows[tile_h][map_tile_w];         // the code of all taps, or `mixed`
  };
  enum { lines = threads_per_block / map_tile_w };  // of the tile, a thread for each of their pixels
  enum { marked_bit = 256 };
  // Bits of `rows`: the code of the last tap, the taps at which the code changes, whether the taps are fewer look-ups
  // than the changes, and the taps that are marked. Below changes_at: one code and no marks.
  enum { changes_at = 8, by_taps_at = 15, marks_at = 16 };
  enum { mixed = -1 };
  static_assert(most_map_rows + most_map_columns <= threads_per_block);
  static_assert(lines * map_tile_w == threads_per_block && largest_summed_kernel <= by_taps_at - changes_at);

  // Rows and columns of the map below a tile.
  PIX2PIXHD_DEVICE int height(const MapArguments& m) { return (tile_h - 1) * m.stride + m.kernel; }
  PIX2PIXHD_DEVICE int width(const MapArguments& m) { return (map_tile_w - 1) * m.stride + m.kernel; }

  // Where they lie in a map of h x w pixels.
  PIX2PIXHD_DEVICE void find_lines(const Thread& t, Shared& s, const MapArguments& m, int h, int w) {
    const bool of_row = t.x < most_map_rows;
    const int i = of_row ? t.x : t.x - most_map_rows;
    if (i >= (of_row ? most_map_rows : most_map_columns)) return;
    const int at = i + m.stride * (of_row ? t.block_y * tile_h : t.block_x * map_tile_w);
    const int end = ((of_row ? m.out_h : m.out_w) - 1) * m.stride + m.kernel;  // of what the last output pixels see
    const int from = at < end ? bordered_index(at, of_row ? h : w, m.border) : -1;
    (of_row ? s.rows_of_map : s.columns_of_map)[i] = from;
  }

  PIX2PIXHD_DEVICE void describe_rows(const Thread& t, Shared& s, const MapArguments& m) {
    const int x = t.x % map_tile_w;
    PIX2PIXHD_NO_UNROLL for (int row = t.x / map_tile_w; row < height(m); row += lines) {
      const unsigned short* codes = s.codes[row] + x * m.stride;
      int last = codes[0] & 255;
      int changes = 0;
      int number = 0;
      int marks = 0;
      for (int tap = 0; tap < m.kernel; ++tap) {
        const int code = codes[tap] & 255;
        if (code != last) {
          changes |= 1 << tap;
          ++number;
        }
        if (codes[tap] & marked_bit) marks |= 1 << tap;
        last = code;
      }
      const int by_taps = number > 0 && 2 * number + 1 >= m.kernel;
      s.rows[row][x] = (unsigned)(last | changes << changes_at | by_taps << by_taps_at | marks << marks_at);
    }
  }
  PIX2PIXHD_DEVICE void describe_windows(const Thread& t, Shared& s, const MapArguments& m) {
    const int x = t.x % map_tile_w;
    for (int y = t.x / map_tile_w; y < tile_h; y += lines) {
      const unsigned first = s.rows[y * m.stride][x];
      bool same = first < 1u << changes_at;
      for (int r = 1; r < m.kernel; ++r) same = same && s.rows[y * m.stride + r][x] == first;
      s.windows[y][x] = (short)(same ? (int)first : (int)mixed);
    }
  }

  // Adds what the codes of row r of taps say. `table` begins at the channels that are asked for.
  PIX2PIXHD_DEVICE void add_codes(const MapSumsLookUpArguments& a, const Shared& s, const float* table, int r, int y,
                                  int x, Eight& sum) {
    const MapArguments& m = a.map;
    const int codes_of_tap = a.parts.codes;
    const unsigned word = s.rows[y * m.stride + r][x];
    const unsigned short* codes = s.codes[y * m.stride + r] + x * m.stride;
    if (word >> by_taps_at & 1u) {
      const int taps = a.parts.taps + r * m.kernel * codes_of_tap;
      for (int tap = 0; tap < m.kernel; ++tap)
        add8(sum, row8(table + (taps + tap * codes_of_tap + (codes[tap] & 255)) * m.channels));
      return;
    }
    const int runs = a.parts.runs + r * m.kernel * codes_of_tap;
    add8(sum, row8(table + (runs + (m.kernel - 1) * codes_of_tap + (int)(word & 255u)) * m.channels));
    PIX2PIXHD_NO_UNROLL for (unsigned left = word >> changes_at & 127u; left != 0; left &= left - 1) {
      const int tap = lowest_bit(left);
      const int run = runs + (tap - 1) * codes_of_tap;
      add8(sum, row8(table + (run + (codes[tap - 1] & 255)) * m.channels));
      subtract8(sum, row8(table + (run + (codes[tap] & 255)) * m.channels));
    }
  }

  // Finishes the tile by Kernel::add_marks(a, shared, table, r, y, x, marks, sum), where a row of taps has marks.
  // Neighbouring threads take neighbouring groups of eight channels, then pixels.
  template <class Kernel>
  PIX2PIXHD_DEVICE void look_up(const Thread& t, const typename Kernel::Shared& s, const MapSumsLookUpArguments& a) {
    const MapArguments& m = a.map;
    PIX2PIXHD_NO_UNROLL for (Walk at = walk(t.x, m.channels / 8); at.outer < tile_h * map_tile_w; advance(at)) {
      const int y = (int)((unsigned)at.outer / map_tile_w);
      const int x = (int)((unsigned)at.outer % map_tile_w);
      const int out_y = t.block_y * tile_h + y;
      const int out_x = t.block_x * map_tile_w + x;
      if (out_y >= m.out_h || out_x >= m.out_w) continue;
      const int out = (t.block_z * m.out_h + out_y) * m.out_w + out_x;
      Value* to = (Value*)a.y + (long long)out * m.channels + at.inner * 8;
      const float* table = a.table + at.inner * 8;
      Eight sum = zeros8();
      if (a.add) sum = load8(to);
      const int code = s.tile.windows[y][x];
      if (code != mixed) {
        add8(sum, row8(table + code * m.channels));
      } else {
        PIX2PIXHD_NO_UNROLL for (int r = 0; r < m.kernel; ++r) {
          add_codes(a, s.tile, table, r, y, x, sum);
          const unsigned marks = s.tile.rows[y * m.stride + r][x] >> marks_at;
          if (marks) Kernel::add_marks(a, s, table, r, y, x, marks, sum);
        }
      }
      store8(to, sum);
    }
  }
};

)
// clang-format on
