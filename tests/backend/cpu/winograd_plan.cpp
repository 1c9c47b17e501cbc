// Plans of Winograd's convolution.

#include <pix2pixhd/backend/cpu/winograd_plan.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <tuple>
#include <vector>

using namespace pix2pixhd;
using pix2pixhd::detail::plan_winograd_gathered;
using pix2pixhd::detail::plan_winograd_strided;
using pix2pixhd::detail::WinogradBlock;
using pix2pixhd::detail::WinogradFactor;
using pix2pixhd::detail::WinogradPlan;

namespace {

constexpr ConvGeometry three{.kernel = 3, .stride = 1, .padding = 1, .pad = Pad::reflect};

WinogradPlan plan(int in, int out, int h, int w) {
  const auto result = plan_winograd_strided({1, in, h, w}, {1, out, h, w}, three);
  REQUIRE(result.has_value());
  return *result;
}

}  // namespace

TEST_CASE("blocks cover every tile once, and their pixels are those of the picture") {
  for (const auto& [in, out, h, w] :
       {std::tuple{64, 64, 512, 1024}, {16, 16, 9, 200}, {1024, 1024, 32, 64}, {96, 160, 45, 70}, {20, 500, 131, 17}}) {
    const WinogradPlan p = plan(in, out, h, w);
    CAPTURE(p.blocks());
    std::vector<int> seen(static_cast<std::size_t>(p.tile_rows() * p.tile_columns()));
    for (int i = 0; i < p.blocks(); ++i) {
      const WinogradBlock block = p.block(i);
      CHECK(block.index == i);
      CHECK(block.height > 0);
      CHECK(block.width > 0);
      CHECK(block.height * block.width <= p.tiles_of_block());
      for (int row = block.row; row < block.row + block.height; ++row)
        for (int column = block.column; column < block.column + block.width; ++column)
          ++seen[static_cast<std::size_t>(row * p.tile_columns() + column)];
    }
    for (const int count : seen) CHECK(count == 1);
    std::vector<int> counts(static_cast<std::size_t>(p.blocks()));
    p.moment_counts(counts.data());
    int pixels = 0;
    for (const int count : counts) pixels += count;
    CHECK(pixels == h * w);
  }
}

TEST_CASE("small pictures of a batch share transformed weights, and are computed as each would be alone") {
  const auto batch_of = [](int n, int h, int w) {
    return plan_winograd_strided({n, 512, h, w}, {n, 512, h, w}, three).value();
  };
  const WinogradPlan alone = batch_of(1, 8, 16), many = batch_of(7, 8, 16);
  CHECK(alone.sharing == 1);
  CHECK(many.sharing == 7);
  CHECK(many.band == 7);
  CHECK(many.blocks() == alone.blocks());
  CHECK(many.tiles_of_block() == alone.tiles_of_block());
  CHECK(many.factors == alone.factors);
  CHECK(batch_of(4, 64, 64).sharing == 1);  // a picture has tiles enough
}

TEST_CASE("tables continue the picture as the padding says, and end in zeros") {
  const WinogradPlan p = plan(16, 16, 40, 50);
  REQUIRE(p.rows.size() == 42);
  CHECK(p.rows[0] == 1);
  CHECK(p.rows[1] == 0);
  CHECK(p.rows[40] == 39);
  CHECK(p.rows[41] == 38);
  REQUIRE(p.columns.size() == 54);
  CHECK(p.columns[51] == 48);
  CHECK(p.columns[52] == -1);
  CHECK(p.columns[53] == -1);
  const auto gradient = plan_winograd_gathered({1, 16, 40, 50}, {1, 16, 40, 50}, 3, 1, 1);
  REQUIRE(gradient.has_value());
  CHECK(gradient->taps_of(0) == std::vector<int>{8, 7, 6, 5, 4, 3, 2, 1, 0});
  CHECK(gradient->rows[0] == -1);
  CHECK(gradient->rows[1] == 0);
  CHECK(gradient->rows[41] == -1);
}

TEST_CASE("what the kernels cannot do, or what does not pay, has no plan") {
  const Shape x{1, 64, 64, 64};
  CHECK(plan_winograd_strided(x, x, three).has_value());
  CHECK(plan_winograd_strided(x, {1, 64, 65, 65}, {.kernel = 4, .stride = 1, .padding = 2}).has_value());
  CHECK_FALSE(plan_winograd_strided(x, x, {.kernel = 5, .stride = 1, .padding = 2}).has_value());
  CHECK_FALSE(plan_winograd_strided(x, x, {.kernel = 1, .stride = 1, .padding = 0}).has_value());
  CHECK_FALSE(plan_winograd_strided(x, {1, 64, 21, 21}, {.kernel = 4, .stride = 3, .padding = 1}).has_value());
  CHECK_FALSE(plan_winograd_strided(x, {1, 3, 64, 64}, three).has_value());
  CHECK_FALSE(plan_winograd_strided({1, 3, 64, 64}, x, three).has_value());
  CHECK_FALSE(
      plan_winograd_strided({1, 1024, 4, 2}, {1, 1024, 4, 2}, three).has_value());  // the weights alone take longer
}

TEST_CASE("where bf16 will do, the plan with the least work has factors in bf16, in numbers or in float") {
  const Shape x{1, 128, 64, 64}, half{1, 128, 32, 32}, few{1, 16, 64, 64}, small{1, 1024, 8, 16};
  constexpr ConvGeometry strided{.kernel = 3, .stride = 2, .padding = 1}, four{.kernel = 4, .stride = 1, .padding = 2};
  const auto factors = [](const std::optional<WinogradPlan>& plan) {
    REQUIRE(plan.has_value());
    return plan->factors;
  };
  CHECK(factors(plan_winograd_strided(x, x, three)) == WinogradFactor::f32);
  CHECK(factors(plan_winograd_strided(x, half, strided)) == WinogradFactor::f32);
  CHECK(factors(plan_winograd_strided(x, x, three, WinogradFactor::bf16)) == WinogradFactor::fixed16);
  CHECK(factors(plan_winograd_gathered(x, x, 3, 1, 1, WinogradFactor::bf16)) == WinogradFactor::fixed16);
  CHECK(factors(plan_winograd_strided(x, {1, 128, 65, 65}, four, WinogradFactor::bf16)) == WinogradFactor::fixed16);
  // Of phases some have fewer taps, for which four points save more.
  CHECK(factors(plan_winograd_strided(x, half, strided, WinogradFactor::bf16)) == WinogradFactor::bf16);
  CHECK(factors(plan_winograd_gathered(half, x, 3, 2, 1, WinogradFactor::bf16)) == WinogradFactor::bf16);
  CHECK(factors(plan_winograd_strided(x, half, strided, WinogradFactor::fixed16)) == WinogradFactor::fixed16);
  // Of a small picture the weights are the work, for which four points are fewer than six.
  CHECK(factors(plan_winograd_strided(small, small, three, WinogradFactor::bf16)) == WinogradFactor::bf16);
  // Of few channels the transforms are, which direct bf16 does without.
  CHECK_FALSE(plan_winograd_strided(few, few, three, WinogradFactor::bf16).has_value());
  CHECK(plan_winograd_strided(few, few, three).has_value());
}

TEST_CASE("source blocks that are multiplied at once have their scales in common") {
  for (const int channels : {16, 64, 100, 128, 250, 512, 1024}) {
    const Shape x{1, channels, 64, 64};
    const auto plan = plan_winograd_strided(x, {1, 128, 64, 64}, three, WinogradFactor::bf16);
    CAPTURE(channels);
    if (!plan || plan->factors != WinogradFactor::fixed16) continue;
    CHECK(plan->tile() == 4);
    CHECK(plan->ordered <= detail::fixed16_blocks);
    CHECK((!plan->wide || plan->slice <= detail::fixed16_blocks));
    CHECK(plan->source_groups() == (channels + 127) / 128);
  }
}

TEST_CASE("where matrices are multiplied, transforms pay with many channels only") {
  const auto planned = [](int channels, WinogradFactor factors) {
    const Shape x{1, channels, 64, 64};
    return plan_winograd_strided(x, x, three, factors, Isa::amx_bf16);
  };
  CHECK_FALSE(planned(64, WinogradFactor::bf16).has_value());
  CHECK(planned(512, WinogradFactor::bf16).has_value());
  CHECK(planned(512, WinogradFactor::bf16)->factors == WinogradFactor::bf16);
  CHECK(planned(64, WinogradFactor::f32).has_value());  // floats are multiplied as ever
}

TEST_CASE("tiles of four points have two outputs of three taps, and three of two") {
  const Shape large{1, 256, 64, 66}, small{1, 256, 32, 33};
  const auto one = detail::winograd_tiles(large, large, three, WinogradFactor::bf16);
  const auto two = plan_winograd_strided(large, small, {.kernel = 3, .stride = 2, .padding = 1}, WinogradFactor::bf16);
  REQUIRE(one.has_value());
  REQUIRE(two.has_value());
  CHECK(one->tile() == 2);
  CHECK(one->tile_columns() == 33);
  CHECK(two->tile() == 3);
  CHECK(two->tile_rows() == 11);
  CHECK(two->taps_of(1) == std::vector<int>{1, -1, 7, -1});
}

TEST_CASE("a stride is a sum of phases of the source, its adjoint has phases of the output") {
  const Shape large{1, 64, 128, 130}, small{1, 64, 64, 65};
  const auto strided = plan_winograd_strided(large, small, {.kernel = 3, .stride = 2, .padding = 1});
  REQUIRE(strided.has_value());
  CHECK(strided->tile() == 5);
  CHECK(strided->source_kinds() == 4);
  CHECK(strided->output_kinds() == 1);
  CHECK(strided->taps_of(0) == std::vector<int>{0, 2, 6, 8});
  CHECK(strided->taps_of(1) == std::vector<int>{1, -1, 7, -1});
  CHECK(strided->taps_of(2) == std::vector<int>{3, 5, -1, -1});
  CHECK(strided->taps_of(3) == std::vector<int>{4, -1, -1, -1});
  const std::size_t places = static_cast<std::size_t>(strided->tile_rows() * 5 + 1);
  REQUIRE(strided->rows.size() == 2 * places);
  CHECK(strided->rows[0] == -1);
  CHECK(strided->rows[1] == 1);
  CHECK(strided->rows[places] == 0);
  CHECK(strided->rows[places + 1] == 2);

  const auto gathered = plan_winograd_gathered(small, large, 3, 2, 1);
  REQUIRE(gathered.has_value());
  CHECK(gathered->source_kinds() == 1);
  CHECK(gathered->output_kinds() == 4);
  CHECK(gathered->taps_of(0) == std::vector<int>{4, -1, -1, -1});
  CHECK(gathered->taps_of(3) == std::vector<int>{2 * 3 + 2, 2 * 3, 2, 0});
  CHECK(gathered->rows[0] == 0);
  std::vector<int> counts(static_cast<std::size_t>(gathered->moment_chunks()));
  gathered->moment_counts(counts.data());
  int pixels = 0;
  for (const int count : counts) pixels += count;
  CHECK(pixels == 128 * 130);
}

TEST_CASE("points at which filled up weights vanish are left out") {
  const auto of_three =
      plan_winograd_strided({1, 64, 128, 128}, {1, 64, 64, 64}, {.kernel = 3, .stride = 2, .padding = 1});
  const auto of_four =
      plan_winograd_strided({1, 64, 128, 128}, {1, 64, 65, 65}, {.kernel = 4, .stride = 2, .padding = 2});
  REQUIRE(of_three.has_value());
  REQUIRE(of_four.has_value());
  const auto left = [](const WinogradPlan& plan, int phase) {
    int count = 0;
    for (int point = 0; point < plan.points(); ++point) count += plan.vanishes(phase, point) ? 0 : 1;
    return count;
  };
  CHECK(left(*of_three, 0) == 36);
  CHECK(left(*of_three, 1) == 30);
  CHECK(left(*of_three, 2) == 30);
  CHECK(left(*of_three, 3) == 25);
  for (int phase = 0; phase < 4; ++phase) CHECK(left(*of_four, phase) == 36);
  const auto pairs = plan_winograd_strided({1, 64, 128, 128}, {1, 64, 64, 64}, {.kernel = 3, .stride = 2, .padding = 1},
                                           WinogradFactor::bf16);
  REQUIRE(pairs.has_value());
  CHECK(left(*pairs, 0) == 16);
  CHECK(left(*pairs, 1) == 12);
  CHECK(left(*pairs, 3) == 9);
}
