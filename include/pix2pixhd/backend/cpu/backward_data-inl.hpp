#pragma once
/// The gradient of a convolution by its input.

#include <pix2pixhd/backend/cpu/cpu_backend.hpp>
#include <pix2pixhd/backend/cpu/cpu_convolution.hpp>
#include <pix2pixhd/backend/cpu/dense_convolution.hpp>
#include <pix2pixhd/backend/cpu/scratch.hpp>
#include <pix2pixhd/backend/cpu/weight_in_use.hpp>
#include <pix2pixhd/backend/cpu/winograd_convolution.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>

namespace pix2pixhd::inline v0::detail {

PIX2PIXHD_INLINE BackwardDataPlan plan_backward_data(const CpuBackend& backend, const ConvolutionBackwardData& call) {
  const ConvGeometry& geometry = call.geometry;
  const Shape &dy = call.dy->shape(), &dx = call.dx.shape();
  const int kernel = geometry.kernel, frame = geometry.padding;
  const Shape padded{dx.n, dx.c, dx.h * geometry.enlarge + 2 * frame, dx.w * geometry.enlarge + 2 * frame};
  const bool copies = geometry.pad != Pad::zero && frame > 0;
  // Every strip reads all weights anew: where these are more than the picture, folding it whole is less work.
  const bool heavy = static_cast<std::size_t>(kernel * kernel) * static_cast<std::size_t>(dy.c) > 2 * padded.pixels();
  const DataType factors = factors_of(backend, *call.dy);
  const TapGrain grain = tap_kernels(backend.isa(), factors).grain;
  BackwardDataPlan result;
  if (geometry.transposed) {
    const ConvGeometry adjoint{.kernel = kernel, .stride = geometry.stride, .padding = frame};
    result.plan = plan_strided(dy, dx, adjoint, grain);
    result.winograd = plan_winograd_strided(dy, dx, adjoint, winograd_factor(factors), backend.isa());
  } else if (geometry.enlarge > 1 || (copies && (geometry.stride > 1 || heavy))) {
    result.plan = plan_gathered(dy, padded, kernel, geometry.stride, 0, grain);
    result.winograd =
        plan_winograd_gathered(dy, padded, kernel, geometry.stride, 0, winograd_factor(factors), backend.isa());
    result.folds = true;
  } else {
    result.plan = plan_gathered(dy, dx, kernel, geometry.stride, frame, grain);
    result.winograd =
        plan_winograd_gathered(dy, dx, kernel, geometry.stride, frame, winograd_factor(factors), backend.isa());
    if (copies) {
      result.places = {{.row = 0, .column = 0, .height = frame, .width = padded.w},
                       {.row = frame + dx.h, .column = 0, .height = frame, .width = padded.w},
                       {.row = frame, .column = 0, .height = dx.h, .width = frame},
                       {.row = frame, .column = frame + dx.w, .height = dx.h, .width = frame}};
      for (std::size_t i = 0; i < result.places.size(); ++i)
        result.strips.push_back(plan_strip(dy, padded, kernel, result.places[i], i >= 2, grain));
    }
  }
  make_narrow(result.plan, backend.isa());
  for (TapPlan& strip : result.strips) make_narrow(strip, backend.isa());
  if (result.plan.narrow == 0 || result.plan.planar) result.plan.factors = factors;
  for (TapPlan& strip : result.strips) strip.factors = result.plan.factors;
  result.key = PackedKey{.pass = PackedKey::Pass::backward,
                         .first_channel = call.map ? call.map->constant_channels() : 0,
                         .channels = dx.c,
                         .stride = geometry.stride,
                         .padding = result.folds ? 0 : frame,
                         .transposed = geometry.transposed,
                         .narrow = result.plan.narrow > 0,
                         .factors = result.plan.factors}
                   .value();
  return result;
}

/// Floats of one picture of a plan's output in the layout of dx.
inline std::size_t picture_floats(const TapPlan& plan, const Format& format) {
  return plan.output.pixels() * static_cast<std::size_t>(format.stored_channels(plan.output.c));
}

/// For every pixel of a side the pixels of a padded, enlarged picture that are copies of it, from `first` on; as places
/// in a rectangle of `count`.
inline std::vector<std::vector<int>> copies_of(const ConvGeometry& geometry, int side, int first, int count) {
  std::vector<std::vector<int>> result(static_cast<std::size_t>(side));
  for (int i = 0; i < count; ++i) {
    const int index = padded_index(first + i - geometry.padding, side * geometry.enlarge, geometry.pad);
    if (index >= 0) result[static_cast<std::size_t>(index / geometry.enlarge)].push_back(i);
  }
  return result;
}

/// Adds a computed rectangle of the padded, enlarged picture to the pixels that its pixels are copies of, or puts the
/// sums in their place. The rectangle is float; each sum is rounded to T, once for each rectangle that adds to it.
template <class T>
void fold(CpuBackend& backend, const float* values, const TapPlan& plan, const Strip& place,
          const ConvGeometry& geometry, const Shape& shape, int lanes, bool add, T* dx) {
  const auto step = static_cast<std::size_t>(lanes), width = static_cast<std::size_t>(shape.w);
  const std::size_t down = plan.turned ? 1 : static_cast<std::size_t>(place.width);
  const std::size_t right = plan.turned ? static_cast<std::size_t>(place.height) : 1;
  const std::vector<std::vector<int>> rows = copies_of(geometry, shape.h, place.row, place.height),
                                      columns = copies_of(geometry, shape.w, place.column, place.width);
  const int planes = (shape.c + lanes - 1) / lanes * shape.n;
  backend.pool().parallel_for(planes, [&](int index, int) {  // no two chunks add to one pixel
    const float* const from = values + static_cast<std::size_t>(index) * plan.output.pixels() * step;
    T* const to = dx + static_cast<std::size_t>(index) * shape.pixels() * step;
    for (std::size_t y = 0; y < rows.size(); ++y)
      for (std::size_t x = 0; x < width && !(add && rows[y].empty()); ++x) {
        if (add && columns[x].empty()) continue;
        T* const pixel = to + (y * width + x) * step;
        float sum[16] = {};
        for (std::size_t lane = 0; add && lane < step; ++lane) sum[lane] = to_float(pixel[lane]);
        for (const int i : rows[y])
          for (const int j : columns[x]) {
            const float* const source =
                from + (static_cast<std::size_t>(i) * down + static_cast<std::size_t>(j) * right) * step;
            for (std::size_t lane = 0; lane < step; ++lane) sum[lane] += source[lane];
          }
        for (std::size_t lane = 0; lane < step; ++lane) pixel[lane] = to_element<T>(sum[lane]);
      }
  });
}

/// Sizes of the pieces of the workspace: packed weights that are not kept, memory of the threads, the picture or strip
/// to be folded.
struct BackwardDataWorkspace {
  std::size_t packed = 0, memory = 0;  ///< bytes
  std::size_t floats = 0;

  BackwardDataWorkspace(const CpuBackend& backend, const BackwardDataPlan& planned, const ConvolutionBackwardData& call)
      : packed(call.keep_derived ? 0 : planned.packed_bytes()),
        memory(planned.winograd ? winograd_workspace(backend, *planned.winograd)
                                : dense_workspace(backend, planned.plan)) {
    const Format& format = call.dx.format();
    const auto pictures = static_cast<std::size_t>(call.dx.shape().n);
    if (planned.folds) floats = picture_floats(planned.plan, format) * pictures;
    for (const TapPlan& strip : planned.strips) {
      memory = std::max(memory, dense_workspace(backend, strip));
      floats = std::max(floats, picture_floats(strip, format) * pictures);
    }
  }
  std::size_t bytes() const {
    return aligned_bytes(packed) + aligned_bytes(memory) + aligned_bytes(floats * sizeof(float));
  }
};

PIX2PIXHD_INLINE std::size_t backward_data_workspace(const CpuBackend& backend, const ConvolutionBackwardData& call) {
  return BackwardDataWorkspace(backend, plan_backward_data(backend, call), call).bytes();
}

PIX2PIXHD_INLINE std::vector<DerivedBytes> backward_data_derived(const CpuBackend& backend,
                                                                 const ConvolutionBackwardData& call) {
  if (!call.keep_derived) return {};  // a part of the workspace
  const BackwardDataPlan planned = plan_backward_data(backend, call);
  if (!planned.packs()) return {};
  return {{.key = planned.key, .bytes = planned.packed_bytes()}};
}

PIX2PIXHD_INLINE void backward_data(CpuBackend& backend, const ConvolutionBackwardData& call, std::byte* workspace) {
  Tensor dx = call.dx;
  const Shape& shape = dx.shape();
  const WeightInUse in_use(backend.pool(), *call.weight, static_cast<std::size_t>(shape.n) * shape.pixels());
  const BackwardDataPlan planned = plan_backward_data(backend, call);
  const BackwardDataWorkspace sizes(backend, planned, call);
  Scratch scratch(backend, sizes.bytes(), workspace);
  std::byte* const own_packed = scratch.take<std::byte>(sizes.packed);
  const void* packed = own_packed;
  std::byte* const memory = scratch.take<std::byte>(sizes.memory);
  float* const folded = scratch.take<float>(sizes.floats);

  const int first = call.map ? call.map->constant_channels() : 0;
  const WeightView weights = backward_weights(call.geometry, *call.weight, first);
  std::shared_ptr<const Storage> kept;
  if (planned.packs() && call.keep_derived) {
    kept = call.weight->storage()->derived<Storage>(planned.key, [&]() -> std::shared_ptr<const Storage> {
      std::shared_ptr<Storage> storage = backend.allocate(planned.packed_bytes());
      pack_all_weights(backend, planned.plan, weights, storage->mutable_data());
      return storage;
    });
    packed = kept->data();
  } else if (planned.packs()) {
    pack_all_weights(backend, planned.plan, weights, own_packed);
  }
  const Elements result = mutable_elements(dx);
  const bool blocked = dx.format().layout == Layout::blocked;
  const int lanes = blocked ? 16 : 1;
  DenseConvolution run{.plan = &planned.plan,
                       .x = call.dy,
                       .packed = packed,
                       .bias = nullptr,
                       .output = planned.folds ? Elements{folded} : result,
                       .output_blocked = blocked,
                       .first_picture = 0,
                       .pictures = shape.n,
                       .memory = memory};
  if (planned.winograd)
    run_winograd(backend, {.plan = &*planned.winograd,
                           .x = call.dy,
                           .weights = weights,
                           .bias = nullptr,
                           .output = run.output,
                           .memory = memory});
  else
    run_dense(backend, run);
  const auto fold_into_result = [&](const TapPlan& plan, const Strip& place, bool add) {
    with_element(result.type, [&](auto element) {
      fold(backend, folded, plan, place, call.geometry, shape, lanes, add,
           static_cast<decltype(element)*>(result.address));
    });
  };
  if (planned.folds) {
    const Shape& padded = planned.plan.output;
    fold_into_result(planned.plan, {.row = 0, .column = 0, .height = padded.h, .width = padded.w}, false);
  }
  for (std::size_t i = 0; i < planned.strips.size(); ++i) {
    run.plan = &planned.strips[i];
    run.output = {folded};
    run_dense(backend, run);
    fold_into_result(planned.strips[i], planned.places[i], true);
  }
}

}  // namespace pix2pixhd::inline v0::detail
