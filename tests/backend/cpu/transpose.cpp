#include <pix2pixhd/backend/cpu/kernels/transposition.hpp>
#include <pix2pixhd/backend/cpu/transpose.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <vector>

TEST_CASE("transposition of every size, at odd addresses, writes what it should and nothing else") {
  for (std::size_t rows = 0; rows <= 17; ++rows)
    for (std::size_t columns = 0; columns <= 17; ++columns)
      for (const std::size_t from_stride : {columns, columns + 3})
        for (const std::size_t to_stride : {rows, rows + 5}) {
          CAPTURE(rows);
          CAPTURE(columns);
          std::vector<float> from(1 + rows * from_stride + 1), to(1 + columns * to_stride + 1, -1.0f);
          for (std::size_t i = 0; i < from.size(); ++i) from[i] = static_cast<float>(i);
          std::vector<float> expected = to;
          for (std::size_t r = 0; r < rows; ++r)
            for (std::size_t c = 0; c < columns; ++c) expected[1 + c * to_stride + r] = from[1 + r * from_stride + c];
          pix2pixhd::detail::transpose(from.data() + 1, from_stride, to.data() + 1, to_stride, rows, columns);
          CHECK(to == expected);
        }
}

TEST_CASE("the kernels transpose as the function does") {
  for (const pix2pixhd::Isa isa : pix2pixhd::available_isas())
    for (const std::size_t rows : {1u, 16u, 23u, 64u})
      for (const std::size_t columns : {9u, 16u, 45u, 144u}) {
        CAPTURE(std::string(pix2pixhd::to_string(isa)));
        CAPTURE(rows);
        CAPTURE(columns);
        const std::size_t from_stride = columns + 3, to_stride = rows + 5;
        std::vector<float> from(1 + rows * from_stride), to(1 + columns * to_stride, -1.0f);
        for (std::size_t i = 0; i < from.size(); ++i) from[i] = static_cast<float>(i);
        std::vector<float> expected = to;
        pix2pixhd::detail::transpose(from.data() + 1, from_stride, expected.data() + 1, to_stride, rows, columns);
        pix2pixhd::detail::transpose_kernel(isa)(from.data() + 1, from_stride, to.data() + 1, to_stride, rows, columns);
        CHECK(to == expected);
      }
}
