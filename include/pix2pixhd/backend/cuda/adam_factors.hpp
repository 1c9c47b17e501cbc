#pragma once
/// What changes from one of Adam's steps to the next.

#include <pix2pixhd/core/calls.hpp>

#include <cmath>

namespace pix2pixhd::inline v0::backend_cuda {

/// Of m / (sqrt(v correction) + epsilon), what the kernel Adam multiplies it with, and the correction of v: the moments
/// begin as 0, which rate / (1 - beta1^t) and 1 / (1 - beta2^t) make up for.
struct AdamFactors {
  float rate = 0, correction = 0;
};

inline AdamFactors adam_factors(const AdamCall& call) {
  const auto step = static_cast<double>(call.step);
  const double first = 1 - std::pow(call.beta1, step), second = 1 - std::pow(call.beta2, step);
  return {.rate = static_cast<float>(call.rate / first), .correction = static_cast<float>(1 / second)};
}

}  // namespace pix2pixhd::inline v0::backend_cuda
