#pragma once
/// Passes over whole tensors with the memory that they need, for the backend's own use.

#include <pix2pixhd/backend/cuda/queue.hpp>
#include <pix2pixhd/core/calls.hpp>

#include <cstddef>

namespace pix2pixhd::inline v0::backend_cuda {

/// How kernels read `x`: with what is pending.
kernels::Source source_of(const Tensor& x);
/// Normalised and activated as `statistics` (may be null) and `activation` say.
kernels::Source source_of(const Tensor& x, const Tensor* statistics, Activation activation);

/// How a picture's pixels are shared out among the blocks of a sum; a function of the shape alone.
struct Chunks {
  int lanes = 1;   ///< groups of eight channels that a block takes
  int tiles = 1;   ///< blocks that take all groups
  int pixels = 1;  ///< of a chunk
  int count = 1;   ///< chunks of a picture
  /// Throws Error where kernels could not number the pixels.
  Chunks(const Shape& shape, int channels);
  Grid grid(int n) const {
    return {static_cast<unsigned>(count), static_cast<unsigned>(tiles), static_cast<unsigned>(n)};
  }
};

/// Bytes of scratch memory that the passes below take.
std::size_t statistics_bytes(const Tensor& x);
std::size_t normalise_backward_bytes(const Tensor& dy, Norm kind, bool running);
std::size_t bias_gradient_bytes(const Tensor& dy);

void run_statistics(CudaQueue& queue, const Statistics& call, void* scratch);
void run_normalise_backward(CudaQueue& queue, const NormaliseBackward& call, void* scratch);
/// bias = sum of dy over pictures and pixels, added to what is there if `add`.
void run_bias_gradient(CudaQueue& queue, const Tensor& dy, Tensor& bias, bool add, void* scratch);
/// y = activation(x + bias) + skip; bias and skip may be null.
void run_biased(CudaQueue& queue, const Tensor& x, const Tensor* bias, Activation activation, const Tensor* skip,
                const Tensor& y);

}  // namespace pix2pixhd::inline v0::backend_cuda

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cuda/cuda_passes-inl.hpp>
#endif
