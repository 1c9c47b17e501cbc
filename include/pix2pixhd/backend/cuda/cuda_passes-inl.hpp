#pragma once
/// Statistics, normalisation and activation, and their gradients.

#include <pix2pixhd/backend/cuda/cuda_backend.hpp>
#include <pix2pixhd/backend/cuda/cuda_passes.hpp>
#include <pix2pixhd/backend/cuda/stored_channels.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>

namespace pix2pixhd::inline v0 {
namespace backend_cuda {

inline const float* floats(const Tensor* x) { return x ? x->data<float>() : nullptr; }
inline float* mutable_floats(const Tensor* x) { return x ? x->mutable_data<float>() : nullptr; }

static_assert(static_cast<int>(Activation::none) == kernels::activation_none &&
              static_cast<int>(Activation::relu) == kernels::activation_relu &&
              static_cast<int>(Activation::leaky_relu) == kernels::activation_leaky_relu &&
              static_cast<int>(Activation::tanh) == kernels::activation_tanh);
static_assert(static_cast<float>(leaky_slope) == kernels::leaky_slope);

PIX2PIXHD_INLINE kernels::Source source_of(const Tensor& x, const Tensor* statistics, Activation activation) {
  return {.x = x.storage()->data(),
          .statistics = floats(statistics),
          .width = statistics ? statistics->shape().w : 0,
          .activation = static_cast<int>(activation)};
}

PIX2PIXHD_INLINE kernels::Source source_of(const Tensor& x) {
  if (!x.pending()) return source_of(x, nullptr, Activation::none);
  return source_of(x, &x.pending()->statistics, x.pending()->activation);
}

PIX2PIXHD_INLINE Chunks::Chunks(const Shape& shape, int channels) {
  const int groups = channels / 8, all = counted(shape.pixels(), "pixels");
  while (lanes < 8 && lanes * 2 <= groups) lanes *= 2;
  tiles = (groups + lanes - 1) / lanes;
  // As many blocks as large devices have under way at once, if each thread then has at least four pixels: few chunks
  // are quick to merge, and a block more than fits would begin when the others are done.
  const int most_chunks = std::max(1, 384 / tiles);
  const int rows = kernels::threads_per_block / lanes;
  const int wanted = std::max(4 * rows, (all + most_chunks - 1) / most_chunks);
  pixels = (wanted + rows - 1) / rows * rows;
  count = (all + pixels - 1) / pixels;
}

/// Blocks that add up the sums of chunks: for each eight channels of each of `sets` sets of pixels.
inline Grid grid_of_sums(int channels, int sets) {
  return {static_cast<unsigned>(channels / 8), static_cast<unsigned>(sets), 1};
}

/// Two sums for each chunk and channel.
inline std::size_t partial_floats(const Shape& shape, int channels) {
  return static_cast<std::size_t>(shape.n) * static_cast<std::size_t>(Chunks(shape, channels).count) *
         static_cast<std::size_t>(channels) * 2;
}

PIX2PIXHD_INLINE std::size_t statistics_bytes(const Tensor& x) {
  return partial_floats(x.shape(), channels_of(x)) * sizeof(float);
}

PIX2PIXHD_INLINE std::size_t normalise_backward_bytes(const Tensor& dy, Norm kind, bool) {
  if (kind == Norm::none) return 0;
  const std::size_t means = static_cast<std::size_t>(dy.shape().n) * static_cast<std::size_t>(channels_of(dy)) * 2;
  return (partial_floats(dy.shape(), channels_of(dy)) + means) * sizeof(float);
}

PIX2PIXHD_INLINE std::size_t bias_gradient_bytes(const Tensor& dy) { return statistics_bytes(dy); }

PIX2PIXHD_INLINE void run_statistics(CudaQueue& queue, const Statistics& call, void* scratch) {
  const Tensor& x = *call.x;
  const Normalisation& norm = call.norm;
  const int channels = channels_of(x), n = x.shape().n;
  const Chunks chunks(x.shape(), channels);
  auto* const partial = static_cast<float*>(scratch);
  const bool batch = norm.kind == Norm::batch;
  if (!norm.use_running)
    queue.launch(kernels::Name::ChunkMoments, chunks.grid(n),
                 kernels::MomentsArguments{.x = x.storage()->data(),
                                           .partial = partial,
                                           .pixels = pixels_of(x),
                                           .channels = channels,
                                           .chunk = chunks.pixels,
                                           .chunks = chunks.count,
                                           .lanes = chunks.lanes});
  const bool updates = norm.update_running;
  queue.launch(
      kernels::Name::FinishStatistics, grid_of_sums(channels, batch ? 1 : n),
      kernels::StatisticsArguments{
          .partial = partial,
          .statistics = call.statistics.mutable_data<float>(),
          .width = call.statistics.shape().w,
          .n = n,
          .pixels = pixels_of(x),
          .channels = channels,
          .logical = x.shape().c,
          .chunk = chunks.pixels,
          .chunks = chunks.count,
          .batch = batch,
          .use_running = norm.use_running,
          .update_running = updates,
          .scale = floats(norm.scale),
          .shift = floats(norm.shift),
          .bias = batch ? floats(norm.bias) : nullptr,
          .running_mean = updates ? mutable_floats(norm.running_mean) : const_cast<float*>(floats(norm.running_mean)),
          .running_variance =
              updates ? mutable_floats(norm.running_variance) : const_cast<float*>(floats(norm.running_variance)),
          .epsilon = static_cast<float>(norm_epsilon),
          .momentum = static_cast<float>(batch_norm_momentum)});
}

/// Sums of g and g n over the pixels, by way of `partial`; `sums` says what they are for, the rest of it is set here.
inline void run_gradient_sums(CudaQueue& queue, const Tensor& dy, const kernels::Source& z, float* partial,
                              kernels::GradientSumsArguments sums) {
  const int channels = channels_of(dy), n = dy.shape().n;
  const Chunks chunks(dy.shape(), channels);
  queue.launch(kernels::Name::ChunkGradientMoments, chunks.grid(n),
               kernels::GradientMomentsArguments{.dy = dy.storage()->data(),
                                                 .z = z,
                                                 .partial = partial,
                                                 .pixels = pixels_of(dy),
                                                 .channels = channels,
                                                 .chunk = chunks.pixels,
                                                 .chunks = chunks.count,
                                                 .lanes = chunks.lanes});
  sums.partial = partial;
  sums.n = n;
  sums.pixels = pixels_of(dy);
  sums.channels = channels;
  sums.logical = dy.shape().c;
  sums.chunks = chunks.count;
  queue.launch(kernels::Name::FinishGradientSums, grid_of_sums(channels, sums.batch ? 1 : n), sums);
}

PIX2PIXHD_INLINE void run_normalise_backward(CudaQueue& queue, const NormaliseBackward& call, void* scratch) {
  const Tensor& dy = *call.dy;
  const int channels = channels_of(dy);
  const kernels::Source z = source_of(*call.z, call.statistics, call.activation);
  auto* const partial = static_cast<float*>(scratch);
  const bool normed = call.kind != Norm::none, batch = call.kind == Norm::batch;
  float* const means = normed && !call.running ? partial + partial_floats(dy.shape(), channels) : nullptr;
  if (means || (normed && (call.scale || call.shift))) {
    kernels::GradientSumsArguments sums{};
    sums.means = means;
    sums.batch = batch;
    sums.scale = mutable_floats(call.scale);
    sums.shift = mutable_floats(call.shift);
    sums.add_scale = call.add_scale;
    sums.add_shift = call.add_shift;
    run_gradient_sums(queue, dy, z, partial, sums);
  }
  const std::size_t threads = threads_of_pixels(dy);
  queue.launch(kernels::Name::NormaliseBackward, grid_of(threads),
               kernels::NormaliseBackwardArguments{.dy = dy.storage()->data(),
                                                   .z = z,
                                                   .means = means,
                                                   .dx = call.dx.storage()->mutable_data(),
                                                   .pixels = pixels_of(dy),
                                                   .channels = channels,
                                                   .threads = static_cast<int>(threads)});
}

PIX2PIXHD_INLINE void run_bias_gradient(CudaQueue& queue, const Tensor& dy, Tensor& bias, bool add, void* scratch) {
  kernels::GradientSumsArguments sums{};
  sums.batch = 1;  // over all pictures
  sums.shift = bias.mutable_data<float>();
  sums.add_shift = add;
  run_gradient_sums(queue, dy, {}, static_cast<float*>(scratch), sums);
}

/// y = x, normalised and activated as it says, + skip. A bias comes before the activation, in place of statistics. Both
/// may be null.
inline void launch_normalise(CudaQueue& queue, const kernels::Source& x, const Tensor* bias, const Tensor* skip,
                             const Tensor& y) {
  const std::size_t threads = threads_of_pixels(y);
  queue.launch(kernels::Name::Normalise, grid_of(threads),
               kernels::NormaliseArguments{.x = x,
                                           .skip = skip ? source_of(*skip) : kernels::Source{},
                                           .bias = floats(bias),
                                           .y = y.storage()->mutable_data(),
                                           .pixels = pixels_of(y),
                                           .channels = channels_of(y),
                                           .logical = y.shape().c,
                                           .threads = static_cast<int>(threads)});
}

PIX2PIXHD_INLINE void run_biased(CudaQueue& queue, const Tensor& x, const Tensor* bias, Activation activation,
                                 const Tensor* skip, const Tensor& y) {
  launch_normalise(queue, source_of(x, nullptr, activation), bias, skip, y);
}

}  // namespace backend_cuda

PIX2PIXHD_INLINE void CudaBackend::statistics(const Statistics& call) {
  const auto scratch = allocate(backend_cuda::statistics_bytes(*call.x));
  backend_cuda::run_statistics(*queue_, call, scratch->mutable_data());
}

PIX2PIXHD_INLINE void CudaBackend::normalise(const Normalise& call) {
  backend_cuda::launch_normalise(*queue_, backend_cuda::source_of(*call.x, call.statistics, call.activation), nullptr,
                                 call.skip, call.y);
}

PIX2PIXHD_INLINE void CudaBackend::normalise_backward(const NormaliseBackward& call) {
  const std::size_t bytes = backend_cuda::normalise_backward_bytes(*call.dy, call.kind, call.running);
  const auto scratch = bytes > 0 ? allocate(bytes) : nullptr;
  backend_cuda::run_normalise_backward(*queue_, call, scratch ? scratch->mutable_data() : nullptr);
}

}  // namespace pix2pixhd::inline v0
