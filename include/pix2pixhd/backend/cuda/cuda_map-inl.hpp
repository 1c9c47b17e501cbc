#pragma once
/// Launching the kernels on label maps.

#include <pix2pixhd/backend/cuda/cuda_convolution.hpp>
#include <pix2pixhd/backend/cuda/cuda_map.hpp>
#include <pix2pixhd/backend/cuda/stored_channels.hpp>
#include <pix2pixhd/core/linkage.hpp>

namespace pix2pixhd::inline v0::backend_cuda {

inline const unsigned char* bytes_of(const std::shared_ptr<Storage>& plane) {
  return plane ? static_cast<const unsigned char*>(plane->data()) : nullptr;
}

/// Tiles of `tile` that cover `side`.
constexpr unsigned tiles_of(int side, int tile) { return static_cast<unsigned>((side + tile - 1) / tile); }

inline kernels::MapArguments map_arguments(const SemanticMap& map, const ConvolutionDivision& division, int channels) {
  const ConvGeometry& g = division.geometry;
  check_pixels(map.plane());
  check_pixels(division.y);
  return {.labels = bytes_of(map.labels()),
          .edges = bytes_of(map.edges()),
          .n = map.plane().n,
          .h = map.plane().h,
          .w = map.plane().w,
          .out_h = division.y.h,
          .out_w = division.y.w,
          .channels = channels,
          .classes = map.classes(),
          .rows = division.looked_up,
          .kernel = g.kernel,
          .stride = g.stride,
          .border = {.padding = g.padding, .pad = static_cast<int>(g.pad), .enlarge = g.enlarge}};
}

PIX2PIXHD_INLINE kernels::MapSumsParts map_sums_parts(const ConvolutionDivision& division) {
  const int kernel = division.geometry.kernel, edges = division.looked_up - division.classes;
  kernels::MapSumsParts parts{};
  parts.codes = division.classes + 1;
  parts.runs = parts.codes;
  parts.taps = parts.runs + kernel * kernel * parts.codes;
  parts.edges = parts.taps + kernel * kernel * parts.codes;
  parts.end = parts.edges + (edges > 0 ? kernel << kernel : 0);
  return parts;
}

PIX2PIXHD_INLINE void run_map_table(CudaQueue& queue, const ConvolutionDivision& division, const Tensor& weight,
                                    const Tensor& y, void* table) {
  const Shape& w = weight.shape();
  const int channels = channels_of(y);
  const Grid grid = grid_of(division.table_bytes() / sizeof(float));
  if (division.looks_up_sums())
    return queue.launch(kernels::Name::MapSums, grid,
                        kernels::MapSumsArguments{.weight = weight.data<float>(),
                                                  .table = static_cast<float*>(table),
                                                  .parts = map_sums_parts(division),
                                                  .out = w.n,
                                                  .kernel = w.h,
                                                  .total_in = w.c,
                                                  .channels = channels});
  queue.launch(kernels::Name::MapTable, grid,
               kernels::MapTableArguments{.weight = weight.data<float>(),
                                          .table = static_cast<float*>(table),
                                          .out = w.n,
                                          .rows = division.looked_up,
                                          .taps = w.h * w.w,
                                          .total_in = w.c,
                                          .channels = channels});
}

PIX2PIXHD_INLINE void run_map_look_up(CudaQueue& queue, const SemanticMap& map, const ConvolutionDivision& division,
                                      const float* table, bool add, const Tensor& y) {
  const kernels::MapArguments arguments = map_arguments(map, division, channels_of(y));
  void* const to = y.storage()->mutable_data();
  if (!division.looks_up_sums())
    return queue.launch(kernels::Name::MapLookUp, grid_of(groups_of(y)),
                        kernels::MapLookUpArguments{.map = arguments, .table = table, .y = to, .add = add});
  const bool pooled = map.level() > 0;
  const int tile_h = pooled ? kernels::pooled_map_tile_h : kernels::map_tile_h;
  queue.launch(pooled ? kernels::Name::PooledMapSumsLookUp : kernels::Name::MapSumsLookUp,
               Grid{tiles_of(arguments.out_w, kernels::map_tile_w), tiles_of(arguments.out_h, tile_h),
                    static_cast<unsigned>(arguments.n)},
               kernels::MapSumsLookUpArguments{
                   .map = arguments, .parts = map_sums_parts(division), .table = table, .y = to, .add = add});
}

PIX2PIXHD_INLINE void run_expand_map(CudaQueue& queue, const SemanticMap& map, const ConvolutionDivision& division,
                                     void* to) {
  detail::require(map.level() <= kernels::most_levels, "a label map that was pooled ", map.level(),
                  " times cannot be read on cuda, at most ", kernels::most_levels, " times.");
  const Shape& stored = division.stored;
  const kernels::ExpandMapArguments arguments{.labels = bytes_of(map.labels()),
                                              .edges = bytes_of(map.edges()),
                                              .y = to,
                                              .n = stored.n,
                                              .plane_h = map.plane().h,
                                              .plane_w = map.plane().w,
                                              .level = map.level(),
                                              .out_h = stored.h,
                                              .out_w = stored.w,
                                              .channels = stored.c,
                                              .classes = map.classes(),
                                              .rows = map.map_channels(),
                                              .border = division.border};
  if (map.level() == 0) return queue.launch(kernels::Name::ExpandMap, grid_of(groups_of(stored)), arguments);
  queue.launch(kernels::Name::ExpandPooledMap,
               Grid{tiles_of(stored.w, kernels::pooled_tile_w), tiles_of(stored.h, kernels::pooled_tile_h),
                    static_cast<unsigned>(stored.n) * tiles_of(stored.c, kernels::pooled_channels)},
               arguments);
}

}  // namespace pix2pixhd::inline v0::backend_cuda
