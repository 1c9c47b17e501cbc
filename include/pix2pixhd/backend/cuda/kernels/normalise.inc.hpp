// Normalisation and activation, and their gradients; the formulas stand at Normalise and NormaliseBackward in
// core/calls.hpp.
// clang-format off
PIX2PIXHD_KERNEL_TEXT(

struct Normalise : OnePhase<NormaliseArguments> {
  // A bias as statistics.
  PIX2PIXHD_DEVICE Affine of_bias(const Arguments& a, int c) {
    Affine r = {zeros8(), zeros8(), zeros8()};
    for (int k = 0; k < 8; ++k) {
      r.scale.v[k] = 1.0f;
      if (c + k < a.logical) r.shift.v[k] = a.bias[c + k];
    }
    return r;
  }
  PIX2PIXHD_DEVICE void finish(const Arguments& a, const Affine& affine, Eight& e) {
    if (a.bias || a.x.statistics) apply8(affine, e);
    activate8(e, a.x.activation);
  }
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int i = index_of(t);
    if (i >= a.threads) return;
    const SpreadPixels at = spread_pixels(i, a.pixels, a.channels / 8);
    if (a.skip.statistics || a.skip.activation != activation_none) {  // seldom: two rows of statistics are much to hold
      PIX2PIXHD_NO_UNROLL for (int k = 0; k < pixels_of_thread && at.pixel + k * at.step < a.pixels; ++k) {
        const long long from = offset_of(at, k, a.pixels, a.channels);
        Eight e = load8((const Value*)a.x.x + from);
        finish(a, a.bias ? of_bias(a, at.c) : affine_of(a.x, at.n, at.c), e);
        add8(e, finished8(a.skip, from, at.n, at.c));
        store8((Value*)a.y + from, e);
      }
      return;
    }
    Packed8 x[pixels_of_thread];
    Packed8 skip[pixels_of_thread];
    PIX2PIXHD_UNROLL for (int k = 0; k < pixels_of_thread; ++k) {
      const long long from = offset_of(at, k, a.pixels, a.channels);
      x[k] = load_packed8((const Value*)a.x.x + from);
      if (a.skip.x) skip[k] = load_packed8((const Value*)a.skip.x + from);
    }
    const Affine affine = a.bias ? of_bias(a, at.c) : affine_of(a.x, at.n, at.c);
    PIX2PIXHD_UNROLL for (int k = 0; k < pixels_of_thread; ++k) {
      if (at.pixel + k * at.step >= a.pixels) return;
      Eight e = unpack8(x[k]);
      finish(a, affine, e);
      if (a.skip.x) add8(e, unpack8(skip[k]));
      store8((Value*)a.y + offset_of(at, k, a.pixels, a.channels), e);
    }
  }
};

// With d = x - mean, and the means over the pixels m = mean(g), m' = mean(g n), which are zero for constants:
//   dx = scale g - scale m - d (scale deviation m')
struct NormaliseBackward : OnePhase<NormaliseBackwardArguments> {
  enum { resident_blocks = sizeof(Value) == 2 ? 3 : 2 };

  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int i = index_of(t);
    if (i >= a.threads) return;
    const SpreadPixels at = spread_pixels(i, a.pixels, a.channels / 8);
    GradientInputs in[pixels_of_thread];
    PIX2PIXHD_UNROLL for (int k = 0; k < pixels_of_thread; ++k)
      in[k] = load_gradient_inputs(a.dy, a.z, offset_of(at, k, a.pixels, a.channels));
    const Affine affine = affine_of(a.z, at.n, at.c);
    Eight constant = zeros8();
    Eight slope = zeros8();
    if (a.z.statistics && a.means) {
      const float* means = a.means + (long long)at.n * 2 * a.channels + at.c;
      const Eight g = row8(means);
      const Eight gn = row8(means + a.channels);
      const Eight deviation = row8(statistics_row(a.z, at.n, deviation_row, at.c));
      for (int k = 0; k < 8; ++k) {
        constant.v[k] = affine.scale.v[k] * g.v[k];
        slope.v[k] = affine.scale.v[k] * deviation.v[k] * gn.v[k];
      }
    }
    PIX2PIXHD_UNROLL for (int k = 0; k < pixels_of_thread; ++k) {
      if (at.pixel + k * at.step >= a.pixels) return;
      Eight e = unpack8(in[k].dy);
      if (reads_z(a.z)) {
        const Eight z = unpack8(in[k].z);
        for (int j = 0; j < 8; ++j)
          if (a.z.statistics) {
            const float d = z.v[j] - affine.mean.v[j];
            const float y = activate(d * affine.scale.v[j] + affine.shift.v[j], a.z.activation);
            const float g = e.v[j] * activation_slope(y, a.z.activation);
            e.v[j] = affine.scale.v[j] * g - constant.v[j] - d * slope.v[j];
          } else {
            e.v[j] *= activation_slope(z.v[j], a.z.activation);
          }
      }
      store8((Value*)a.dx + offset_of(at, k, a.pixels, a.channels), e);
    }
  }
};

)
// clang-format on
