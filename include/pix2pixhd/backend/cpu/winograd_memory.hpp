#pragma once
/// The memory that a convolution by Winograd's kernels takes.

#include <pix2pixhd/backend/cpu/kernels/winograd_fixed.hpp>
#include <pix2pixhd/backend/cpu/scratch.hpp>
#include <pix2pixhd/backend/cpu/winograd_plan.hpp>
#include <pix2pixhd/backend/cpu/winograd_repeats.hpp>

#include <algorithm>
#include <cstddef>
#include <type_traits>

namespace pix2pixhd::inline v0::detail {

/// What the transforms make: numbers are rounded from floats.
template <class Factor>
using WinogradMade = std::conditional_t<std::is_same_v<Factor, Fixed16>, float, Factor>;

/// The memory of a plan: what is shared by the threads, and the pieces that each has for itself.
template <class Factor>
struct WinogradMemory {
  static constexpr bool fixed = std::is_same_v<Factor, Fixed16>;

  PointLayout<Factor, Factor> inputs;
  PointLayout<Factor, float> products;
  PointLayout<Factor, float> row;                        ///< of tiles and fixed16_blocks source blocks, not yet rounded
  std::size_t shared = 0;                                ///< factors: transformed weights, or inputs of a band
  std::size_t weights_point = 0;                         ///< values: transformed weights from one point to the next
  std::size_t strip = 0, own_products = 0, ordered = 0;  ///< floats
  std::size_t own_inputs = 0, points = 0;                ///< factors
  std::size_t places = 0, own_places = 0;                ///< int: of the tiles of a band, or of a block
  std::size_t repeats = 0;                               ///< bytes
  // Of numbers, in floats:
  std::size_t input_scales = 0, weight_scales = 0;            ///< of a block; of the weights of one group of the output
  std::size_t shared_scales = 0, own_scales = 0;              ///< of either, as `shared` and own factors
  std::size_t own_row = 0, made = 0;                          ///< inputs and weights that are not yet rounded
  std::size_t tiles = 0, source_groups = 0, held_groups = 0;  ///< of a block; those whose weights are made at once

  explicit WinogradMemory(const WinogradPlan& plan)
      : inputs(plan.tiles_of_block(), input_blocks(plan)),
        products(plan.tiles_of_block(), std::min(plan.output_blocks(), winograd_group)),
        row(plan.block_columns, std::min(input_blocks(plan), fixed16_blocks)) {
    const int lanes = std::min(plan.output_blocks(), winograd_group) * 16, channels = plan.slice * 16;
    constexpr int line = 64 / sizeof(Factor);
    weights_point = static_cast<std::size_t>(channels * plan.source_kinds() * lanes + line);
    strip = winograd_strip_floats<Factor>(plan.block_columns, plan.tile());
    own_products = products.values() * static_cast<std::size_t>(plan.sharing);
    ordered = static_cast<std::size_t>(plan.ordered * 16 * lanes * plan.kernel * plan.kernel);
    repeats = WinogradRepeats::bytes(plan);
    const auto shares = static_cast<std::size_t>(plan.groups() * plan.output_kinds());
    const auto band = static_cast<std::size_t>(plan.band);
    if constexpr (fixed) {
      tiles = static_cast<std::size_t>(plan.tiles_of_block());
      source_groups = static_cast<std::size_t>(plan.source_groups());
      held_groups = plan.wide ? 1 : source_groups;
      input_scales = winograd_points<Factor> * source_groups * tiles;
      weight_scales = winograd_points<Factor> * held_groups * winograd_group * 16;
      shared_scales = plan.wide ? input_scales * band : weight_scales * shares;
      own_scales = plan.wide ? weight_scales : input_scales;
      own_row = row.values();
      made = made_point() * static_cast<std::size_t>(plan.point_side());
    }
    if (plan.wide) {
      shared = inputs.values() * band;
      places = static_cast<std::size_t>(plan.band * plan.tiles_of_block());
      points = weights_point * static_cast<std::size_t>(plan.weight_rows * plan.point_side());
    } else {
      shared = group_values() * shares;
      own_inputs = inputs.values();
      own_places = static_cast<std::size_t>(plan.tiles_of_block());
    }
  }
  /// Source blocks, each phase a block of its own: of numbers the phases of every group have room for their whole
  /// share.
  static int input_blocks(const WinogradPlan& plan) {
    const bool whole_groups = fixed && plan.source_kinds() > 1;
    return (whole_groups ? plan.source_groups() * plan.group_blocks() : plan.source_blocks()) * plan.source_kinds();
  }
  /// Factors: all points of the weights of one group and phase of the output.
  std::size_t group_values() const { return weights_point * winograd_points<Factor>; }
  /// Floats: weights that are not yet rounded, from one point to the next.
  static constexpr std::size_t made_point() { return fixed16_blocks * 16 * winograd_group * 16 + 16; }
  FixedScales input_scales_at(float* values) const {
    return {.values = values, .point = source_groups * tiles, .group = tiles};
  }
  FixedScales weight_scales_at(float* values) const {
    return {.values = values, .point = held_groups * winograd_group * 16, .group = winograd_group * 16};
  }
  std::size_t own_bytes() const {
    std::size_t bytes = aligned_bytes(own_places * sizeof(int)) + repeats;
    for (const std::size_t piece : {strip, own_products, ordered, own_scales, own_row, made})
      bytes += aligned_bytes(piece * sizeof(float));
    for (const std::size_t piece : {own_inputs, points}) bytes += aligned_bytes(piece * sizeof(Factor));
    return bytes;
  }
  std::size_t bytes(int threads) const {
    return aligned_bytes(shared * sizeof(Factor)) + aligned_bytes(shared_scales * sizeof(float)) +
           aligned_bytes(places * sizeof(int)) + own_bytes() * static_cast<std::size_t>(threads);
  }
};

/// The pieces of one thread.
template <class Factor>
struct WinogradWorker {
  float *strip, *products, *ordered, *scales, *row, *made;
  Factor *inputs, *points;
  int* places;
  WinogradRepeats repeats;

  WinogradWorker(const WinogradPlan& plan, const WinogradMemory<Factor>& memory, Scratch& scratch)
      : strip(scratch.take<float>(memory.strip)),
        products(scratch.take<float>(memory.own_products)),
        ordered(scratch.take<float>(memory.ordered)),
        scales(scratch.take<float>(memory.own_scales)),
        row(scratch.take<float>(memory.own_row)),
        made(scratch.take<float>(memory.made)),
        inputs(scratch.take<Factor>(memory.own_inputs)),
        points(scratch.take<Factor>(memory.points)),
        places(scratch.take<int>(memory.own_places)),
        repeats(plan, scratch) {}
};

}  // namespace pix2pixhd::inline v0::detail
