// Losses, Adam, averages of weights, and the search for values that are not finite; the formulas stand at LossKind and
// AdamCall in core/calls.hpp.
// clang-format off
PIX2PIXHD_KERNEL_TEXT(

struct Term {
  float value;
  float slope;
};
PIX2PIXHD_DEVICE Term loss_term(int kind, float x, float y, float target) {
  Term r = {0.0f, 0.0f};
  if (kind == loss_squared) {
    r.value = (x - target) * (x - target);
    r.slope = 2.0f * (x - target);
  } else if (kind == loss_cross_entropy) {
    const float tail = expf(-fabsf(x));
    r.value = (x > 0.0f ? x : 0.0f) - x * target + log1pf(tail);
    r.slope = (x > 0.0f ? 1.0f : tail) / (1.0f + tail) - target;
  } else if (kind == loss_hinge) {
    const float margin = 1.0f - target * x;
    if (margin > 0.0f) {
      r.value = margin;
      r.slope = -target;
    }
  } else if (kind == loss_linear) {
    r.value = -x;
    r.slope = -1.0f;
  } else {  // loss_absolute
    r.value = fabsf(x - y);
    r.slope = x > y ? 1.0f : x < y ? -1.0f : 0.0f;
  }
  return r;
}

// The threads' sums of a block are added as a square, its rows first, in two phases.
struct BlockSum {
  double sum[threads_per_block];
};
enum { side_of_sum = 16 };
static_assert(side_of_sum * side_of_sum == threads_per_block);
PIX2PIXHD_DEVICE void add_rows(const Thread& t, BlockSum& s) {
  if (t.x >= side_of_sum) return;
  double sum = 0;
  for (int i = 0; i < side_of_sum; ++i) sum += s.sum[t.x * side_of_sum + i];
  s.sum[t.x * side_of_sum] = sum;
}
PIX2PIXHD_DEVICE double sum_of_rows(const BlockSum& s) {
  double sum = 0;
  for (int i = 0; i < side_of_sum; ++i) sum += s.sum[i * side_of_sum];
  return sum;
}

struct Loss {
  typedef LossArguments Arguments;
  typedef BlockSum Shared;
  enum { phases = 3 };

  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared& s, const Arguments& a) {
    const int groups = a.channels / 8;
    double sum = 0;
    for (int i = index_of(t); i < a.n * a.pixels * groups; i += t.grid_x * threads_per_block) {
      const PixelChannels at = pixel_channels(i, a.pixels, groups);
      const int n = at.n;
      const int c = at.c;
      const Eight x = finished8(a.x, (long long)i * 8, n, c);
      Eight y = x;
      if (a.y.x) y = finished8(a.y, (long long)i * 8, n, c);
      Eight dx;
      float part = 0.0f;
      for (int k = 0; k < 8; ++k) {
        Term term = loss_term(a.kind, x.v[k], y.v[k], a.target);
        if (c + k >= a.logical) term.value = term.slope = 0.0f;
        part += term.value;
        dx.v[k] = a.scale * term.slope;
      }
      sum += part;
      if (a.dx) store8((Value*)a.dx + (long long)i * 8, dx);
    }
    s.sum[t.x] = sum;
  }
  PIX2PIXHD_DEVICE void phase(Phase<1>, const Thread& t, Shared& s, const Arguments&) { add_rows(t, s); }
  PIX2PIXHD_DEVICE void phase(Phase<2>, const Thread& t, Shared& s, const Arguments& a) {
    if (t.x == 0) a.partial[t.block_x] = sum_of_rows(s);
  }
};

// The same of floats in PyTorch's order, as parameters are stored.
struct LossOfParameters {
  typedef LossArguments Arguments;
  typedef BlockSum Shared;
  enum { phases = 3 };

  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared& s, const Arguments& a) {
    const float* x = (const float*)a.x.x;
    const float* y = (const float*)a.y.x;
    double sum = 0;
    for (int i = index_of(t); i < a.n * a.pixels * a.logical; i += t.grid_x * threads_per_block) {
      const Term term = loss_term(a.kind, x[i], y ? y[i] : x[i], a.target);
      sum += term.value;
      if (a.dx) ((float*)a.dx)[i] = a.scale * term.slope;
    }
    s.sum[t.x] = sum;
  }
  PIX2PIXHD_DEVICE void phase(Phase<1>, const Thread& t, Shared& s, const Arguments&) { add_rows(t, s); }
  PIX2PIXHD_DEVICE void phase(Phase<2>, const Thread& t, Shared& s, const Arguments& a) {
    Loss::phase(Phase<2>(), t, s, a);
  }
};

// One block.
struct SumLoss {
  typedef SumLossArguments Arguments;
  typedef BlockSum Shared;
  enum { phases = 3 };

  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared& s, const Arguments& a) {
    double sum = 0;
    for (int i = t.x; i < a.number; i += threads_per_block) sum += a.partial[i];
    s.sum[t.x] = sum;
  }
  PIX2PIXHD_DEVICE void phase(Phase<1>, const Thread& t, Shared& s, const Arguments&) { add_rows(t, s); }
  PIX2PIXHD_DEVICE void phase(Phase<2>, const Thread& t, Shared& s, const Arguments& a) {
    if (t.x == 0) *a.sum = (a.add ? *a.sum : 0.0) + a.scale * sum_of_rows(s);
  }
};

// One step for all arrays of a table.
struct Adam : OnePhase<AdamArguments> {
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& arguments) {
    if (arguments.stop && *arguments.stop) return;
    const AdamArray a = array_of_block(arguments.arrays, arguments.number, t.block_x);
    const int first = (t.block_x - a.first_block) * values_per_block + t.x;
    for (int k = 0; k < values_per_block; k += threads_per_block) {
      const int i = first + k;
      if (i >= a.count) return;
      const float g = a.gradient ? a.gradient[i] : 0.0f;
      const float m = a.beta1 * a.m[i] + (1.0f - a.beta1) * g;
      const float v = a.beta2 * a.v[i] + (1.0f - a.beta2) * g * g;
      a.m[i] = m;
      a.v[i] = v;
      a.value[i] -= a.rate * m / (sqrtf(v * a.correction) + a.epsilon);
    }
  }
};

struct MoveTowards : OnePhase<MoveArguments> {
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int i = index_of(t);
    if (i < a.count) a.y[i] += a.share * (a.x[i] - a.y[i]);
  }
};

// Notes which arrays of a table hold a value that is not finite, and that one does, or that a sum is not finite.
// Several blocks may note the same; who reads it is another launch.
struct Finite {
  typedef FiniteArguments Arguments;
  struct Shared {
    int bad[threads_per_block];
  };
  enum { phases = 2 };
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared& s, const Arguments& arguments) {
    const FiniteArray a = array_of_block(arguments.arrays, arguments.number, t.block_x);
    const int first = (t.block_x - a.first_block) * values_per_block + t.x;
    int bad = 0;
    for (int k = 0; k < values_per_block; k += threads_per_block) {
      const int i = first + k;
      if (i >= a.count) break;
      const float x = a.is_float ? ((const float*)a.x)[i] : value_to_float(((const Value*)a.x)[i]);
      if (!is_finite(x)) bad = 1;
    }
    s.bad[t.x] = bad;
  }
  PIX2PIXHD_DEVICE void phase(Phase<1>, const Thread& t, Shared& s, const Arguments& arguments) {
    if (t.x != 0) return;
    int bad = 0;
    for (int i = 0; i < threads_per_block; ++i) bad += s.bad[i];
    if (bad) *array_of_block(arguments.arrays, arguments.number, t.block_x).bad = 1;
    if (t.block_x == 0)
      for (int i = 0; i < arguments.sums_number; ++i)
        if (!is_finite((float)arguments.sums[i])) bad = 1;
    if (bad) *arguments.stop = 1;
  }
};

)
// clang-format on
