// What the kernels have in common. A kernel is a struct with its Arguments, what its block shares, and its phases:
// functions that each thread of a block runs, with a barrier between one and the next. On the host they are run thread
// by thread. `resident_blocks`, if a kernel has it, bounds the registers of a thread.
// clang-format off
PIX2PIXHD_KERNEL_TEXT(

struct Thread {
  int x;        // in its block
  int block_x;
  int block_y;
  int block_z;
  int grid_x;   // blocks in x
};
template <int Number>
struct Phase {};
// What a kernel of one phase, whose threads share nothing, is derived from.
template <class ArgumentsOfKernel>
struct OnePhase {
  typedef ArgumentsOfKernel Arguments;
  struct Shared {};
  enum { phases = 1 };
};

PIX2PIXHD_DEVICE bool is_finite(float x) { return (bits_of_float(x) & 0x7f800000u) != 0x7f800000u; }

// A thread's number in a launch with blocks in x alone.
PIX2PIXHD_DEVICE int index_of(const Thread& t) { return t.block_x * threads_per_block + t.x; }

// Where element i of an array [outer][middle][inner] lies.
struct Indices {
  int outer;
  int middle;
  int inner;
};
PIX2PIXHD_DEVICE Indices unravel(int i, int middle, int inner) {
  const unsigned row = (unsigned)i / (unsigned)inner;  // divisions of signed numbers take longer
  return {(int)(row / (unsigned)middle), (int)(row % (unsigned)middle), (int)((unsigned)i % (unsigned)inner)};
}

// Where element i of an array [outer][inner] lies, while i grows by the threads of a block: counted, not divided.
struct Walk {
  int outer;
  int inner;
  int size;  // of `inner`
  int outer_step;
  int inner_step;
};
PIX2PIXHD_DEVICE Walk walk(int i, int size) {
  return {i / size, i % size, size, threads_per_block / size, threads_per_block % size};
}
PIX2PIXHD_DEVICE void advance(Walk& at) {
  at.outer += at.outer_step;
  at.inner += at.inner_step;
  if (at.inner < at.size) return;
  at.inner -= at.size;
  ++at.outer;
}

// Eight channels, from c on, of pixel (y, x) of picture n: what a thread of most kernels takes.
struct PixelChannels {
  int n;
  int y;
  int x;
  int c;
  int pixel;  // counted through all pictures
};
// The i-th of an array [n][h][w][groups] of them.
PIX2PIXHD_DEVICE PixelChannels pixel_channels(int i, int h, int w, int groups) {
  const unsigned pixel = (unsigned)i / (unsigned)groups;
  const Indices at = unravel((int)pixel, h, w);
  return {at.outer, at.middle, at.inner, (int)((unsigned)i % (unsigned)groups) * 8, (int)pixel};
}
// The same where rows do not matter: a picture is one row of `pixels`.
PIX2PIXHD_DEVICE PixelChannels pixel_channels(int i, int pixels, int groups) {
  return pixel_channels(i, 1, pixels, groups);
}

// Eight channels of several pixels of picture n, which share statistics: `step` pixels apart, so that neighbouring
// threads still take neighbouring pixels.
struct SpreadPixels {
  int n;
  int pixel;  // the first, of its picture
  int step;
  int c;
};
PIX2PIXHD_DEVICE SpreadPixels spread_pixels(int i, int pixels, int groups) {
  const int step = (pixels + pixels_of_thread - 1) / pixels_of_thread;
  const PixelChannels at = pixel_channels(i, step, groups);
  return {at.n, at.x, step, at.c};
}
// Offset of the k-th of them in an array of `pixels` a picture; of the first where there is none.
PIX2PIXHD_DEVICE long long offset_of(const SpreadPixels& at, int k, int pixels, int channels) {
  const int pixel = at.pixel + k * at.step;
  return (long long)(at.n * pixels + (pixel < pixels ? pixel : at.pixel)) * channels + at.c;
}

// Which of several arrays a block works on: the last whose first block is not after it.
template <class Array>
PIX2PIXHD_DEVICE const Array& array_of_block(const Array* arrays, int number, int block) {
  int low = 0;
  int high = number - 1;
  while (low < high) {
    const int middle = (low + high + 1) / 2;
    if (arrays[middle].first_block <= block) low = middle;
    else high = middle - 1;
  }
  return arrays[low];
}

PIX2PIXHD_DEVICE float activate(float x, int activation) {
  if (activation == activation_relu) return x < 0.0f ? 0.0f : x;
  if (activation == activation_leaky_relu) return x > 0.0f ? x : leaky_slope * x;
  if (activation == activation_tanh) return tanhf(x);
  return x;
}
// Eight at once: one branch for all of them.
PIX2PIXHD_DEVICE void activate8(Eight& e, int activation) {
  if (activation == activation_relu)
    for (int k = 0; k < 8; ++k) e.v[k] = activate(e.v[k], activation_relu);
  else if (activation == activation_leaky_relu)
    for (int k = 0; k < 8; ++k) e.v[k] = activate(e.v[k], activation_leaky_relu);
  else if (activation == activation_tanh)
    for (int k = 0; k < 8; ++k) e.v[k] = activate(e.v[k], activation_tanh);
}
// Derivative of an activation, by its output.
PIX2PIXHD_DEVICE float activation_slope(float y, int activation) {
  if (activation == activation_relu) return y > 0.0f ? 1.0f : 0.0f;
  if (activation == activation_leaky_relu) return y > 0.0f ? 1.0f : leaky_slope;
  if (activation == activation_tanh) return 1.0f - y * y;
  return 1.0f;
}

// The rows of the statistics of a picture.
enum { mean_row, scale_row, shift_row, deviation_row, statistics_rows };
// One of picture n, from channel c on. Rows are a multiple of 8 floats long, as c is.
PIX2PIXHD_DEVICE const float* statistics_row(const Source& s, int n, int row, int c) {
  return s.statistics + (long long)(n * statistics_rows + row) * s.width + c;
}
// What statistics say of eight channels of a picture; of another source nothing.
struct Affine {
  Eight mean;
  Eight scale;
  Eight shift;
};
PIX2PIXHD_DEVICE Affine affine_of(const Source& s, int n, int c) {
  if (!s.statistics) return {zeros8(), zeros8(), zeros8()};
  return {row8(statistics_row(s, n, mean_row, c)), row8(statistics_row(s, n, scale_row, c)),
          row8(statistics_row(s, n, shift_row, c))};
}
PIX2PIXHD_DEVICE void apply8(const Affine& f, Eight& e) {
  for (int k = 0; k < 8; ++k) e.v[k] = (e.v[k] - f.mean.v[k]) * f.scale.v[k] + f.shift.v[k];
}
// Eight finished values at offset `at`: picture n, channels from c on.
PIX2PIXHD_DEVICE Eight finished8(const Source& s, long long at, int n, int c) {
  Eight e = load8((const Value*)s.x + at);
  if (s.statistics) apply8(affine_of(s, n, c), e);
  activate8(e, s.activation);
  return e;
}

// The pixel at position i of a row of `side` pixels continued as `pad` says; -1: a zero.
PIX2PIXHD_DEVICE int padded_index(int i, int side, int pad) {
  if (i >= 0 && i < side) return i;
  if (pad == pad_zero) return -1;
  if (pad == pad_replicate) return i < 0 ? 0 : side - 1;
  if (pad == pad_reflect) return i < 0 ? -i : 2 * (side - 1) - i;
  if (side == 1) return 0;
  const int period = 2 * (side - 1);
  const int phase = i % period;
  return phase < side ? phase : period - phase;
}
// The pixel at position i of a padded and enlarged row of `side` pixels; -1: a zero.
PIX2PIXHD_DEVICE int bordered_index(int i, int side, const Border& border) {
  const int inside = padded_index(i - border.padding, side * border.enlarge, border.pad);
  if (inside < 0) return -1;
  return border.enlarge == 1 ? inside : inside / border.enlarge;  // a division takes longer than all the rest
}

)
// clang-format on
