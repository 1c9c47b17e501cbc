// Example 6: a generator of one's own, trained coarse to fine.
//
// Whatever is composed of layers can be trained: here a small network without any halving as the inner one, and a local
// enhancer of one's own around it. Stages say what learns when.

#include <pix2pixhd/images/street_scene.hpp>
#include <pix2pixhd/pix2pixhd.hpp>
#include <pix2pixhd/training/schedule.hpp>
#include <pix2pixhd/training/trainer.hpp>

#include <cstdint>
#include <iostream>
#include <utility>

using namespace pix2pixhd;

constexpr int classes = 8, in = classes + 1;

// The inner network makes 16 channels at half size; the front end meets it there, the back end goes up again.
using Inner = Sequential<Stem<in, 16>, Repeat<2, ResBlock<16>>>;
using Front = Sequential<Stem<in, 8>, Downsample<8, 16>>;
using Back = Sequential<ResBlock<16>, Upsample<16, 8, Norm::instance, Upsampling::resize>>;
using D = MultiscaleDiscriminator<2, DiscriminatorShape{.in = in + 3, .width = 8}>;

// A trunk that refines another one, and the head that makes the picture.
struct Painter {
  Refine<Inner, Front, Back> trunk;
  Head<8, 3> head;

  template <Mode M>
  struct Context {
    typename Refine<Inner, Front, Back>::template Context<M> trunk;
    typename Head<8, 3>::template Context<M> head;
  };

  template <class X, Mode M>
  Tensor forward(Device& device, X x, Context<M>& context, const Ask& ask = {}) const {
    Tensor features = trunk.forward(device, std::move(x), context.trunk, ask);
    return head.forward(device, std::move(features), context.head, ask.inner(ask.need | Need::input));
  }
  Tensor backward(Device& device, Tensor dy, Context<Mode::train>& context, Need need) {
    dy = head.backward(device, std::move(dy), context.head, need | Need::input);
    return trunk.backward(device, std::move(dy), context.trunk, need);
  }
  void visit(Names& names, Visitor& visitor) {
    trunk.visit(names, visitor);
    names = Names("head");
    head.visit(names, visitor);
  }
};

Batch street(Device& device, std::uint64_t seed) {
  const StreetScene scene = street_scene(seed, {.width = 64, .height = 32});
  return {.map = semantic_map(device, scene.labels, scene.instances, classes), .image = upload(device, scene.image)};
}

int main() try {
  Device device = best_device();
  Painter painter;
  D discriminator;
  initialize(device, painter, 1);
  initialize(device, discriminator, 2);
  Trainer trainer(device, painter, discriminator);

  // First the enhancer alone while the inner network rests, then all of it; the rate falls in the last two epochs.
  const Stage stage{.depth = 1, .frozen_epochs = 1, .rate = {.rate = 2e-4, .epochs = 2, .decay_epochs = 2}};
  constexpr std::uint64_t streets = 40;
  for (int epoch = 0; epoch < stage.epochs(); ++epoch) {
    begin_epoch(stage, epoch, painter, trainer);
    Losses sum;
    for (std::uint64_t seed = 0; seed < streets; ++seed) sum.matching += trainer.step(street(device, seed)).matching;
    std::cout << stage.phase(epoch) << ", epoch " << epoch << ", rate " << trainer.learning_rate()
              << ": feature matching " << sum.matching / static_cast<float>(streets) << '\n';
  }
  return 0;
} catch (const Error& error) {
  std::cerr << "06_own_generator: " << error.what() << '\n';
  return 1;
}
