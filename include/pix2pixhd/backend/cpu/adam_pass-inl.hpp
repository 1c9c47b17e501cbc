#pragma once

#include <pix2pixhd/backend/cpu/adam_pass.hpp>

#include <pix2pixhd/backend/cpu/cpu_backend.hpp>
#include <pix2pixhd/backend/cpu/kernels/adam.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace pix2pixhd::inline v0::detail {

PIX2PIXHD_INLINE void adam_pass(CpuBackend& backend, const AdamCall& call) {
  const auto step = static_cast<double>(call.step);
  const float* const gradient = call.gradient->storage()->cleared() ? nullptr : call.gradient->data<float>();
  const AdamRun all{.gradient = gradient,
                    .value = call.value.mutable_data<float>(),
                    .m = call.m.mutable_data<float>(),
                    .v = call.v.mutable_data<float>(),
                    .count = call.value.shape().count(),
                    .keep_m = static_cast<float>(call.beta1),
                    .take_m = static_cast<float>(1 - call.beta1),
                    .keep_v = static_cast<float>(call.beta2),
                    .take_v = static_cast<float>(1 - call.beta2),
                    .rate = static_cast<float>(call.rate / (1 - std::pow(call.beta1, step))),
                    .second_correction = static_cast<float>(1 / (1 - std::pow(call.beta2, step))),
                    .epsilon = static_cast<float>(call.epsilon)};
  constexpr std::size_t chunk_floats = 32768;  // of four arrays: half a second cache
  const std::size_t chunks = (all.count + chunk_floats - 1) / chunk_floats;
  const AdamKernels& kernels = adam_kernels(backend.isa());
  backend.pool().parallel_for(static_cast<int>(chunks), [&](int chunk, int) {
    const std::size_t from = static_cast<std::size_t>(chunk) * chunk_floats;
    AdamRun run = all;
    if (run.gradient) run.gradient += from;
    run.value += from;
    run.m += from;
    run.v += from;
    run.count = std::min(chunk_floats, all.count - from);
    kernels.step(run);
  });
}

}  // namespace pix2pixhd::inline v0::detail
