// Activations of sixteen lanes. See for_each_isa.inc.hpp.

/// tanh with an absolute error below 5e-7 and a relative one below 6e-7; never beyond +-1; NaN stays NaN.
/// x P(x^2) / Q(x^2) with P and Q of degree four, fitted to the smallest relative error on [0, 7.8], beyond which the
/// result is constant.
[[gnu::always_inline]] inline Lanes tanh(const Lanes& x) {
  const Lanes limit = Lanes::broadcast(7.8f);
  const Lanes c = max(Lanes::zero() - limit, min(limit, x)), z = c * c;
  Lanes p = Lanes::broadcast(1.5627435603687612e-08f);
  p = fma(p, z, Lanes::broadcast(2.215185140073173e-05f));
  p = fma(p, z, Lanes::broadcast(3.586351237320871e-03f));
  p = fma(p, z, Lanes::broadcast(1.3456705588420148e-01f));
  p = fma(p, z, Lanes::broadcast(9.999999950536199e-01f));
  Lanes q = Lanes::broadcast(8.67544423973805e-07f);
  q = fma(q, z, Lanes::broadcast(3.435974493405823e-04f));
  q = fma(q, z, Lanes::broadcast(2.6219873549151864e-02f));
  q = fma(q, z, Lanes::broadcast(4.6790034206287545e-01f));
  q = fma(q, z, Lanes::broadcast(1.0f));
  return c * p / q;
}

/// The activation `kind` of x; all of them keep zero and NaN.
template <Activation kind>
[[gnu::always_inline]] inline Lanes activate(const Lanes& x) {
  if constexpr (kind == Activation::relu) return max(Lanes::zero(), x);
  if constexpr (kind == Activation::leaky_relu) return max(Lanes::broadcast(static_cast<float>(leaky_slope)) * x, x);
  if constexpr (kind == Activation::tanh) return tanh(x);
  return x;
}

/// The same for a kind that is known at run time only.
[[gnu::always_inline]] inline Lanes activate(const Lanes& x, Activation kind) {
  switch (kind) {
    case Activation::relu:
      return activate<Activation::relu>(x);
    case Activation::leaky_relu:
      return activate<Activation::leaky_relu>(x);
    case Activation::tanh:
      return tanh(x);
    case Activation::none:
      break;
  }
  return x;
}

/// g times the derivative of an activation whose output is y.
template <Activation kind>
[[gnu::always_inline]] inline Lanes activation_gradient(const Lanes& g, const Lanes& y) {
  if constexpr (kind == Activation::relu) return select_greater(y, Lanes::zero(), g, Lanes::zero());
  if constexpr (kind == Activation::leaky_relu)
    return select_greater(y, Lanes::zero(), g, Lanes::broadcast(static_cast<float>(leaky_slope)) * g);
  if constexpr (kind == Activation::tanh) return g * (Lanes::broadcast(1.0f) - y * y);
  return g;
}
