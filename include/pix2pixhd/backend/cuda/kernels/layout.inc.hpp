// Exchange with host arrays (N, C, H, W; pictures and instance ids), padding, enlargement, concatenation and their adjoint.
// clang-format off
PIX2PIXHD_KERNEL_TEXT(

struct ImportTensor : OnePhase<ImportTensorArguments> {
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int groups = a.channels / 8;
    const int i = index_of(t);
    if (i >= a.n * groups * a.pixels) return;
    const Indices at = unravel(i, groups, a.pixels);  // neighbours read neighbouring values of the planes
    const int n = at.outer;
    const int first = at.middle * 8;
    const int pixel = at.inner;
    Eight e;
    for (int k = 0; k < 8; ++k) {
      const int c = first + k;
      e.v[k] = c < a.logical ? a.x[((long long)n * a.logical + c) * a.pixels + pixel] : 0.0f;
    }
    store8((Value*)a.y + ((long long)n * a.pixels + pixel) * a.channels + first, e);
  }
};

struct ExportTensor : OnePhase<ExportTensorArguments> {
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int groups = a.channels / 8;
    const int i = index_of(t);
    if (i >= a.n * groups * a.pixels) return;
    const Indices at = unravel(i, groups, a.pixels);  // as in ImportTensor
    const int n = at.outer;
    const int first = at.middle * 8;
    const int pixel = at.inner;
    const Eight e = load8((const Value*)a.x + ((long long)n * a.pixels + pixel) * a.channels + first);
    for (int k = 0; k < 8; ++k) {
      const int c = first + k;
      if (c < a.logical) a.y[((long long)n * a.logical + c) * a.pixels + pixel] = e.v[k];
    }
  }
};

// A thread takes a pixel.
struct ExportPixels : OnePhase<ExportPixelsArguments> {
  PIX2PIXHD_DEVICE unsigned char byte_of(float x) {
    const float clamped = x > 1.0f ? 1.0f : x > -1.0f ? x : -1.0f;  // NaN: -1
    return (unsigned char)rintf((clamped + 1.0f) / 2.0f * 255.0f);
  }
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int pixel = index_of(t);
    if (pixel >= a.n * a.pixels) return;
    unsigned char* to = a.y + (long long)pixel * a.logical;
    for (int c = 0; c < a.logical; c += 8) {
      const Eight e = load8((const Value*)a.x + (long long)pixel * a.channels + c);
      for (int k = 0; k < 8; ++k)
        if (c + k < a.logical) to[c + k] = byte_of(e.v[k]);
    }
  }
};

// 1 where the id of a pixel differs from its left, right, upper or lower neighbour's, otherwise 0. A thread takes a pixel.
struct MarkEdges : OnePhase<MarkEdgesArguments> {
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int i = index_of(t);
    if (i >= a.n * a.h * a.w) return;
    const Indices at = unravel(i, a.h, a.w);
    const int id = a.ids[i];
    const bool edge = (at.inner > 0 && a.ids[i - 1] != id) || (at.inner + 1 < a.w && a.ids[i + 1] != id) ||
                      (at.middle > 0 && a.ids[i - a.w] != id) || (at.middle + 1 < a.h && a.ids[i + a.w] != id);
    a.edges[i] = edge ? 1 : 0;
  }
};

// Gather and Fold: a thread takes eight channels of a column in several rows, so that their loads are under way
// together and what depends on column and channels is found once.
struct PixelRows {
  int n;
  int y;  // the first of rows_of_thread
  int x;
  int c;
};
PIX2PIXHD_DEVICE PixelRows pixel_rows(int i, int h, int w, int groups) {
  const PixelChannels at = pixel_channels(i, (h + rows_of_thread - 1) / rows_of_thread, w, groups);
  return {at.n, at.y * rows_of_thread, at.x, at.c};
}

struct Gather : OnePhase<GatherArguments> {
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int i = index_of(t);
    if (i >= a.threads) return;
    const PixelRows out = pixel_rows(i, a.out_h, a.out_w, a.in_channels / 8);
    const int c = out.c;
    const int x = bordered_index(out.x, a.in_w, a.border);
    Packed8 got[rows_of_thread];
    bool inside[rows_of_thread];
    PIX2PIXHD_UNROLL for (int k = 0; k < rows_of_thread; ++k) {
      const int y = out.y + k < a.out_h ? bordered_index(out.y + k, a.in_h, a.border) : -1;
      inside[k] = y >= 0 && x >= 0;
      const int from = inside[k] ? (out.n * a.in_h + y) * a.in_w + x : 0;  // branches would keep loads apart
      got[k] = load_packed8((const Value*)a.x.x + (long long)from * a.in_channels + c);
    }
    const Affine affine = affine_of(a.x, out.n, c);
    PIX2PIXHD_UNROLL for (int k = 0; k < rows_of_thread; ++k) {
      if (out.y + k >= a.out_h) return;
      Eight e = unpack8(got[k]);
      if (a.x.statistics) apply8(affine, e);
      activate8(e, a.x.activation);
      if (!inside[k]) e = zeros8();
      const int pixel = (out.n * a.out_h + out.y + k) * a.out_w + out.x;
      Value* to = (Value*)a.y + (long long)pixel * a.out_channels + a.first + c;
      if (a.first % 8 == 0 && c + 8 <= a.count) {
        store8(to, e);
      } else {
        PIX2PIXHD_UNROLL for (int j = 0; j < 8; ++j)
          if (c + j < a.count) to[j] = float_to_value(e.v[j]);
      }
    }
  }
};

struct Fold : OnePhase<FoldArguments> {
  enum { resident_blocks = 4 };

  // Adds row `row` of dy at the columns that map to column x.
  PIX2PIXHD_DEVICE void add_row(const Arguments& a, const Value* row, int x, int c, Eight& sum) {
    const int inside = a.border.padding + x * a.border.enlarge;
    for (int j = 0; j < a.padded_w; ++j) {
      if (j >= a.border.padding && j < inside) j = inside;  // what lies between the border and the pixel's own columns
      if (j == inside + a.border.enlarge && j < a.padded_w - a.border.padding) j = a.padded_w - a.border.padding;
      if (j >= a.padded_w) break;
      if (bordered_index(j, a.w, a.border) != x) continue;
      add8(sum, load8(row + (long long)j * a.channels + c));
    }
  }

  // What is found at row y and column x of dx, wherever it lies.
  PIX2PIXHD_DEVICE Eight folded(const Arguments& a, const PixelRows& in, int y) {
    const int inside = a.border.padding + y * a.border.enlarge;
    Eight sum = zeros8();
    for (int j = 0; j < a.padded_h; ++j) {
      if (j >= a.border.padding && j < inside) j = inside;
      if (j == inside + a.border.enlarge && j < a.padded_h - a.border.padding) j = a.padded_h - a.border.padding;
      if (j >= a.padded_h) break;
      if (bordered_index(j, a.h, a.border) != y) continue;
      add_row(a, (const Value*)a.dy + ((long long)in.n * a.padded_h + j) * a.padded_w * a.channels, in.x, in.c, sum);
    }
    return sum;
  }
  // Whether no position of the border maps to pixel i of a row.
  PIX2PIXHD_DEVICE bool inner(int i, int side, int padding) { return i > padding && i < side - 1 - padding; }

  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int i = index_of(t);
    if (i >= a.threads) return;
    const PixelRows in = pixel_rows(i, a.h, a.w, a.channels / 8);
    const int padding = a.border.padding;
    const long long row = (long long)a.w * a.channels;
    Value* to = (Value*)a.dx + ((long long)in.n * a.h + in.y) * row + (long long)in.x * a.channels + in.c;
    const int last = in.y + rows_of_thread - 1;
    if (a.border.enlarge == 1 && inner(in.x, a.w, padding) && inner(in.y, a.h, padding) && inner(last, a.h, padding)) {
      const long long padded_row = (long long)a.padded_w * a.channels;
      const Value* from = (const Value*)a.dy + ((long long)in.n * a.padded_h + in.y + padding) * padded_row +
                          (long long)(in.x + padding) * a.channels + in.c;
      Packed8 got[rows_of_thread];
      PIX2PIXHD_UNROLL for (int k = 0; k < rows_of_thread; ++k) got[k] = load_packed8(from + k * padded_row);
      PIX2PIXHD_UNROLL for (int k = 0; k < rows_of_thread; ++k) store8(to + k * row, unpack8(got[k]));
      return;
    }
    PIX2PIXHD_NO_UNROLL for (int k = 0; k < rows_of_thread && in.y + k < a.h; ++k)
      store8(to + k * row, folded(a, in, in.y + k));
  }
};

struct GatherBytes : OnePhase<GatherBytesArguments> {
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int i = index_of(t);
    if (i >= a.n * a.out_h * a.out_w) return;
    const Indices out = unravel(i, a.out_h, a.out_w);
    const int y = padded_index(out.middle, a.in_h, pad_reflect_periodically);
    const int x = padded_index(out.inner, a.in_w, pad_reflect_periodically);
    a.y[i] = a.x[((long long)out.outer * a.in_h + y) * a.in_w + x];
  }
};

)
// clang-format on
