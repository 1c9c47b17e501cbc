#pragma once
/// Loops over the pixels of label and instance maps.

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/version.hpp>

#include <cstddef>
#include <cstdint>

namespace pix2pixhd::inline v0::detail {

/// The highest of `count` labels, in which `ignored` counts as 0.
std::uint8_t highest_label(const std::uint8_t* labels, std::size_t count, std::uint8_t ignored);

/// to[i] = `after` where from[i] is `before`, otherwise from[i].
void replace_label(const std::uint8_t* from, std::size_t count, std::uint8_t before, std::uint8_t after,
                   std::uint8_t* to);

/// edges = 1 where an id differs from its left, right, upper or lower neighbour's, otherwise 0; of each of `pictures`.
void mark_edges(const std::int32_t* ids, std::size_t pictures, std::size_t height, std::size_t width,
                std::uint8_t* edges);

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/ops/map_loops-inl.hpp>
#endif
