/// Random numbers by key and index.

#include <doctest/doctest.h>
#include <pix2pixhd/core/random.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

using namespace pix2pixhd;

TEST_CASE("values depend on seed, name and index only") {
  const RandomStream a(1, "x"), b(1, "x"), seed(2, "x"), name(1, "y");
  CHECK(a.bits(5) == b.bits(5));
  CHECK(a.bits(5) != seed.bits(5));
  CHECK(a.bits(5) != name.bits(5));
  const double late = a.normal(1000);
  CHECK(b.normal(3) == a.normal(3));
  CHECK(b.normal(1000) == late);
  CHECK(a.normals(7).first == a.normal(14));
  CHECK(a.normals(7).second == a.normal(15));
}

TEST_CASE("the stream is fixed: checkpoints and pictures of earlier versions stay reproducible") {
  // FNV-1a of "" is 0xcbf29ce484222325; computed apart from the library.
  const RandomStream stream(0, "");
  CHECK(stream.bits(0) == 0xe587d3dff9e92ed0u);
  CHECK(stream.bits(1) == 0x274e5e9a4929b0bbu);
}

TEST_CASE("uniform and normal values have the moments they should") {
  const RandomStream stream(3, "moments");
  constexpr std::uint64_t count = 100000;
  double uniform = 0, mean = 0, square = 0, product = 0, smallest = 1, largest = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const double u = stream.uniform(i), z = stream.normal(i);
    uniform += u;
    smallest = std::min(smallest, u);
    largest = std::max(largest, u);
    mean += z;
    square += z * z;
    product += z * stream.normal(i + 1);
    REQUIRE(std::isfinite(z));
  }
  CHECK(smallest >= 0);
  CHECK(largest < 1);
  CHECK(uniform / count == doctest::Approx(0.5).epsilon(0.01));
  CHECK(std::abs(mean / count) < 0.02);
  CHECK(square / count == doctest::Approx(1).epsilon(0.02));
  CHECK(std::abs(product / count) < 0.02);
}

TEST_CASE("neighbouring seeds and indices share no values") {
  std::set<std::uint64_t> seen;
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    for (std::uint64_t index = 0; index < 500; ++index) seen.insert(RandomStream(seed, "w").bits(index));
  CHECK(seen.size() == 20 * 500);
}
