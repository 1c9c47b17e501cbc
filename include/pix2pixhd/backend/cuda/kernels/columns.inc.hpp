// A k x k convolution with few outputs as a k x 1 convolution: each column of the filter gives outputs of its own,
//   part[p, s * outputs + o] = sum over r, c of W[o, c, r, s] x[p + (r, 0), c],
// which are summed where they belong,
//   y[p, o] = sum over s of part[p + (0, s), s * outputs + o].
// cuDNN takes eight outputs where there are three, for each of k k taps; so it takes 24 for each of k, and filters of
// one column run on tensor cores of Hopper, those of 7 x 7 do not.
// clang-format off
PIX2PIXHD_KERNEL_TEXT(

// A thread takes an entry of the packed filter [column * outputs + output][row][in].
struct PackColumns : OnePhase<ColumnFilterArguments> {
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int i = index_of(t);
    if (i >= a.out_channels * a.kernel * a.in_channels) return;
    const Indices at = unravel(i, a.kernel, a.in_channels);
    const int s = at.outer / a.out;
    const int o = at.outer % a.out;
    const int c = at.inner;
    const bool real = s < a.kernel && c < a.in;
    const float w = real ? a.weight[((o * a.in + c) * a.kernel + at.middle) * a.kernel + s] : 0.0f;
    ((Value*)a.packed)[i] = float_to_value(w);
  }
};
// A thread takes an entry of the weight.
struct UnpackColumns : OnePhase<ColumnFilterArguments> {
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int i = index_of(t);
    if (i >= a.out * a.in * a.kernel * a.kernel) return;
    const int s = i % a.kernel;
    const Indices at = unravel(i / a.kernel, a.in, a.kernel);
    const int from = ((s * a.out + at.outer) * a.kernel + at.inner) * a.in_channels + at.middle;
    const float value = value_to_float(((const Value*)a.packed)[from]);
    a.weight[i] = a.add ? a.weight[i] + value : value;
  }
};

// Block: threads_per_block pixels of a row; rows are counted through all pictures. What its pixels need of the row lies
// in shared memory, in pieces of an odd length, so that neighbours read different banks.
struct SumColumns {
  typedef ColumnsArguments Arguments;
  enum {
    phases = 2,
    pixels = threads_per_block + most_columns - 1,
    pitch = most_column_channels + 1,
    shared_values = (threads_per_block + most_columns - 1) * (most_column_channels + 1)
  };
  struct Shared {
    float part[shared_values];
  };

  PIX2PIXHD_DEVICE int row_of(const Thread& t, const Arguments& a) { return t.block_x / tiles(a); }
  PIX2PIXHD_DEVICE int first_of(const Thread& t, const Arguments& a) {
    return t.block_x % tiles(a) * threads_per_block;
  }
  PIX2PIXHD_DEVICE int tiles(const Arguments& a) { return (a.width + threads_per_block - 1) / threads_per_block; }

  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared& s, const Arguments& a) {
    const int groups = a.part_channels / 8;
    const int first = first_of(t, a);
    const int part_width = a.width + a.columns - 1;
    const int left = part_width - first;
    const int count = left < (int)pixels ? left : (int)pixels;
    const Value* row = (const Value*)a.part + ((long long)row_of(t, a) * part_width + first) * a.part_channels;
    for (int i = t.x; i < count * groups; i += threads_per_block) {
      const Eight e = load8(row + (long long)i * 8);
      float* to = s.part + i / groups * pitch + i % groups * 8;
      for (int k = 0; k < 8; ++k) to[k] = e.v[k];
    }
  }
  PIX2PIXHD_DEVICE void phase(Phase<1>, const Thread& t, Shared& s, const Arguments& a) {
    const int x = first_of(t, a) + t.x;
    if (x >= a.width) return;
    Value* to = (Value*)a.y + ((long long)row_of(t, a) * a.width + x) * a.y_channels;
    for (int first = 0; first < a.y_channels; first += 8) {
      Eight sum = zeros8();
      for (int column = 0; column < a.columns; ++column) {
        const float* from = s.part + (t.x + column) * pitch + column * a.outputs + first;
        for (int k = 0; k < 8; ++k)
          if (first + k < a.outputs) sum.v[k] += from[k];
      }
      store8(to + first, sum);
    }
  }
};

// The adjoint, part[p, s * outputs + o] = y[p - (0, s), o]: a thread takes eight channels of a pixel.
struct SpreadColumns : OnePhase<ColumnsArguments> {
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int groups = a.part_channels / 8;
    const int part_width = a.width + a.columns - 1;
    const int i = index_of(t);
    if (i >= a.rows * part_width * groups) return;
    const Indices at = unravel(i, part_width, groups);
    const Value* row = (const Value*)a.y + (long long)at.outer * a.width * a.y_channels;
    Eight e = zeros8();
    for (int k = 0; k < 8; ++k) {
      const int channel = at.inner * 8 + k;
      const int column = channel / a.outputs;
      const int x = at.middle - column;
      if (column < a.columns && x >= 0 && x < a.width)
        e.v[k] = value_to_float(row[(long long)x * a.y_channels + channel % a.outputs]);
    }
    store8((Value*)a.part + (long long)i * 8, e);
  }
};

)
// clang-format on
