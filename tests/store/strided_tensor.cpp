#include <pix2pixhd/store/strided_tensor.hpp>

#include <doctest/doctest.h>

#include <numeric>
#include <vector>

using namespace pix2pixhd;
using detail::StridedTensor;

TEST_CASE("contiguity ignores sides of one") {
  const auto contiguous = [](std::vector<std::int64_t> shape, std::vector<std::int64_t> strides) {
    return detail::is_contiguous({.shape = std::move(shape), .strides = std::move(strides)});
  };
  CHECK(contiguous({}, {}));
  CHECK(contiguous({2, 3}, {3, 1}));
  CHECK(contiguous({2, 1, 3}, {3, 77, 1}));
  CHECK_FALSE(contiguous({2, 3}, {1, 2}));
  CHECK_FALSE(contiguous({2, 3}, {6, 2}));
  CHECK_FALSE(contiguous({2, 3}, {0, 1}));
}

TEST_CASE("ranges reach from the first to the last element") {
  const detail::TensorStorage storage{.key = "0", .type = StoredType::u8, .count = 101};
  const auto range =
      detail::range_of({.type = StoredType::i16, .offset = 3, .shape = {2, 4}, .strides = {5, 2}}, storage);
  REQUIRE(range.has_value());
  CHECK(range->first == 6);
  CHECK(range->size == 2 * (5 + 6 + 1));
  // An untyped storage of 101 bytes has 50 elements of two bytes.
  CHECK(detail::range_of({.type = StoredType::i16, .offset = 49, .shape = {}, .strides = {}}, storage).has_value());
  CHECK_FALSE(
      detail::range_of({.type = StoredType::i16, .offset = 50, .shape = {}, .strides = {}}, storage).has_value());
}

TEST_CASE("gathering yields row-major order over many pieces") {
  constexpr std::int64_t rows = 301, columns = 203;
  std::vector<std::int32_t> stored(rows * columns);
  std::iota(stored.begin(), stored.end(), 0);
  const StridedTensor transposed{.type = StoredType::i32, .shape = {columns, rows}, .strides = {1, columns}};
  std::vector<float> read(stored.size());
  std::size_t done = 0;
  int pieces = 0;
  detail::gather(transposed, std::as_bytes(std::span(stored)), [&](std::span<const std::byte> bytes) {
    detail::decode(StoredType::i32, bytes, std::span(read).subspan(done, bytes.size() / 4));
    done += bytes.size() / 4;
    ++pieces;
  });
  CHECK(pieces > 1);
  REQUIRE(done == stored.size());
  bool equal = true;
  for (std::int64_t c = 0; c < columns; ++c)
    for (std::int64_t r = 0; r < rows; ++r)
      equal = equal && read[static_cast<std::size_t>(c * rows + r)] == static_cast<float>(r * columns + c);
  CHECK(equal);
}
