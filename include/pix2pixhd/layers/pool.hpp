#pragma once
/// Poolings as layers.

#include <pix2pixhd/layers/concepts.hpp>
#include <pix2pixhd/layers/saved_need.hpp>
#include <pix2pixhd/ops/pool.hpp>

#include <utility>

namespace pix2pixhd::inline v0 {
namespace detail {

template <Mode M>
struct PoolRecord {};
template <>
struct PoolRecord<Mode::train> {
  Shape input;
  Tensor x;  ///< for max pooling
};

}  // namespace detail

/// Halves the sides. Takes one slot, as VGG's pooling does.
template <Pooling P>
struct Pool {
  static constexpr int in_channels = any, out_channels = any;

  template <Mode M>
  struct Context : SavedNeed<M>, detail::PoolRecord<M> {};

  template <Mode M>
  Tensor forward(Device& device, Tensor x, Context<M>& context, const Ask& ask = {}) const {
    context.set(ask.need);
    if constexpr (M == Mode::train) {
      if (wants(ask.need, Need::input)) {
        context.input = x.shape();
        if (P == Pooling::max2) context.x = x;
      }
    }
    return pool(device, std::move(x), P);
  }

  Tensor backward(Device& device, Tensor dy, Context<Mode::train>& context, Need need) {
    context.take(need, "Pool");
    const Shape input = context.input;
    Tensor x = wants(need, Need::keep) ? context.x : std::exchange(context.x, {});
    if (!wants(need, Need::input)) return {};
    return pool_backward(device, std::move(dy), input, P, std::move(x));
  }

  void visit(Names& names, Visitor&) { names.skip(); }
  bool has_trainable() const { return false; }
};

using AveragePool = Pool<Pooling::average3>;
using MaxPool = Pool<Pooling::max2>;

}  // namespace pix2pixhd::inline v0
