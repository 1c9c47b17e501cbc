#pragma once
/// Dividing a convolution, writing its input down, and its forward pass.

#include <pix2pixhd/backend/cuda/cuda_backend.hpp>
#include <pix2pixhd/backend/cuda/cuda_columns.hpp>
#include <pix2pixhd/backend/cuda/cuda_convolution.hpp>
#include <pix2pixhd/backend/cuda/cuda_map.hpp>
#include <pix2pixhd/backend/cuda/cuda_passes.hpp>
#include <pix2pixhd/backend/cuda/stored_channels.hpp>
#include <pix2pixhd/backend/cuda/value_type.hpp>
#include <pix2pixhd/core/fnv1a.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>

namespace pix2pixhd::inline v0::backend_cuda {

static_assert(static_cast<int>(Pad::zero) == kernels::pad_zero &&
              static_cast<int>(Pad::reflect) == kernels::pad_reflect &&
              static_cast<int>(Pad::replicate) == kernels::pad_replicate);

/// Whether a convolution's columns are computed apart.
inline bool worth_columns(const ConvGeometry& g, int outputs) {
  return !g.transposed && g.stride == 1 && g.kernel >= 5 && g.kernel <= kernels::most_columns &&
         g.kernel * outputs <= kernels::most_column_channels;
}

PIX2PIXHD_INLINE ConvolutionDivision::ConvolutionDivision(const ConvGeometry& g, const BlockInput& in, const Shape& out,
                                                          bool look_up)
    : geometry(g), x(in.shape()), y(out) {
  detail::require(!in.map || !g.transposed, "a transposed convolution cannot read a label map on cuda.");
  if (look_up && in.map && (in.map->level() == 0 || (in.map->level() == 1 && looks_up_sums()))) {
    looked_up = in.map->map_channels();
    classes = in.map->classes();
  }
  dense = x.c - looked_up;
  const bool bordered = !g.transposed && (g.pad != Pad::zero || g.enlarge != 1);
  written = dense > 0 && (in.map || in.tensor.pending() || bordered);
  const bool pads = !g.transposed && g.pad != Pad::zero;  // while writing; cuDNN pads by zeros only
  padding = pads ? 0 : g.padding;
  border = {.padding = pads ? g.padding : 0, .pad = static_cast<int>(pads ? g.pad : Pad::zero), .enlarge = g.enlarge};
  stored = {x.n, stored_channels(dense), x.h * g.enlarge + 2 * border.padding, x.w * g.enlarge + 2 * border.padding};
  by_columns = looked_up == 0 && worth_columns(g, out.c);
}

PIX2PIXHD_INLINE ConvolutionDivision::ConvolutionDivision(const ConvGeometry& g, const Shape& dx, const Shape& dy,
                                                          int skipped)
    : ConvolutionDivision(g, BlockInput(), dy) {
  x = dx.with_channels(dx.c + skipped);
  looked_up = skipped;
  dense = dx.c;
  by_columns = by_columns && skipped == 0;
  written = !g.transposed && (g.pad != Pad::zero || g.enlarge != 1);
  stored = {dx.n, stored_channels(dense), dx.h * g.enlarge + 2 * border.padding, dx.w * g.enlarge + 2 * border.padding};
}

PIX2PIXHD_INLINE ConvolutionProblem ConvolutionDivision::problem(ConvolutionPass pass, DataType type) const {
  const Shape result = by_columns ? columns() : Shape{y.n, stored_channels(y.c), y.h, y.w};
  const Shape &large = geometry.transposed ? result : stored, &small = geometry.transposed ? stored : result;
  if (geometry.transposed && pass != ConvolutionPass::backward_filter)
    pass = pass == ConvolutionPass::forward ? ConvolutionPass::backward_data : ConvolutionPass::forward;
  return {.pass = pass,
          .type = type,
          .n = y.n,
          .in = large.c,
          .h = large.h,
          .w = large.w,
          .out = small.c,
          .out_h = small.h,
          .out_w = small.w,
          .kernel = geometry.kernel,
          .padding = padding,
          .stride = geometry.stride,
          .kernel_w = by_columns ? 1 : 0};
}

PIX2PIXHD_INLINE Shape ConvolutionDivision::columns() const {
  return {y.n, stored_channels(geometry.kernel * y.c), y.h, y.w + geometry.kernel - 1};
}

PIX2PIXHD_INLINE std::uint64_t ConvolutionDivision::filter_key(DataType type) const {
  return detail::fnv1a(
      detail::sentence("cuda filter ", by_columns ? "by columns " : "", type_name(type), " ", looked_up, " ", dense));
}
PIX2PIXHD_INLINE std::uint64_t ConvolutionDivision::table_key() const {
  if (looks_up_sums()) return detail::fnv1a(detail::sentence("cuda table of sums ", classes, " ", looked_up - classes));
  return detail::fnv1a(detail::sentence("cuda table ", looked_up));
}

PIX2PIXHD_INLINE std::size_t ConvolutionDivision::table_bytes() const {
  const int rows = looks_up_sums() ? map_sums_parts(*this).end : geometry.kernel * geometry.kernel * looked_up;
  return static_cast<std::size_t>(rows) * static_cast<std::size_t>(stored_channels(y.c)) * sizeof(float);
}

/// What `make` writes into fresh memory, kept at the weight if `keep`.
template <class Make>
std::shared_ptr<const Storage> derived_storage(CudaBackend& backend, const Tensor& weight, std::uint64_t key,
                                               std::size_t bytes, bool keep, Make&& make) {
  const auto lock =
      backend.queue().stream().hold();  // derived() locks too, and `make` launches: the queue first, always
  const auto made = [&]() -> std::shared_ptr<const Storage> {
    auto storage = backend.allocate(bytes);
    make(storage->mutable_data());
    return storage;
  };
  return keep ? weight.storage()->derived<Storage>(key, made) : made();
}

PIX2PIXHD_INLINE std::shared_ptr<const Storage> packed_filter(CudaBackend& backend, const ConvolutionDivision& division,
                                                              const Tensor& weight, bool keep) {
  const DataType type = backend.type();
  return derived_storage(backend, weight, division.filter_key(type), division.filter_bytes(type), keep, [&](void* to) {
    if (division.by_columns) return run_pack_columns(backend.queue(), division, weight, to);
    const Shape filter = division.problem(ConvolutionPass::forward, type).filter(), &w = weight.shape();
    const int first = division.geometry.transposed ? 0 : division.looked_up;
    const FilterChunks chunks(filter.n, filter.c, w.h * w.w);
    backend.queue().launch(kernels::Name::PackFilter, chunks.grid,
                           kernels::PackFilterArguments{.weight = weight.data<float>(),
                                                        .packed = to,
                                                        .out = w.n,
                                                        .in = w.c - first,
                                                        .taps = w.h * w.w,
                                                        .first = first,
                                                        .total_in = w.c,
                                                        .in_channels = filter.c,
                                                        .chunk = chunks.channels});
  });
}

/// Writes `part` into channels [first, first + its own) of `to`.
inline void write_part(CudaQueue& queue, const ConvolutionDivision& division, const Tensor& part, int first, void* to) {
  const Shape& in = part.shape();
  const bool whole = division.stored.c == channels_of(part) && first == 0;
  const std::size_t threads = threads_of_rows(division.stored.with_channels(channels_of(part)));
  queue.launch(kernels::Name::Gather, grid_of(threads),
               kernels::GatherArguments{.x = source_of(part),
                                        .y = to,
                                        .n = in.n,
                                        .in_h = in.h,
                                        .in_w = in.w,
                                        .in_channels = channels_of(part),
                                        .out_h = division.stored.h,
                                        .out_w = division.stored.w,
                                        .out_channels = division.stored.c,
                                        .first = first,
                                        .count = whole ? channels_of(part) : in.c,
                                        .border = division.border,
                                        .threads = static_cast<int>(threads)});
}

PIX2PIXHD_INLINE void write_input(CudaBackend& backend, const ConvolutionDivision& division, const BlockInput& x,
                                  void* to) {
  CudaQueue& queue = backend.queue();
  if (!x.map) return write_part(queue, division, x.tensor, 0, to);
  int first = 0;
  if (division.looked_up == 0 && x.map->map_channels() > 0) {
    run_expand_map(queue, *x.map, division, to);
    first = x.map->map_channels();
  } else if (x.map->parts().size() > 1 || channels_of(x.map->parts().front()) != division.stored.c) {
    queue.stream().clear(to, division.written_bytes(backend.type()));
  }
  for (const Tensor& part : x.map->parts()) {
    write_part(queue, division, part, first, to);
    first += part.shape().c;
  }
}

PIX2PIXHD_INLINE std::size_t convolution_bytes(const CudaBackend& backend, const ConvolutionDivision& division) {
  if (division.dense == 0) return 0;
  const DataType type = backend.type();
  const ConvolutionPlan& plan = backend.queue().plan(division.problem(ConvolutionPass::forward, type));
  return written_room(division, type) + columns_room(division, type) + workspace_bytes(plan);
}

PIX2PIXHD_INLINE std::vector<DerivedBytes> convolution_derived(const CudaBackend& backend,
                                                               const ConvolutionDivision& division) {
  std::vector<DerivedBytes> result;
  if (division.dense > 0)
    result.push_back({.key = division.filter_key(backend.type()), .bytes = division.filter_bytes(backend.type())});
  if (division.looked_up > 0) result.push_back({.key = division.table_key(), .bytes = division.table_bytes()});
  return result;
}

PIX2PIXHD_INLINE void* convolved_input(CudaBackend& backend, const ConvolutionDivision& division, const BlockInput& x,
                                       std::byte*& free) {
  if (!division.written) return const_cast<void*>(x.tensor.storage()->data());
  void* const input = free;
  free += aligned(division.written_bytes(backend.type()));
  write_input(backend, division, x, input);
  return input;
}

PIX2PIXHD_INLINE void run_convolution(CudaBackend& backend, const ConvolutionDivision& division, const BlockInput& x,
                                      const Tensor& weight, const Tensor& y, bool keep_derived, void* scratch) {
  CudaQueue& queue = backend.queue();
  const DataType type = backend.type();
  auto* free = static_cast<std::byte*>(scratch);
  std::shared_ptr<const Storage> filter, table;  // until the end of the call, as derived() says
  if (division.dense > 0) {
    void* const input = convolved_input(backend, division, x, free);
    filter = packed_filter(backend, division, weight, keep_derived);
    void* const columns = free;
    free += columns_room(division, type);
    queue.convolve(queue.plan(division.problem(ConvolutionPass::forward, type)),
                   operands_of(division, input, filter->data(),
                               division.by_columns ? columns : y.storage()->mutable_data(), free));
    if (division.by_columns) run_sum_columns(queue, division, columns, y);
  }
  if (division.looked_up == 0) return;
  table = derived_storage(backend, weight, division.table_key(), division.table_bytes(), keep_derived,
                          [&](void* to) { run_map_table(queue, division, weight, y, to); });
  run_map_look_up(queue, *x.map, division, static_cast<const float*>(table->data()), division.dense > 0, y);
}

}  // namespace pix2pixhd::inline v0::backend_cuda
