// Example 6: a generator of one's own, trained coarse to fine.
//
// Whatever is composed of layers can be trained: here a small network without any halving as the coarse one, and a
// local enhancer of one's own around it. The coarse network learns first, on pictures of half the size; then the
// enhancer alone, while what is inside it rests; then all of it (paper, section 3.1).

#include <pix2pixhd/images/street_scene.hpp>
#include <pix2pixhd/pix2pixhd.hpp>
#include <pix2pixhd/training/schedule.hpp>
#include <pix2pixhd/training/trainer.hpp>

#include <cstdint>
#include <iostream>
#include <utility>
#include <vector>

using namespace pix2pixhd;

constexpr int classes = 8, in = classes + 1;

// The coarse network makes 16 channels at half size; the front end meets it there, the back end goes up again.
using Coarse = Sequential<Stem<in, 16>, Repeat<2, ResBlock<16>>>;
using Front = Sequential<Stem<in, 8>, Downsample<8, 16>>;
using Back = Sequential<ResBlock<16>, Upsample<16, 8, Norm::instance, Upsampling::resize>>;
using Fine = Refine<Coarse, Front, Back>;
using D = MultiscaleDiscriminator<2, DiscriminatorShape{.in = in + 3, .width = 8}>;

// A trunk, and the head that makes a picture of what it made. Sequential<Trunk, Head<..., 3>> would do to synthesise;
// the member `trunk` is what begin_epoch looks for: a network whose trunk has a part `inner` can let that part rest.
template <class Trunk>
struct Painter {
  using Picture = Head<Trunk::out_channels, 3>;
  Trunk trunk;
  Picture head;

  template <Mode M>
  struct Context {
    typename Trunk::template Context<M> trunk;
    typename Picture::template Context<M> head;
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
    head.visit(names, visitor);  // goes on counting where the trunk ended
  }
};

// Makes the epochs of a stage on streets of a size.
template <class Net>
void run(Device& device, const Stage& stage, Net& painter, Trainer<Net, D>& trainer, const PictureSize& size) {
  constexpr std::uint64_t streets = 40;
  for (int epoch = 0; epoch < stage.epochs(); ++epoch) {
    begin_epoch(stage, epoch, painter, trainer);
    Losses sum;
    for (std::uint64_t seed = 0; seed < streets; ++seed) {
      const StreetScene scene = street_scene(seed, size);
      const Batch batch{.map = semantic_map(device, scene.labels, scene.instances, classes),
                        .image = upload(device, scene.image)};
      sum.matching += trainer.step(batch).matching;
    }
    std::cout << stage.phase(epoch) << " at " << size.width << "x" << size.height << ", epoch " << epoch << ", rate "
              << trainer.learning_rate() << ": feature matching " << sum.matching / static_cast<float>(streets) << '\n';
  }
}

int main() try {
  Device device = best_device();
  D discriminator;
  initialize(device, discriminator, 1);

  // Two stages, one a depth. In the second, what is inside rests for one epoch; the rate falls in the last two of each.
  const std::vector<Stage> stages =
      coarse_to_fine(1, {.frozen_epochs = 1, .rate = {.rate = 2e-4, .epochs = 2, .decay_epochs = 2}});

  Painter<Coarse> coarse;
  initialize(device, coarse, 2);
  Trainer coarse_trainer(device, coarse, discriminator);
  run(device, stages[0], coarse, coarse_trainer, {.width = 32, .height = 16});

  // The coarse network goes into the larger one as it is, without its head. Adam's moments go along: names and shapes
  // of what is inside are the same.
  Painter<Fine> painter;
  initialize(device, painter, 3);
  painter.trunk.inner = std::move(coarse.trunk);
  Trainer trainer(device, painter, discriminator);
  trainer.carry_over(std::move(coarse_trainer));
  run(device, stages[1], painter, trainer, {.width = 64, .height = 32});
  return 0;
} catch (const Error& error) {
  std::cerr << "06_own_generator: " << error.what() << '\n';
  return 1;
}
