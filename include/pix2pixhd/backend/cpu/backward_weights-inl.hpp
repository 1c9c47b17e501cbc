#pragma once
/// Gradients of a convolution by weight and bias.

#include <pix2pixhd/backend/cpu/cpu_backend.hpp>
#include <pix2pixhd/backend/cpu/cpu_convolution.hpp>
#include <pix2pixhd/backend/cpu/dense_convolution.hpp>
#include <pix2pixhd/backend/cpu/kernels/narrow_gradient.hpp>
#include <pix2pixhd/backend/cpu/kernels/weight_gradient.hpp>
#include <pix2pixhd/backend/cpu/normalise_pass.hpp>
#include <pix2pixhd/backend/cpu/scratch.hpp>
#include <pix2pixhd/backend/cpu/transpose.hpp>
#include <pix2pixhd/backend/cpu/winograd_gradient.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <numeric>

namespace pix2pixhd::inline v0::detail {

/// How the weight gradient of one dense part is shared out: chunks of tiles, whose sums are kept apart and joined in
/// their order, and ranges of channel blocks.
struct WeightGradientPlan {
  TapPlan taps;  ///< from the large picture (source) to the small one (output)
  int chunks = 1;
  int small_splits = 1, large_splits = 1;
  int widest = 1;
  bool narrow = false;  ///< few small channels: lanes are the large ones

  int tiles() const { return taps.tiles() * taps.output.n; }
  std::size_t sums_floats() const {
    return narrow ? static_cast<std::size_t>(taps.all_taps * taps.output.c) *
                        static_cast<std::size_t>(taps.source_blocks()) * 16
                  : taps.packed_values();
  }
  /// Large blocks of the largest range.
  int large_blocks() const { return (taps.source_blocks() + large_splits - 1) / large_splits; }
  int small_blocks() const {
    const int groups = (taps.output_blocks() + widest - 1) / widest;
    return (groups + small_splits - 1) / small_splits * widest;
  }
  std::size_t large_scratch() const {
    return aligned_bytes(taps.scratch().plane * static_cast<std::size_t>(large_blocks()) * sizeof(float));
  }
  std::size_t small_scratch() const {
    return aligned_bytes(static_cast<std::size_t>(taps.rows.tile * taps.columns.tile * small_blocks()) * 16 *
                         sizeof(float));
  }
  std::size_t bytes(int threads) const {
    return aligned_bytes(sums_floats() * sizeof(float)) * static_cast<std::size_t>(chunks) +
           (large_scratch() + small_scratch()) * static_cast<std::size_t>(threads);
  }
};

inline WeightGradientPlan plan_weight_gradient(const CpuBackend& backend, const ConvGeometry& geometry, const Shape& x,
                                               const Shape& dy) {
  WeightGradientPlan plan;
  const ConvGeometry adjoint{.kernel = geometry.kernel, .stride = geometry.stride, .padding = geometry.padding};
  plan.taps = geometry.transposed ? plan_strided(dy, x, adjoint, {}) : plan_strided(x, dy, geometry, {});
  plan.widest = weight_gradient_kernels(backend.isa()).widest;
  plan.narrow = plan.taps.output.c <= narrow_gradient_outputs && plan.taps.source.c >= 16;
  constexpr int enough_items = 32;
  constexpr std::size_t most_bytes = std::size_t{8} << 20;  // of the sums that are kept apart
  const std::size_t bytes = plan.sums_floats() * sizeof(float);
  const int affordable = static_cast<int>(std::min(most_bytes / bytes, std::size_t{enough_items}));
  plan.chunks = std::clamp(affordable, 1, plan.tiles());
  const int groups = (plan.taps.output_blocks() + plan.widest - 1) / plan.widest;
  plan.small_splits = std::clamp((enough_items + plan.chunks - 1) / plan.chunks, 1, groups);
  const int items = plan.chunks * plan.small_splits;
  plan.large_splits = std::clamp((enough_items + items - 1) / items, 1, plan.taps.source_blocks());
  return plan;
}

/// Joins the sums of all chunks and puts them where PyTorch has them.
inline void join_weight_gradient(CpuBackend& backend, const WeightGradientPlan& plan, const float* sums,
                                 float* gradient, std::size_t small_stride, bool add) {
  const TapPlan& taps = plan.taps;
  const auto all_taps = static_cast<std::size_t>(taps.all_taps), depth = static_cast<std::size_t>(taps.depth());
  const auto large_blocks = static_cast<std::size_t>(taps.source_blocks());
  const std::size_t chunk_floats = aligned_bytes(plan.sums_floats() * sizeof(float)) / sizeof(float);
  backend.pool().parallel_for(taps.output_blocks() * taps.source_blocks(), [&](int item, int) {
    const std::size_t block = static_cast<std::size_t>(item) / large_blocks,
                      large = static_cast<std::size_t>(item) % large_blocks;
    const auto lanes = static_cast<std::size_t>(std::min(16, taps.output.c - static_cast<int>(block) * 16));
    const auto channels =
        static_cast<std::size_t>(std::min(taps.depth(), taps.source.c - static_cast<int>(large) * 16));
    std::vector<float> part(channels * all_taps * 16);  // [large channel][tap][small channel]
    for (std::size_t tap = 0; tap < all_taps; ++tap) {
      const float* const first = sums + ((block * all_taps + tap) * large_blocks + large) * depth * 16;
      for (std::size_t k = 0; k < channels; ++k) {
        const float* from = first + k * 16;
        float* const to = part.data() + (k * all_taps + tap) * 16;
        if (plan.chunks == 1) {
          std::copy_n(from, 16, to);
          continue;
        }
        double total[16] = {};
        for (int chunk = 0; chunk < plan.chunks; ++chunk, from += chunk_floats)
          for (int i = 0; i < 16; ++i) total[i] += static_cast<double>(from[i]);
        for (int i = 0; i < 16; ++i) to[i] = static_cast<float>(total[i]);
      }
    }
    float* const to = gradient + block * 16 * small_stride + large * depth * all_taps;
    if (add)
      for (std::size_t i = 0; i < lanes; ++i)
        for (std::size_t p = 0; p < channels * all_taps; ++p) part[p * 16 + i] += to[i * small_stride + p];
    transpose(part.data(), 16, to, small_stride, channels * all_taps, lanes);
  });
}

/// The same for a narrow plan.
inline void join_narrow_gradient(const WeightGradientPlan& plan, const float* sums, float* gradient,
                                 std::size_t small_stride, bool add) {
  const auto all_taps = static_cast<std::size_t>(plan.taps.all_taps),
             outputs = static_cast<std::size_t>(plan.taps.output.c);
  const std::size_t chunk_floats = aligned_bytes(plan.sums_floats() * sizeof(float)) / sizeof(float);
  for (std::size_t l = 0; l < static_cast<std::size_t>(plan.taps.source.c); ++l)
    for (std::size_t tap = 0; tap < all_taps; ++tap)
      for (std::size_t n = 0; n < outputs; ++n) {
        const float* from = sums + ((l / 16 * all_taps + tap) * outputs + n) * 16 + l % 16;
        double total = 0;
        for (int chunk = 0; chunk < plan.chunks; ++chunk, from += chunk_floats) total += static_cast<double>(*from);
        float& to = gradient[n * small_stride + l * all_taps + tap];
        to = static_cast<float>(total + (add ? static_cast<double>(to) : 0.0));
      }
}

/// Bytes that the gradient of one dense part needs.
inline std::size_t weight_gradient_workspace(const CpuBackend& backend, const ConvGeometry& geometry, const Shape& x,
                                             const Shape& dy) {
  if (const auto winograd = plan_winograd_gradient(geometry, x, dy))
    return winograd_gradient_workspace(backend, *winograd);
  return plan_weight_gradient(backend, geometry, x, dy).bytes(backend.threads());
}

inline void weight_gradient(CpuBackend& backend, const ConvGeometry& geometry, const Tensor& x, const Tensor& dy,
                            int first_channel, Tensor& gradient, bool add, std::byte* workspace) {
  // Small channels are the outer dimension of the weights; a part of a map is a slice of the large ones.
  const auto kernel_taps = static_cast<std::size_t>(geometry.kernel * geometry.kernel);
  float* const to = gradient.mutable_data<float>() + static_cast<std::size_t>(first_channel) * kernel_taps;
  const std::size_t small_stride = static_cast<std::size_t>(gradient.shape().c) * kernel_taps;
  if (const auto winograd = plan_winograd_gradient(geometry, x.shape(), dy.shape()))
    return run_winograd_gradient(backend, {.plan = &*winograd,
                                           .large = geometry.transposed ? &dy : &x,
                                           .small = geometry.transposed ? &x : &dy,
                                           .gradient = to,
                                           .small_stride = small_stride,
                                           .add = add,
                                           .memory = workspace});
  const WeightGradientPlan plan = plan_weight_gradient(backend, geometry, x.shape(), dy.shape());
  const TapPlan& taps = plan.taps;
  Scratch scratch(backend, plan.bytes(backend.threads()), workspace);
  const std::size_t chunk_floats = aligned_bytes(plan.sums_floats() * sizeof(float)) / sizeof(float);
  float* const sums = scratch.take<float>(chunk_floats * static_cast<std::size_t>(plan.chunks));
  const std::size_t worker_bytes = plan.large_scratch() + plan.small_scratch();
  std::byte* const memory = scratch.take<std::byte>(worker_bytes * static_cast<std::size_t>(backend.threads()));

  std::vector<int> identity(static_cast<std::size_t>(std::max(taps.output.h, taps.output.w)));
  std::iota(identity.begin(), identity.end(), 0);
  std::vector<int> offsets;
  for (const PlannedTap& tap : taps.phases.front().taps)
    offsets.push_back((tap.row * taps.scratch().pitch + tap.column) * 16);
  WeightGradientJob job;
  job.rows = taps.rows.source.data();
  job.columns = taps.columns.source.data();
  job.small_rows = job.small_columns = identity.data();
  job.scratch = taps.scratch();
  job.stride = taps.stride;
  job.reach = taps.reach;
  job.offsets = offsets.data();
  job.taps = taps.all_taps;
  job.depth = taps.depth();
  std::vector<WeightGradientJob> jobs;
  for (int n = 0; n < taps.output.n; ++n) {
    job.large = picture_of(geometry.transposed ? dy : x, n);
    job.small = picture_of(geometry.transposed ? x : dy, n);
    jobs.push_back(job);
  }

  const auto run =
      plan.narrow ? narrow_gradient_kernels(backend.isa()).run : weight_gradient_kernels(backend.isa()).run;
  const int groups = (taps.output_blocks() + plan.widest - 1) / plan.widest;
  backend.pool().parallel_for(plan.chunks * plan.small_splits * plan.large_splits, [&](int item, int worker) {
    const int chunk = item % plan.chunks, small = item / plan.chunks % plan.small_splits,
              large = item / plan.chunks / plan.small_splits;
    WeightGradientTile tile;
    const auto share = [](int count, int part, int of) { return count * part / of; };
    tile.first_small = share(groups, small, plan.small_splits) * plan.widest;
    tile.last_small = std::min(share(groups, small + 1, plan.small_splits) * plan.widest, taps.output_blocks());
    tile.first_large = share(taps.source_blocks(), large, plan.large_splits);
    tile.last_large = share(taps.source_blocks(), large + 1, plan.large_splits);
    std::byte* const own = memory + worker_bytes * static_cast<std::size_t>(worker);
    tile.large_scratch = reinterpret_cast<float*>(own);
    tile.small_scratch = reinterpret_cast<float*>(own + plan.large_scratch());
    tile.sums = sums + chunk_floats * static_cast<std::size_t>(chunk);
    for (int i = share(plan.tiles(), chunk, plan.chunks); i < share(plan.tiles(), chunk + 1, plan.chunks); ++i) {
      const TapTile place = taps.tile(i % taps.tiles());
      tile.row = place.row;
      tile.column = place.column;
      tile.height = place.height;
      tile.width = place.width;
      run(jobs[static_cast<std::size_t>(i / taps.tiles())], tile);
      tile.go_on = true;
    }
  });

  if (plan.narrow)
    join_narrow_gradient(plan, sums, to, small_stride, add);
  else
    join_weight_gradient(backend, plan, sums, to, small_stride, add);
}

PIX2PIXHD_INLINE std::size_t backward_weights_workspace(const CpuBackend& backend,
                                                        const ConvolutionBackwardWeights& call) {
  std::size_t bytes = 0;
  if (call.weight) {
    for (const DensePart& part : dense_parts(*call.x))
      bytes = std::max(bytes, weight_gradient_workspace(backend, call.geometry, part.x->shape(), call.dy->shape()));
    if (call.x->map)
      bytes = std::max(bytes, backend.map_backward_workspace({.geometry = call.geometry,
                                                              .map = &*call.x->map,
                                                              .dy = call.dy,
                                                              .weight = call.weight,
                                                              .add = call.add_weight}));
  }
  if (call.bias) bytes = std::max(bytes, bias_gradient_workspace(call.dy->shape(), call.dy->format()));
  return bytes;
}

PIX2PIXHD_INLINE void backward_weights(CpuBackend& backend, const ConvolutionBackwardWeights& call,
                                       std::byte* workspace) {
  Scratch scratch(backend, backward_weights_workspace(backend, call), workspace);
  std::byte* const memory = scratch.take<std::byte>(0);
  if (call.weight) {
    if (call.x->map)
      backend.map_convolve_backward_weights({.geometry = call.geometry,
                                             .map = &*call.x->map,
                                             .dy = call.dy,
                                             .weight = call.weight,
                                             .add = call.add_weight,
                                             .workspace = memory});
    for (const DensePart& part : dense_parts(*call.x))
      weight_gradient(backend, call.geometry, *part.x, *call.dy, part.first_channel, *call.weight, call.add_weight,
                      memory);
  }
  if (call.bias) bias_gradient(backend, *call.dy, *call.bias, call.add_bias, memory);
}

}  // namespace pix2pixhd::inline v0::detail
