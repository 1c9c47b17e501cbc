// expected: the layer at `Position` must have Tensor forward(Device&, Tensor x, Context<M>&, const Ask&) const for both
// modes expected: check_layer<0, Identity>

#include <pix2pixhd/layers/repeat.hpp>

using namespace pix2pixhd;

/// forward changes the layer, although several threads may run one network.
struct Identity {
  static constexpr int in_channels = pix2pixhd::any, out_channels = pix2pixhd::any;
  template <Mode M>
  struct Context {};
  template <Mode M>
  Tensor forward(Device&, Tensor x, Context<M>&, const Ask&)
#ifdef CORRECT
      const
#endif
  {
    return x;
  }
  Tensor backward(Device&, Tensor dy, Context<Mode::train>&, Need) { return dy; }
  void visit(Names&, Visitor&) {}
};

Repeat<2, Identity> network;
