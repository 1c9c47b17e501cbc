#pragma once
/// What is written down of a backend's call.

#include <pix2pixhd/core/calls.hpp>
#include <pix2pixhd/core/semantic_map.hpp>

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <utility>

namespace stages {

using namespace pix2pixhd;

/// One call of a backend.
struct TimedCall {
  std::string kind;                 ///< "block", "block backward", "add", ...
  const Storage* weight = nullptr;  ///< of a block or of Adam: tells which one
  ConvGeometry geometry = {};
  Shape input = {}, output = {};
  double multiply_adds = 0;  ///< as a dense convolution
  double bytes = 0;          ///< what the call has to read and write at least: each array once
  double seconds = 0;
  std::size_t begin = 0, end = 0;  ///< moments of the clock
};

/// Of those that there are.
inline double sum(std::initializer_list<const Tensor*> tensors) {
  double bytes = 0;
  for (const Tensor* one : tensors)
    if (one && !one->empty()) bytes += static_cast<double>(one->bytes());
  return bytes;
}
inline double bytes_of(const BlockInput& x) {
  if (!x.map) return sum({&x.tensor});
  double bytes = static_cast<double>(x.map->plane().count()) * (x.map->has_edges() ? 2 : 1);
  for (const Tensor& part : x.map->parts()) bytes += sum({&part});
  return bytes;
}
inline TimedCall pass(std::string kind, const Tensor& x, const Tensor& y, double more = 0) {
  return {.kind = std::move(kind), .input = x.shape(), .output = y.shape(), .bytes = sum({&x, &y}) + more};
}

inline TimedCall loss_record(const LossCall& call) { return pass("loss", *call.x, call.dx, sum({call.y})); }
inline TimedCall adam_record(std::span<const AdamCall> calls) {
  TimedCall record{.kind = "Adam"};
  for (const AdamCall& call : calls) record.bytes += sum({call.gradient}) + 2 * sum({&call.value, &call.m, &call.v});
  return record;
}
inline TimedCall search_record(std::span<const Tensor* const> tensors) {
  TimedCall record{.kind = "all finite"};
  for (const Tensor* one : tensors) record.bytes += sum({one});
  return record;
}

}  // namespace stages
