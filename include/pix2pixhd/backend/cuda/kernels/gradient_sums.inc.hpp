// Sums for the gradients of normalisation and activation; the formulas stand at NormaliseBackward in core/calls.hpp.
// Steps as in chunks.inc.hpp.
// clang-format off
PIX2PIXHD_KERNEL_TEXT(

// Eight gradients dy and, if `reads_z`, values of z as they are stored.
struct GradientInputs {
  Packed8 dy;
  Packed8 z;
};
PIX2PIXHD_DEVICE bool reads_z(const Source& z) { return z.statistics || z.activation != activation_none; }
PIX2PIXHD_DEVICE GradientInputs load_gradient_inputs(const void* dy, const Source& z, long long at) {
  GradientInputs r;
  r.dy = load_packed8((const Value*)dy + at);
  if (reads_z(z)) r.z = load_packed8((const Value*)z.x + at);
  return r;
}

// Blocks as those of ChunkMoments. Without statistics the second sum is zero. Few values are held at once: a thread
// keeps three rows of statistics and two sums, and with more of them fewer blocks would be under way.
struct ChunkGradientMoments {
  typedef GradientMomentsArguments Arguments;
  struct Shared {
    float g[8][threads_per_block];
    float gn[8][threads_per_block];
    double merged_g[8][ChunkShares::warp];
    double merged_gn[8][ChunkShares::warp];
  };
  enum { phases = 3 };
  enum { loads = 2 };
  enum { resident_blocks = sizeof(Value) == 2 ? 3 : 2 };

  // Adds g to `sum` and g (z - mean) to `products`.
  PIX2PIXHD_DEVICE void add(const GradientInputs& in, const Source& z, const Eight (&rows)[3], Eight& sum,
                            Eight& products) {
    Eight g = unpack8(in.dy);
    if (reads_z(z)) {
      const Eight values = unpack8(in.z);
      for (int k = 0; k < 8; ++k)
        if (z.statistics) {
          const float d = values.v[k] - rows[0].v[k];
          g.v[k] *= activation_slope(activate(d * rows[1].v[k] + rows[2].v[k], z.activation), z.activation);
          products.v[k] += g.v[k] * d;
        } else {
          g.v[k] *= activation_slope(values.v[k], z.activation);
        }
    }
    add8(sum, g);
  }

  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared& s, const Arguments& a) {
    const int lane = t.x % a.lanes;
    const int rows = threads_per_block / a.lanes;
    const int c = (t.block_y * a.lanes + lane) * 8;
    const int last = (t.block_x + 1) * a.chunk < a.pixels ? (t.block_x + 1) * a.chunk : a.pixels;
    Eight sum = zeros8();
    Eight products = zeros8();
    if (c < a.channels) {
      Eight of_z[3];
      if (a.z.statistics)
        PIX2PIXHD_UNROLL for (int i = 0; i < 3; ++i) of_z[i] = row8(statistics_row(a.z, t.block_z, mean_row + i, c));
      const long long from = (long long)t.block_z * a.pixels * a.channels + c;
      PIX2PIXHD_NO_UNROLL for (int p = t.block_x * a.chunk + t.x / a.lanes; p < last; p += loads * rows) {
        GradientInputs in[loads];
        PIX2PIXHD_UNROLL for (int i = 0; i < loads; ++i) {
          const int pixel = p + i * rows < last ? p + i * rows : p;
          in[i] = load_gradient_inputs(a.dy, a.z, from + (long long)pixel * a.channels);
        }
        PIX2PIXHD_UNROLL for (int i = 0; i < loads; ++i)
          if (p + i * rows < last) add(in[i], a.z, of_z, sum, products);
      }
    }
    Eight deviation = zeros8();
    if (c < a.channels && a.z.statistics) deviation = row8(statistics_row(a.z, t.block_z, deviation_row, c));
    for (int k = 0; k < 8; ++k) {
      s.g[k][t.x] = sum.v[k];
      s.gn[k][t.x] = products.v[k] * deviation.v[k];
    }
  }
  PIX2PIXHD_DEVICE void phase(Phase<1>, const Thread& t, Shared& s, const Arguments&) {
    const int k = t.x / ChunkShares::warp;
    const int first = t.x % ChunkShares::warp;
    double g = 0;
    double gn = 0;
    for (int j = 0; j < ChunkShares::parts; ++j) {
      g += s.g[k][first + j * ChunkShares::warp];
      gn += s.gn[k][first + j * ChunkShares::warp];
    }
    s.merged_g[k][first] = g;
    s.merged_gn[k][first] = gn;
  }
  PIX2PIXHD_DEVICE void phase(Phase<2>, const Thread& t, Shared& s, const Arguments& a) {
    const int lane = t.x / 8;
    const int k = t.x % 8;
    const int c = (t.block_y * a.lanes + lane) * 8 + k;
    if (lane >= a.lanes || c >= a.channels) return;
    double g = 0;
    double gn = 0;
    for (int i = lane; i < ChunkShares::warp; i += a.lanes) {
      g += s.merged_g[k][i];
      gn += s.merged_gn[k][i];
    }
    float* to = a.partial + (((long long)t.block_z * a.chunks + t.block_x) * a.channels + c) * 2;
    to[0] = (float)g;
    to[1] = (float)gn;
  }
};

// Blocks as those of FinishStatistics.
struct FinishGradientSums {
  typedef GradientSumsArguments Arguments;
  struct Shared {
    double g[threads_per_block];
    double gn[threads_per_block];
  };
  enum { phases = 3 };
  enum { loads = 8, rows = threads_per_block / 8, merged_rows = 8 };

  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared& s, const Arguments& a) {
    const int c = t.block_x * 8 + t.x % 8;
    const int items = (a.batch ? a.n : 1) * a.chunks;
    const PartialSums* from =
        (const PartialSums*)a.partial + (long long)(a.batch ? 0 : t.block_y) * a.chunks * a.channels + c;
    double g = 0;
    double gn = 0;
    PIX2PIXHD_NO_UNROLL for (int i = t.x / 8; i < items; i += loads * rows) {
      PartialSums got[loads];
      PIX2PIXHD_UNROLL for (int j = 0; j < loads; ++j)
        got[j] = from[(long long)(i + j * rows < items ? i + j * rows : i) * a.channels];
      PIX2PIXHD_UNROLL for (int j = 0; j < loads; ++j) {
        if (i + j * rows >= items) continue;
        g += got[j].a;
        gn += got[j].b;
      }
    }
    s.g[t.x] = g;
    s.gn[t.x] = gn;
  }
  PIX2PIXHD_DEVICE void phase(Phase<1>, const Thread& t, Shared& s, const Arguments&) {
    if (t.x >= merged_rows * 8) return;
    for (int i = t.x + merged_rows * 8; i < threads_per_block; i += merged_rows * 8) {
      s.g[t.x] += s.g[i];
      s.gn[t.x] += s.gn[i];
    }
  }
  PIX2PIXHD_DEVICE void phase(Phase<2>, const Thread& t, Shared& s, const Arguments& a) {
    if (t.x >= 8) return;
    const int c = t.block_x * 8 + t.x;
    double g = 0;
    double gn = 0;
    for (int i = t.x; i < merged_rows * 8; i += 8) {
      g += s.g[i];
      gn += s.gn[i];
    }
    if (a.means) {
      const double count = (double)a.pixels * (a.batch ? a.n : 1);
      const int last = a.batch ? a.n - 1 : t.block_y;
      for (int n = a.batch ? 0 : t.block_y; n <= last; ++n) {
        a.means[(long long)n * 2 * a.channels + c] = (float)(g / count);
        a.means[((long long)n * 2 + 1) * a.channels + c] = (float)(gn / count);
      }
    }
    if (c >= a.logical) return;
    if (a.shift) a.shift[c] = (float)g + (a.add_shift ? a.shift[c] : 0.0f);
    if (a.scale) a.scale[c] = (float)gn + (a.add_scale ? a.scale[c] : 0.0f);
  }
};

)
// clang-format on
