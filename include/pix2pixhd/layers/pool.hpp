#pragma once
/// Poolings as layers.

#include <pix2pixhd/layers/concepts.hpp>
#include <pix2pixhd/ops/pool.hpp>

#include <type_traits>
#include <utility>

namespace pix2pixhd::inline v0 {
namespace detail {

struct PoolRecord {
  bool full = false;
  Shape input;
  Tensor x;  ///< for max pooling
};

}  // namespace detail

/// Halves the sides. Takes one slot, as VGG's pooling does.
template <Pooling P>
struct Pool {
  static constexpr int in_channels = any, out_channels = any;

  template <Mode M>
  struct Context : std::conditional_t<M == Mode::train, detail::PoolRecord, std::type_identity<void>> {
    Context() = default;
    Context(Context&&) = default;
    Context& operator=(Context&&) = default;
  };

  template <Mode M>
  Tensor forward(Device& device, Tensor x, Context<M>& context, const Ask& ask = {}) const {
    if constexpr (M == Mode::train) {
      detail::require(!context.full, "pooling: its context is still full; run backward first, or use another context");
      if (wants(ask.need, Need::input)) {
        context.full = true;
        context.input = x.shape();
        if (P == Pooling::max2) context.x = x;
      }
    }
    return pool(device, std::move(x), P);
  }

  Tensor backward(Device& device, Tensor dy, Context<Mode::train>& context, Need need) {
    if (!wants(need, Need::input)) return {};
    detail::require(context.full,
                    "pooling: backward without a forward pass in Mode::train before it (the context is empty)");
    const Shape input = context.input;
    Tensor x = context.x;
    if (!wants(need, Need::keep)) context = {};
    return pool_backward(device, std::move(dy), input, P, std::move(x));
  }

  void visit(Names& names, Visitor&) { names.skip(); }
  bool has_trainable() const { return false; }
};

using AveragePool = Pool<Pooling::average3>;
using MaxPool = Pool<Pooling::max2>;

}  // namespace pix2pixhd::inline v0
