// Convolutions as plain loops over taps; sums are f32.
#include "convolution.hpp"

#include "shim.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace stand_in {
namespace {

float to_float(int type, unsigned short x) {
  return type == 9 ? float_of_bits(static_cast<unsigned>(x) << 16) : float_of_half(x);
}
unsigned short to_short(int type, float x) {
  if (type != 9) return half_of_float(x);
  const unsigned bits = bits_of_float(x);
  return static_cast<unsigned short>((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

/// An operand as floats.
std::vector<float> read(int type, const void* values, std::int64_t count) {
  std::vector<float> result(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < result.size(); ++i)
    result[i] = type == 0 ? static_cast<const float*>(values)[i]
                          : to_float(type, static_cast<const unsigned short*>(values)[i]);
  return result;
}
void write(int type, const std::vector<float>& values, void* to) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (type == 0)
      static_cast<float*>(to)[i] = values[i];
    else
      static_cast<unsigned short*>(to)[i] = to_short(type, values[i]);
}

/// Calls f(pixel of x, tap, pixel of y) for all that belong together.
template <class F>
void for_each_tap(const ConvolutionSizes& s, F&& f) {
  for (std::int64_t n = 0; n < s.n; ++n)
    for (std::int64_t i = 0; i < s.out_h; ++i)
      for (std::int64_t j = 0; j < s.out_w; ++j)
        for (std::int64_t r = 0; r < s.kernel_h; ++r)
          for (std::int64_t c = 0; c < s.kernel_w; ++c) {
            const std::int64_t y = i * s.stride + r - s.padding, x = j * s.stride + c - s.padding;
            if (y < 0 || x < 0 || y >= s.h || x >= s.w) continue;
            f((n * s.h + y) * s.w + x, r * s.kernel_w + c, (n * s.out_h + i) * s.out_w + j);
          }
}

/// Whether a product with a zero is a zero, and may be left out.
bool all_finite(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
}

/// to[i] += factor * from[i].
void add_scaled(float* to, const float* from, float factor, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) to[i] += factor * from[i];
}

}  // namespace

void convolve(Result result, int type, const ConvolutionSizes& s, void* x, void* filter, void* y) {
  const std::int64_t taps = s.kernel_h * s.kernel_w, x_count = s.n * s.h * s.w * s.in, w_count = s.out * taps * s.in,
                     y_count = s.n * s.out_h * s.out_w * s.out;
  std::vector<float> xs(static_cast<std::size_t>(x_count)), ws(static_cast<std::size_t>(w_count)),
      ys(static_cast<std::size_t>(y_count));
  if (result != Result::x) xs = read(type, x, x_count);
  if (result != Result::filter) ws = read(type, filter, w_count);
  if (result != Result::y) ys = read(type, y, y_count);
  const bool sparse = all_finite(result == Result::filter ? xs : ws);  // zeros of the other operand are left out
  if (result == Result::y) {
    std::vector<float> turned(ws.size());  // [tap][in][out]
    for (std::int64_t o = 0; o < s.out; ++o)
      for (std::int64_t rest = 0; rest < taps * s.in; ++rest)
        turned[static_cast<std::size_t>(rest * s.out + o)] = ws[static_cast<std::size_t>(o * taps * s.in + rest)];
    for_each_tap(s, [&](std::int64_t from, std::int64_t tap, std::int64_t to) {
      for (std::int64_t c = 0; c < s.in; ++c)
        if (const float value = xs[static_cast<std::size_t>(from * s.in + c)]; value != 0 || !sparse)
          add_scaled(ys.data() + to * s.out, turned.data() + (tap * s.in + c) * s.out, value, s.out);
    });
    write(type, ys, y);
  } else if (result == Result::x) {
    for_each_tap(s, [&](std::int64_t to, std::int64_t tap, std::int64_t from) {
      for (std::int64_t o = 0; o < s.out; ++o)
        if (const float value = ys[static_cast<std::size_t>(from * s.out + o)]; value != 0 || !sparse)
          add_scaled(xs.data() + to * s.in, ws.data() + (o * taps + tap) * s.in, value, s.in);
    });
    write(type, xs, x);
  } else {
    for_each_tap(s, [&](std::int64_t from, std::int64_t tap, std::int64_t at) {
      for (std::int64_t o = 0; o < s.out; ++o)
        if (const float value = ys[static_cast<std::size_t>(at * s.out + o)]; value != 0 || !sparse)
          add_scaled(ws.data() + (o * taps + tap) * s.in, xs.data() + from * s.in, value, s.in);
    });
    write(type, ws, filter);
  }
}

}  // namespace stand_in
