/// The hash FNV-1a.

#include <doctest/doctest.h>
#include <pix2pixhd/core/fnv1a.hpp>

#include <array>
#include <cstddef>

using namespace pix2pixhd;

TEST_CASE("FNV-1a gives the values that its authors publish") {
  static_assert(detail::fnv1a("") == 0xcbf29ce484222325u);
  static_assert(detail::fnv1a("a") == 0xaf63dc4c8601ec8cu);
  static_assert(detail::fnv1a("foobar") == 0x85944171f73967e8u);
}

TEST_CASE("FNV-1a of pieces is that of the whole, whether texts or bytes") {
  detail::Fnv1a pieces;
  pieces.add("foo");
  pieces.add(std::array{std::byte{'b'}, std::byte{'a'}, std::byte{'r'}});
  CHECK(pieces.value() == detail::fnv1a("foobar"));
  // Bytes above 127 count as such where char has a sign.
  detail::Fnv1a high;
  high.add_number(0xff);
  CHECK(high.value() == detail::fnv1a("\xff"));
}
