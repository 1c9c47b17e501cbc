// Exchange with host arrays (N, C, H, W), padding, enlargement, concatenation and their adjoint, and packed filters.
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

struct Gather : OnePhase<GatherArguments> {
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int groups = a.in_channels / 8;
    const int i = index_of(t);
    if (i >= a.n * a.out_h * a.out_w * groups) return;
    const PixelChannels out = pixel_channels(i, a.out_h, a.out_w, groups);
    const int c = out.c;
    const int y = bordered_index(out.y, a.in_h, a.border);
    const int x = bordered_index(out.x, a.in_w, a.border);
    Eight e = zeros8();
    if (y >= 0 && x >= 0)
      e = finished8(a.x, (((long long)out.n * a.in_h + y) * a.in_w + x) * a.in_channels + c, out.n, c);
    Value* to = (Value*)a.y + (long long)out.pixel * a.out_channels + a.first + c;
    if (a.first % 8 == 0 && c + 8 <= a.count) {
      store8(to, e);
      return;
    }
    for (int k = 0; k < 8; ++k)
      if (c + k < a.count) to[k] = float_to_value(e.v[k]);
  }
};

struct Fold : OnePhase<FoldArguments> {
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

  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int groups = a.channels / 8;
    const int i = index_of(t);
    if (i >= a.n * a.h * a.w * groups) return;
    const PixelChannels in = pixel_channels(i, a.h, a.w, groups);
    const int inside = a.border.padding + in.y * a.border.enlarge;
    Eight sum = zeros8();
    for (int j = 0; j < a.padded_h; ++j) {
      if (j >= a.border.padding && j < inside) j = inside;
      if (j == inside + a.border.enlarge && j < a.padded_h - a.border.padding) j = a.padded_h - a.border.padding;
      if (j >= a.padded_h) break;
      if (bordered_index(j, a.h, a.border) != in.y) continue;
      add_row(a, (const Value*)a.dy + ((long long)in.n * a.padded_h + j) * a.padded_w * a.channels, in.x, in.c, sum);
    }
    store8((Value*)a.dx + (long long)in.pixel * a.channels + in.c, sum);
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

struct PackFilter : OnePhase<PackFilterArguments> {
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int groups = a.in_channels / 8;
    const int i = index_of(t);
    if (i >= a.out_channels * a.taps * groups) return;
    const Indices at = unravel(i, a.taps, groups);
    const int o = at.outer;
    const int tap = at.middle;
    Eight e;
    for (int k = 0; k < 8; ++k) {
      const int c = at.inner * 8 + k;
      e.v[k] = o < a.out && c < a.in ? a.weight[((long long)o * a.total_in + a.first + c) * a.taps + tap] : 0.0f;
    }
    store8((Value*)a.packed + (long long)i * 8, e);
  }
};

struct UnpackFilter : OnePhase<UnpackFilterArguments> {
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int i = index_of(t);
    if (i >= a.out * a.in * a.taps) return;
    const Indices at = unravel(i, a.in, a.taps);
    const int o = at.outer;
    const int c = at.middle;
    const int tap = at.inner;
    const float value = value_to_float(((const Value*)a.packed)[((long long)o * a.taps + tap) * a.in_channels + c]);
    a.gradient[i] = a.add ? a.gradient[i] + value : value;
  }
};

)
// clang-format on
