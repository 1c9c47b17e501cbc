#pragma once
/// Losses and optimisation on host copies: what a backend does that has no kernels of its own for them.

#include <pix2pixhd/core/backend.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace pix2pixhd::inline v0 {
namespace detail {

/// Value and derivative of one term of a loss.
struct LossTerm {
  double value = 0, slope = 0;
};

inline LossTerm loss_term(LossKind kind, double x, double y, double target) {
  switch (kind) {
    case LossKind::squared:
      return {(x - target) * (x - target), 2 * (x - target)};
    case LossKind::cross_entropy: {
      const double tail = std::exp(-std::abs(x));
      const double sigmoid = x > 0 ? 1 / (1 + tail) : tail / (1 + tail);
      return {std::max(x, 0.0) - x * target + std::log1p(tail), sigmoid - target};
    }
    case LossKind::hinge: {
      const double margin = 1 - target * x;
      return margin > 0 ? LossTerm{margin, -target} : LossTerm{};
    }
    case LossKind::linear:
      return {-x, -1};
    case LossKind::absolute:
      break;
  }
  return {std::abs(x - y), x > y ? 1.0 : x < y ? -1.0 : 0.0};
}

}  // namespace detail

inline double Backend::loss(const LossCall& call) {
  const std::size_t count = call.x->shape().count();
  std::vector<double> x(count), y(call.y ? count : 0);
  read(*call.x, x.data(), DataType::f64);
  if (call.y) read(*call.y, y.data(), DataType::f64);
  const double scale = call.weight / static_cast<double>(count);
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto term = detail::loss_term(call.kind, x[i], call.y ? y[i] : 0, call.target);
    sum += term.value;
    x[i] = scale * term.slope;
  }
  Tensor dx = call.dx;
  if (!dx.empty()) write(dx, x.data(), DataType::f64);
  return scale * sum;
}

inline void Backend::adam(const AdamCall& call) {
  const std::size_t count = call.value.shape().count();
  std::vector<double> g(count, 0.0), value(count), m(count), v(count);
  if (!call.gradient->storage()->cleared()) read(*call.gradient, g.data(), DataType::f64);
  read(call.value, value.data(), DataType::f64);
  read(call.m, m.data(), DataType::f64);
  read(call.v, v.data(), DataType::f64);
  const auto step = static_cast<double>(call.step);
  const double first = 1 - std::pow(call.beta1, step), second = 1 - std::pow(call.beta2, step);
  for (std::size_t i = 0; i < count; ++i) {
    m[i] = call.beta1 * m[i] + (1 - call.beta1) * g[i];
    v[i] = call.beta2 * v[i] + (1 - call.beta2) * g[i] * g[i];
    value[i] -= call.rate / first * m[i] / (std::sqrt(v[i] / second) + call.epsilon);
  }
  Tensor to_value = call.value, to_m = call.m, to_v = call.v;
  write(to_value, value.data(), DataType::f64);
  write(to_m, m.data(), DataType::f64);
  write(to_v, v.data(), DataType::f64);
}

inline void Backend::move_towards(const Tensor& x, double share, Tensor& y) {
  std::vector<double> from(x.shape().count()), to(from.size());
  read(x, from.data(), DataType::f64);
  read(y, to.data(), DataType::f64);
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += share * (from[i] - to[i]);
  write(y, to.data(), DataType::f64);
}

inline bool Backend::all_finite(const Tensor& x) {
  std::vector<double> values(x.shape().count());
  read(x, values.data(), DataType::f64);
  return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

}  // namespace pix2pixhd::inline v0
