// expected: the layer at `Position` must have template <Mode M> struct Context, default constructible and movable
// expected: check_layer<1, Identity>

#include <pix2pixhd/layers/blocks.hpp>

using namespace pix2pixhd;

/// A layer of one's own that lacks something, at position 1.
struct Identity {
  static constexpr int in_channels = pix2pixhd::any, out_channels = pix2pixhd::any;
#ifdef CORRECT
  template <Mode M>
  struct Context {};
#endif
  template <class C>
  Tensor forward(Device&, Tensor x, C&, const Ask&) const {
    return x;
  }
  template <class C>
  Tensor backward(Device&, Tensor dy, C&, Need) {
    return dy;
  }
  void visit(Names&, Visitor&) {}
};

Sequential<ConvBlock<3, 4>, Identity> network;
