/// Needs, sizes of convolutions and poolings, continued borders: constants of the vocabulary.

#include <pix2pixhd/core/calls.hpp>
#include <pix2pixhd/core/need.hpp>
#include <pix2pixhd/networks/alignment.hpp>
#include <pix2pixhd/training/step_losses.hpp>

namespace {

using namespace pix2pixhd;

static_assert((Need::input | Need::parameters) == Need::both);
static_assert((Need::both & Need::keep) == Need::none && ((Need::both | Need::keep) & Need::both) == Need::both);
static_assert(wants(Need::both, Need::input) && wants(Need::input, Need::both) &&
              !wants(Need::input, Need::parameters));
static_assert(!wants(Need::both, Need::keep) && wants(Need::keep, Need::keep) && !wants(Need::none, Need::both));

// Sides of outputs.
constexpr ConvGeometry same{};
constexpr ConvGeometry down{.stride = 2};
constexpr ConvGeometry up{.stride = 2, .transposed = true};
constexpr ConvGeometry resized{.pad = Pad::reflect, .enlarge = 2};
constexpr ConvGeometry patch{.kernel = 4, .stride = 2, .padding = 2};
constexpr ConvGeometry stem{.kernel = 7, .padding = 3, .pad = Pad::reflect};
static_assert(same.output(1) == 1 && same.output(7) == 7 && stem.output(1024) == 1024);
static_assert(down.output(8) == 4 && down.output(7) == 4 && down.output(1) == 1);
static_assert(up.output(4) == 8 && up.output(1) == 2 && up.output(37) == 74);
static_assert(ConvGeometry{.kernel = 1, .stride = 2, .padding = 0, .transposed = true}.output(5) == 10);
static_assert(resized.output(5) == 10 && patch.output(8) == 5 && patch.output(9) == 5 && patch.output(1) == 1);
static_assert(ConvGeometry{.kernel = 5, .padding = 0}.output(4) == 0 &&
              ConvGeometry{.kernel = 7, .padding = 0}.output(4) < 0);
static_assert(ConvGeometry{.kernel = 7, .stride = 2, .padding = 0}.output(4) <= 0);
static_assert(same == ConvGeometry{.kernel = 3} && !(same == down));

static_assert(pooled_side(Pooling::average3, 7) == 4 && pooled_side(Pooling::average3, 1) == 1);
static_assert(pooled_side(Pooling::max2, 7) == 3 && pooled_side(Pooling::max2, 1) == 0);

// Borders: a row of four pixels, 0 1 2 3.
static_assert(padded_index(-1, 4, Pad::zero) == -1 && padded_index(4, 4, Pad::zero) == -1);
static_assert(padded_index(-3, 4, Pad::reflect) == 3 && padded_index(-1, 4, Pad::reflect) == 1);
static_assert(padded_index(4, 4, Pad::reflect) == 2 && padded_index(6, 4, Pad::reflect) == 0);
static_assert(padded_index(-9, 4, Pad::replicate) == 0 && padded_index(9, 4, Pad::replicate) == 3);
static_assert(padded_index(2, 4, Pad::reflect) == 2 && padded_index(0, 1, Pad::replicate) == 0);

static_assert(Format{.type = DataType::bf16, .layout = Layout::blocked, .block = 16}.stored_channels(17) == 32);
static_assert(Format{.block = 16}.bytes({1, 17, 2, 3}) == 32 * 6 * 4 && Format{}.bytes({1, 17, 2, 3}) == 17 * 6 * 4);
static_assert(Format{.type = DataType::f64}.bytes({2, 1, 1, 1}) == 16);

// The losses of a step by name and as five terms.
constexpr bool losses_are_five_terms() {
  const auto [gan, matching, perceptual, real, fake] = Losses{1, 2, 3, 4, 5, 6};
  return gan == 1 && matching == 2 && perceptual == 3 && real == 4 && fake == 5;
}
static_assert(losses_are_five_terms());

static_assert(aligned_side(1, 32) == 64 && aligned_side(1024, 32) == 1024 && aligned_side(65, 32) == 96);

}  // namespace
