#pragma once
/// What layers have in common that change how another one runs.

#include <pix2pixhd/layers/concepts.hpp>
#include <pix2pixhd/layers/trainable.hpp>

#include <concepts>
#include <utility>

namespace pix2pixhd::inline v0::detail {

/// L with its channels, its names and what it learns. Whoever derives from this says how it runs.
template <class L>
struct WrappedLayer {
  static_assert(check_layer<0, L>::value);
  static constexpr int in_channels = L::in_channels, out_channels = L::out_channels;

  L layer;

  WrappedLayer() = default;
  explicit WrappedLayer(L wrapped) : layer(std::move(wrapped)) {}
  /// Passes a number of input channels on.
  explicit WrappedLayer(int in) requires(std::constructible_from<L, int>) : layer(in) {}

  void visit(Names& names, Visitor& visitor) { layer.visit(names, visitor); }
  bool has_trainable() const { return pix2pixhd::has_trainable(layer); }
};

}  // namespace pix2pixhd::inline v0::detail
