#pragma once
/// The steps of Winograd's convolutions for each type of factor: values at the points are made and multiplied at once,
/// or, where factors are numbers, made as floats, rounded, and multiplied.

#include <pix2pixhd/backend/cpu/kernels/balanced_taps.hpp>
#include <pix2pixhd/backend/cpu/kernels/winograd.hpp>
#include <pix2pixhd/backend/cpu/kernels/winograd_fixed.hpp>
#include <pix2pixhd/backend/cpu/ordered_weights.hpp>
#include <pix2pixhd/backend/cpu/winograd_memory.hpp>
#include <pix2pixhd/backend/cpu/winograd_plan.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace pix2pixhd::inline v0::detail {

/// What the phases of the source have to do with each point, for one phase of the output.
struct WinogradPhases {
  std::vector<WinogradSum> sums;  ///< of every point
  std::vector<std::vector<int>>
      places;                          ///< [source phase][point]: its place among the phases that are summed; -1: none
  std::vector<std::vector<int>> taps;  ///< [source phase]: the tap of the kernel at each place; -1: none

  /// `distance`: values from one phase of the inputs to the next.
  WinogradPhases(const WinogradPlan& plan, int output_phase, std::size_t distance)
      : sums(static_cast<std::size_t>(plan.points())) {
    for (int phase = 0; phase < plan.source_kinds(); ++phase) {
      const int of = plan.output_phases > 1 ? output_phase : phase;
      std::vector<int>& place = places.emplace_back();
      for (int point = 0; point < plan.points(); ++point) {
        WinogradSum& sum = sums[static_cast<std::size_t>(point)];
        if (plan.vanishes(of, point)) {
          place.push_back(-1);
          continue;
        }
        place.push_back(sum.phases);
        sum.offsets[sum.phases++] = static_cast<int>(distance) * phase;
      }
      taps.push_back(plan.taps_of(of));
    }
  }
};

/// Transformed inputs of a block, and their scales where they are numbers.
template <class Factor>
struct WinogradInputs {
  PointValues<Factor> values = {};
  FixedScales scales = {};
};

/// Transformed weights of one group and phase of the output.
template <class Factor>
struct WinogradPanels {
  Factor* values = nullptr;
  FixedScales scales = {};
};

/// The weights that are transformed at once: source blocks [first, last), `rows` rows of the points from `row` on.
struct WinogradPart {
  int group = 0, output_phase = 0;
  int first = 0, last = 0;
  int row = 0, rows = 0;
};

template <class Factor>
struct WinogradSteps {
  static constexpr bool fixed = WinogradMemory<Factor>::fixed;
  static constexpr int side = winograd_side<Factor>;
  using Made = WinogradMade<Factor>;
  using Worker = WinogradWorker<Factor>;

  const WinogradPlan& plan;
  const WinogradMemory<Factor>& memory;
  const WinogradKernels<Made>& kernels;
  const WinogradFixedKernels* fixed_kernels;  ///< null: factors are no numbers
  TransposeKernel transposition;
  BalanceKernel balance;  ///< of weights that are put in order; null: they stay as they are
  WeightView weights;
  std::vector<WinogradPhases> phases;  ///< of the output

  int group_blocks(int group) const { return std::min(winograd_group, plan.output_blocks() - group * winograd_group); }

  /// What transform_input() does at once: source blocks, each phase a block of its own, or groups of numbers.
  int input_items() const { return fixed ? plan.source_groups() : plan.source_blocks() * plan.source_kinds(); }
  /// Items [first, last) of a block of tiles.
  void transform_input(const WinogradJob& job, const WinogradBlock& block, int first, int last, const Worker& worker,
                       const WinogradInputs<Factor>& to) const {
    if constexpr (fixed) {
      for (int group = first; group < last; ++group) transform_group(job, block, group, worker, to);
    } else {
      kernels.transform_input(job, block, first, last, worker.strip, to.values.at(0, first));
    }
  }

  /// The weights of a part. Where its rows are not the first, the weights are in order in worker.ordered already.
  void make_weights(const WinogradPart& part, const Worker& worker, const WinogradPanels<Factor>& to) const {
    const OrderedWeights view{.view = weights,
                              .source_channels = plan.source.c,
                              .output_channels = plan.output.c,
                              .taps = static_cast<std::size_t>(plan.kernel * plan.kernel),
                              .output = part.group * winograd_group * 16,
                              .lanes = group_blocks(part.group) * 16,
                              .kernel = transposition};
    for (int block = part.first; block < part.last; block += plan.ordered) {
      const int count = std::min(plan.ordered, part.last - block);
      if (part.row == 0) {
        view.write(block, block + count, worker.ordered);
        if (balance) balance(worker.ordered, count * 16, view.lanes);
      }
      WinogradWeights<Made> job{.weights = worker.ordered,
                                .kernel_taps = plan.kernel * plan.kernel,
                                .side = plan.side(),
                                .channels = count * 16,
                                .lanes = view.lanes,
                                .panel_channels = (part.last - part.first) * 16,
                                .first_channel = (block - part.first) * 16};
      for (job.row = part.row; job.row < part.row + part.rows; ++job.row) {
        Factor* const points = to.values + static_cast<std::size_t>((job.row - part.row) * side) * memory.weights_point;
        const WinogradPhases& of = phases[static_cast<std::size_t>(part.output_phase)];
        if constexpr (fixed) {
          const int group = block / plan.group_blocks();
          job.panel_channels = job.channels;
          job.first_channel = 0;
          job.points = worker.made;
          job.point = memory.made_point();
          transform_weights(job, of);
          fixed_kernels->round_weights(
              {.from = job.points,
               .from_point = job.point,
               .to = points + static_cast<std::size_t>((block - part.first) * 16 * plan.source_kinds() * job.lanes),
               .to_point = memory.weights_point,
               .scales = to.scales.at((job.row - part.row) * side, plan.wide ? 0 : group, 0),
               .sums = of.sums.data() + job.row * side,
               .points = side,
               .channels = job.channels,
               .lanes = job.lanes});
        } else {
          job.points = points;
          job.point = memory.weights_point;
          transform_weights(job, of);
        }
      }
    }
  }

  /// The products of tiles at the points of a part, into `products`, those of all points of a block.
  void multiply(const WinogradPart& part, const WinogradInputs<Factor>& inputs, int tiles,
                const WinogradPanels<Factor>& panels, const PointValues<float>& products) const {
    const int point = part.row * side;
    if constexpr (fixed)
      fixed_kernels->multiply({.inputs = inputs.values.at(point, part.first * plan.source_kinds()),
                               .input_scales = inputs.scales.at(point, part.first / plan.group_blocks(), 0),
                               .source_blocks = part.last - part.first,
                               .phases = plan.source_kinds(),
                               .sums = phases[static_cast<std::size_t>(part.output_phase)].sums.data() + point,
                               .weights = panels.values,
                               .weights_point = memory.weights_point,
                               .weight_scales = panels.scales,
                               .products = products.at(point, 0),
                               .points = part.rows * side,
                               .output_blocks = group_blocks(part.group),
                               .tiles = tiles,
                               .go_on = part.first > 0});
    else
      kernels.multiply({.inputs = inputs.values.at(point, part.first),
                        .source_blocks = part.last - part.first,
                        .sums = phases[static_cast<std::size_t>(part.output_phase)].sums.data() + point,
                        .weights = panels.values,
                        .weights_point = memory.weights_point,
                        .products = products.at(point, 0),
                        .points = part.rows * side,
                        .output_blocks = group_blocks(part.group),
                        .tiles = tiles,
                        .go_on = part.first > 0});
  }

  void transform_output(const WinogradPart& part, const WinogradJob& job, const WinogradBlock& block,
                        const PointValues<float>& products) const {
    kernels.transform_output(job, block, part.output_phase, part.group * winograd_group, group_blocks(part.group),
                             products);
  }

 private:
  /// Inputs of source blocks that have scales in common, row by row: floats then stay in a second cache.
  void transform_group(const WinogradJob& job, const WinogradBlock& block, int group, const Worker& worker,
                       const WinogradInputs<Factor>& to) const {
    const PointValues<float> made = memory.row.at(worker.row);
    const int first = group * plan.group_blocks(), last = std::min(first + plan.group_blocks(), plan.source_blocks());
    int done = 0;
    for (int i = 0; i < block.height; ++i) {
      const WinogradBlock row = block.row_of_tiles(i, done);
      if (row.computed == 0) continue;
      for (int phase = 0; phase < plan.source_kinds(); ++phase)
        kernels.transform_input(job, row, phase * plan.source_blocks() + first, phase * plan.source_blocks() + last,
                                worker.strip, made.at(0, phase * plan.group_blocks()));
      fixed_kernels->round_inputs({.from = made,
                                   .to = to.values.at(0, group * fixed16_blocks, done),
                                   .scales = to.scales.at(0, group, done),
                                   .phases = plan.source_kinds(),
                                   .blocks = last - first,
                                   .tiles = row.computed});
      done += row.computed;
    }
  }

  /// One row of the points, of all phases of the source.
  void transform_weights(WinogradWeights<Made>& job, const WinogradPhases& of) const {
    for (std::size_t phase = 0; phase < of.taps.size(); ++phase) {
      job.taps = of.taps[phase].data();
      for (int i = 0; i < side; ++i) {
        const auto point = static_cast<std::size_t>(job.row * side + i);
        job.phases[i] = of.sums[point].phases;
        job.place[i] = of.places[phase][point];
      }
      kernels.transform_weights(job);
    }
  }
};

}  // namespace pix2pixhd::inline v0::detail
