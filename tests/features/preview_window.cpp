#include "scenes.hpp"

#include <pix2pixhd/features/preview_window.hpp>

using namespace scenes;

TEST_CASE("windows begin at multiples of the alignment, hold what is shown and its margin, and stay in the picture") {
  const RandomStream random(1, "windows");
  int found = 0;
  for (std::uint64_t trial = 0; trial < 3000; ++trial) {
    const auto below = [&](std::uint64_t i, int limit) {
      return static_cast<int>(random.uniform(8 * trial + i) * limit);
    };
    const Sides sides{40 + below(0, 300), 40 + below(1, 300)};
    const int x = below(2, sides.width), y = below(3, sides.height);
    const PixelBox changed{x, y, 1 + below(4, sides.width - x), 1 + below(5, sides.height - y)};
    const WindowOptions options{
        .alignment = 1 << below(6, 5), .reach = 7, .margin = 11, .most = below(7, 2) == 0 ? 1 : 0.4};
    const auto window = preview_window(sides, changed, options);
    if (!window) {
      CHECK(options.most < 1);
      continue;
    }
    ++found;
    const PixelBox &computed = window->computed, &shown = window->shown;
    CHECK(computed.x % options.alignment == 0);
    CHECK(computed.y % options.alignment == 0);
    CHECK(intersection(computed, whole(sides)) == computed);
    CHECK(intersection(shown, computed) == shown);
    CHECK(intersection(changed, shown) == changed);
    const auto room = [&](int first, int end, int inner_first, int inner_end, int side) {
      return (first == 0 || inner_first - first >= 11) && (end == side || end - inner_end >= 11);
    };
    CHECK(room(computed.x, computed.x + computed.width, shown.x, shown.x + shown.width, sides.width));
    CHECK(room(computed.y, computed.y + computed.height, shown.y, shown.y + shown.height, sides.height));
    CHECK(computed.width >= std::min(sides.width, 2 * options.alignment));
    CHECK(computed.height >= std::min(sides.height, 2 * options.alignment));
    CHECK(static_cast<double>(computed.pixels()) <= options.most * static_cast<double>(whole(sides).pixels()));
  }
  CHECK(found > 1500);
}

TEST_CASE("nothing changed, or too much") {
  CHECK_FALSE(preview_window({1024, 2048}, {}).has_value());
  CHECK_FALSE(preview_window({1024, 2048}, {0, 0, 2048, 512}).has_value());
  CHECK(preview_window({1024, 2048}, {1000, 500, 40, 40}).has_value());
  CHECK(window_options(32).margin == 160);
}
