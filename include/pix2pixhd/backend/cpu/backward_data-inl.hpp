#pragma once
/// The gradient of a convolution by its input.

#include <pix2pixhd/backend/cpu/cpu_backend.hpp>
#include <pix2pixhd/backend/cpu/cpu_convolution.hpp>
#include <pix2pixhd/backend/cpu/dense_convolution.hpp>
#include <pix2pixhd/backend/cpu/kernels/narrow.hpp>
#include <pix2pixhd/backend/cpu/scratch.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>

namespace pix2pixhd::inline v0::detail {

PIX2PIXHD_INLINE BackwardDataPlan plan_backward_data(const CpuBackend& backend, const ConvGeometry& geometry,
                                                     const Shape& dy, const Shape& dx) {
  const int widest = tap_kernels(backend.isa()).widest;
  BackwardDataPlan result;
  if (geometry.transposed) {
    const ConvGeometry adjoint{.kernel = geometry.kernel, .stride = geometry.stride, .padding = geometry.padding};
    result.plan = plan_strided(dy, dx, adjoint, widest);
  } else if ((geometry.pad == Pad::zero || geometry.padding == 0) && geometry.enlarge == 1) {
    result.plan = plan_gathered(dy, dx, geometry.kernel, geometry.stride, geometry.padding, widest);
  } else {
    const Shape padded{dx.n, dx.c, dx.h * geometry.enlarge + 2 * geometry.padding,
                       dx.w * geometry.enlarge + 2 * geometry.padding};
    result = {.plan = plan_gathered(dy, padded, geometry.kernel, geometry.stride, 0, widest), .folds = true};
  }
  make_narrow(result.plan, narrow_kernels(backend.isa()).widest);
  return result;
}

/// The places of a padded, enlarged row that are copies of each pixel: places[first[i]] ... places[first[i + 1] - 1].
struct Copies {
  std::vector<int> first, places;

  Copies(int side, const ConvGeometry& geometry) : first(static_cast<std::size_t>(side) + 1) {
    const int large = side * geometry.enlarge;
    std::vector<std::vector<int>> of(static_cast<std::size_t>(side));
    for (int i = 0; i < large + 2 * geometry.padding; ++i)
      if (const int at = padded_index(i - geometry.padding, large, geometry.pad); at >= 0)
        of[static_cast<std::size_t>(at / geometry.enlarge)].push_back(i);
    for (std::size_t i = 0; i < of.size(); ++i) {
      places.insert(places.end(), of[i].begin(), of[i].end());
      first[i + 1] = static_cast<int>(places.size());
    }
  }
  int begin(int i) const { return first[static_cast<std::size_t>(i)]; }
  int end(int i) const { return first[static_cast<std::size_t>(i) + 1]; }
  int place(int i) const { return places[static_cast<std::size_t>(i)]; }
};

/// dx = the sum over the copies of each pixel; both pictures are blocked (lanes = 16) or plain (lanes = 1).
inline void fold(CpuBackend& backend, const float* padded, int padded_width, std::size_t padded_pixels,
                 const ConvGeometry& geometry, const Shape& shape, int lanes, float* dx) {
  const Copies rows(shape.h, geometry), columns(shape.w, geometry);
  const int planes = (shape.c + lanes - 1) / lanes;
  const auto step = static_cast<std::size_t>(lanes);
  backend.pool().parallel_for(planes * shape.h, [&](int item, int) {
    const int plane = item / shape.h, y = item % shape.h;
    float* to = dx + static_cast<std::size_t>(item) * static_cast<std::size_t>(shape.w) * step;
    std::fill_n(to, static_cast<std::size_t>(shape.w) * step, 0.0f);
    for (int i = rows.begin(y); i < rows.end(y); ++i) {
      const float* const row =
          padded + (static_cast<std::size_t>(plane) * padded_pixels +
                    static_cast<std::size_t>(rows.place(i)) * static_cast<std::size_t>(padded_width)) *
                       step;
      for (int x = 0; x < shape.w; ++x) {
        float* const pixel = to + static_cast<std::size_t>(x) * step;
        for (int j = columns.begin(x); j < columns.end(x); ++j) {
          const float* const from = row + static_cast<std::size_t>(columns.place(j)) * step;
          for (std::size_t lane = 0; lane < step; ++lane) pixel[lane] += from[lane];
        }
      }
    }
  });
}

/// Floats of one padded picture in the layout of dx.
inline std::size_t padded_floats(const TapPlan& plan, const Format& format) {
  return plan.output.pixels() * static_cast<std::size_t>(format.stored_channels(plan.output.c));
}

PIX2PIXHD_INLINE std::size_t backward_data_workspace(const CpuBackend& backend, const ConvGeometry& geometry,
                                                     const Shape& dy, const Tensor& dx) {
  const BackwardDataPlan planned = plan_backward_data(backend, geometry, dy, dx.shape());
  return aligned_bytes(planned.plan.packed_floats() * sizeof(float)) +
         aligned_bytes(dense_workspace(backend, planned.plan)) +
         (planned.folds ? aligned_bytes(padded_floats(planned.plan, dx.format()) * sizeof(float)) : 0);
}

PIX2PIXHD_INLINE void backward_data(CpuBackend& backend, const ConvolutionBackwardData& call, std::byte* workspace) {
  const Shape& shape = call.dx.shape();
  const BackwardDataPlan planned = plan_backward_data(backend, call.geometry, call.dy->shape(), shape);
  const TapPlan& plan = planned.plan;
  Scratch scratch(backend, backward_data_workspace(backend, call.geometry, call.dy->shape(), call.dx), workspace);
  float* const packed = scratch.take<float>(plan.packed_floats());
  std::byte* const memory = scratch.take<std::byte>(dense_workspace(backend, plan));
  float* const padded = planned.folds ? scratch.take<float>(padded_floats(plan, call.dx.format())) : nullptr;

  const int first = call.map ? call.map->map_channels() : 0;
  pack_all_weights(backend, plan, backward_weights(call.geometry, *call.weight, first), packed);
  Tensor dx = call.dx;
  float* const result = dx.mutable_data<float>();
  const bool blocked = dx.format().layout == Layout::blocked;
  DenseConvolution run{.plan = &plan,
                       .x = call.dy,
                       .packed = packed,
                       .bias = nullptr,
                       .output = result,
                       .output_blocked = blocked,
                       .first_picture = 0,
                       .pictures = shape.n,
                       .memory = memory};
  if (!planned.folds) return run_dense(backend, run);
  const std::size_t picture = shape.pixels() * static_cast<std::size_t>(dx.format().stored_channels(shape.c));
  run.pictures = 1;
  run.output = padded;
  for (int n = 0; n < shape.n; ++n) {
    run.first_picture = n;
    run_dense(backend, run);
    fold(backend, padded, plan.output.w, plan.output.pixels(), call.geometry, shape, blocked ? 16 : 1,
         result + static_cast<std::size_t>(n) * picture);
  }
}

}  // namespace pix2pixhd::inline v0::detail
