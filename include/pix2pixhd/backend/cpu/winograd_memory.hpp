#pragma once
/// The memory that a convolution by Winograd's kernels takes.

#include <pix2pixhd/backend/cpu/scratch.hpp>
#include <pix2pixhd/backend/cpu/winograd_plan.hpp>
#include <pix2pixhd/backend/cpu/winograd_repeats.hpp>

#include <algorithm>
#include <cstddef>

namespace pix2pixhd::inline v0::detail {

/// The memory of a plan: what is shared by the threads, and the pieces that each has for itself.
template <class Factor>
struct WinogradMemory {
  PointLayout<Factor, Factor> inputs;
  PointLayout<Factor, float> products;
  std::size_t shared = 0;                                ///< factors: transformed weights, or inputs of a band
  std::size_t weights_point = 0;                         ///< factors: transformed weights from one point to the next
  std::size_t strip = 0, own_products = 0, ordered = 0;  ///< floats
  std::size_t own_inputs = 0, points = 0;                ///< factors
  std::size_t places = 0, own_places = 0;                ///< int: of the tiles of a band, or of a block
  std::size_t repeats = 0;                               ///< bytes

  explicit WinogradMemory(const WinogradPlan& plan)
      : inputs(plan.tiles_of_block(), plan.source_blocks() * plan.source_kinds()),
        products(plan.tiles_of_block(), std::min(plan.output_blocks(), winograd_group)) {
    const int lanes = std::min(plan.output_blocks(), winograd_group) * 16, channels = plan.slice * 16;
    constexpr int line = 64 / sizeof(Factor);
    weights_point = static_cast<std::size_t>(channels * plan.source_kinds() * lanes + line);
    strip = winograd_strip_floats<Factor>(plan.block_columns, plan.tile());
    own_products = products.values() * static_cast<std::size_t>(plan.sharing);
    ordered = static_cast<std::size_t>(plan.ordered * 16 * lanes * plan.kernel * plan.kernel);
    repeats = WinogradRepeats::bytes(plan);
    if (plan.wide) {
      shared = inputs.values() * static_cast<std::size_t>(plan.band);
      places = static_cast<std::size_t>(plan.band * plan.tiles_of_block());
      points = weights_point * static_cast<std::size_t>(plan.weight_rows * plan.point_side());
    } else {
      shared = group_values() * static_cast<std::size_t>(plan.groups() * plan.output_kinds());
      own_inputs = inputs.values();
      own_places = static_cast<std::size_t>(plan.tiles_of_block());
    }
  }
  /// Factors: all points of the weights of one group and phase of the output.
  std::size_t group_values() const { return weights_point * winograd_points<Factor>; }
  std::size_t own_bytes() const {
    std::size_t bytes = aligned_bytes(own_places * sizeof(int)) + repeats;
    for (const std::size_t piece : {strip, own_products, ordered}) bytes += aligned_bytes(piece * sizeof(float));
    for (const std::size_t piece : {own_inputs, points}) bytes += aligned_bytes(piece * sizeof(Factor));
    return bytes;
  }
  std::size_t bytes(int threads) const {
    return aligned_bytes(shared * sizeof(Factor)) + aligned_bytes(places * sizeof(int)) +
           own_bytes() * static_cast<std::size_t>(threads);
  }
};

/// The pieces of one thread.
template <class Factor>
struct WinogradWorker {
  float *strip, *products, *ordered;
  Factor *inputs, *points;
  int* places;
  WinogradRepeats repeats;

  WinogradWorker(const WinogradPlan& plan, const WinogradMemory<Factor>& memory, Scratch& scratch)
      : strip(scratch.take<float>(memory.strip)),
        products(scratch.take<float>(memory.own_products)),
        ordered(scratch.take<float>(memory.ordered)),
        inputs(scratch.take<Factor>(memory.own_inputs)),
        points(scratch.take<Factor>(memory.points)),
        places(scratch.take<int>(memory.own_places)),
        repeats(plan, scratch) {}
};

}  // namespace pix2pixhd::inline v0::detail
