// expected: the layer at `Position` must declare static constexpr int in_channels and out_channels
// expected: check_layer<1, Identity>

#include <pix2pixhd/layers/blocks.hpp>

using namespace pix2pixhd;

/// A layer of one's own that lacks something, at position 1.
struct Identity {
#ifdef CORRECT
  static constexpr int in_channels = pix2pixhd::any, out_channels = pix2pixhd::any;
#endif
  template <Mode M>
  struct Context {};
  template <Mode M>
  Tensor forward(Device&, Tensor x, Context<M>&, const Ask&) const {
    return x;
  }
  Tensor backward(Device&, Tensor dy, Context<Mode::train>&, Need) { return dy; }
  void visit(Names&, Visitor&) {}
};

Sequential<ConvBlock<3, 4>, Identity> network;
