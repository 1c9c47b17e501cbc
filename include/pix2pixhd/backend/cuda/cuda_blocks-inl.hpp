#pragma once
/// Convolutions and blocks: the backend's calls.

#include <pix2pixhd/backend/cuda/cuda_backend.hpp>
#include <pix2pixhd/backend/cuda/cuda_convolution.hpp>
#include <pix2pixhd/backend/cuda/cuda_passes.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>

namespace pix2pixhd::inline v0 {
namespace backend_cuda {

/// The workspace that a caller gave, or memory for the duration of a call.
class Scratch {
 public:
  Scratch(Backend& backend, std::size_t bytes, std::shared_ptr<Storage> given = nullptr)
      : storage_(given || bytes == 0 ? std::move(given) : backend.allocate(bytes)) {}
  void* memory() const { return storage_ ? storage_->mutable_data() : nullptr; }

 private:
  std::shared_ptr<Storage> storage_;
};

inline ConvolutionDivision division_of(const ConvBlockCall& call) { return {call.geometry, *call.x, call.raw.shape()}; }
inline ConvolutionDivision division_of(const ConvolutionBackwardData& call) {
  const int skipped = call.map ? call.map->constant_channels() : 0;
  return {call.geometry, call.dx.shape(), call.dy->shape(), skipped};
}
inline ConvolutionDivision division_of(const ConvolutionBackwardWeights& call) {
  return {call.geometry, *call.x, call.dy->shape(), false};
}

}  // namespace backend_cuda

PIX2PIXHD_INLINE void CudaBackend::convolve(const Convolution& call) {
  const backend_cuda::ConvolutionDivision division(call.geometry, *call.x, call.y.shape());
  const backend_cuda::Scratch scratch(*this, backend_cuda::convolution_bytes(*this, division));
  backend_cuda::run_convolution(*this, division, *call.x, *call.weight, call.y, true, scratch.memory());
  if (call.bias) backend_cuda::run_biased(*queue_, call.y, call.bias, Activation::none, nullptr, call.y);
}

PIX2PIXHD_INLINE void CudaBackend::convolve_backward_data(const ConvolutionBackwardData& call) {
  const backend_cuda::ConvolutionDivision division = backend_cuda::division_of(call);
  const backend_cuda::Scratch scratch(*this, backend_cuda::backward_data_bytes(*this, division));
  backend_cuda::run_backward_data(*this, division, *call.dy, *call.weight, call.dx, call.keep_derived,
                                  scratch.memory());
}

PIX2PIXHD_INLINE void CudaBackend::convolve_backward_weights(const ConvolutionBackwardWeights& call) {
  if (call.bias) {
    const backend_cuda::Scratch scratch(*this, backend_cuda::bias_gradient_bytes(*call.dy));
    backend_cuda::run_bias_gradient(*queue_, *call.dy, *call.bias, call.add_bias, scratch.memory());
  }
  if (!call.weight) return;
  const backend_cuda::ConvolutionDivision division = backend_cuda::division_of(call);
  const backend_cuda::Scratch scratch(*this, backend_cuda::backward_weights_bytes(*this, division));
  backend_cuda::run_backward_weights(*this, division, *call.x, *call.dy, *call.weight, call.add_weight,
                                     scratch.memory());
}

PIX2PIXHD_INLINE std::size_t CudaBackend::workspace(const ConvBlockCall& call) const {
  const std::size_t convolution = backend_cuda::convolution_bytes(*this, backend_cuda::division_of(call));
  return call.norm.kind == Norm::none ? convolution : std::max(convolution, backend_cuda::statistics_bytes(call.raw));
}

PIX2PIXHD_INLINE std::vector<DerivedBytes> CudaBackend::derived(const ConvBlockCall& call) const {
  return backend_cuda::convolution_derived(*this, backend_cuda::division_of(call));
}

PIX2PIXHD_INLINE void CudaBackend::conv_block(const ConvBlockCall& call) {
  const backend_cuda::Scratch scratch(*this, call.workspace ? 0 : workspace(call), call.workspace);
  backend_cuda::run_convolution(*this, backend_cuda::division_of(call), *call.x, *call.weight, call.raw,
                                call.keep_derived, scratch.memory());
  if (call.norm.kind != Norm::none) {
    backend_cuda::run_statistics(*queue_, {.x = &call.raw, .norm = call.norm, .statistics = call.statistics},
                                 scratch.memory());
    if (!call.y.empty())
      normalise({.x = &call.raw,
                 .statistics = &call.statistics,
                 .activation = call.activation,
                 .skip = call.skip,
                 .y = call.y});
    return;
  }
  const bool shared = call.y.storage() == call.raw.storage();
  if (call.bias || call.activation != Activation::none || (shared && call.skip))
    backend_cuda::run_biased(*queue_, call.raw, call.bias, call.activation, shared ? call.skip : nullptr, call.raw);
  if (!shared && !call.y.empty())
    backend_cuda::run_biased(*queue_, call.raw, nullptr, Activation::none, call.skip, call.y);
}

PIX2PIXHD_INLINE std::size_t CudaBackend::workspace(const ConvBlockBackwardCall& call) const {
  const detail::ConvBlockBackwardParts parts(call);
  std::size_t bytes = 0;
  if (parts.normalise)
    bytes =
        backend_cuda::normalise_backward_bytes(*parts.normalise->dy, parts.normalise->kind, parts.normalise->running);
  if (parts.weights && parts.weights->bias)
    bytes = std::max(bytes, backend_cuda::bias_gradient_bytes(*parts.weights->dy));
  if (parts.weights && parts.weights->weight)
    bytes = std::max(bytes, backend_cuda::backward_weights_bytes(*this, backend_cuda::division_of(*parts.weights)));
  if (parts.data)
    bytes = std::max(bytes, backend_cuda::backward_data_bytes(*this, backend_cuda::division_of(*parts.data)));
  return bytes;
}

PIX2PIXHD_INLINE std::vector<DerivedBytes> CudaBackend::derived(const ConvBlockBackwardCall& call) const {
  const detail::ConvBlockBackwardParts parts(call);
  if (!parts.data) return {};
  const backend_cuda::ConvolutionDivision division = backend_cuda::division_of(*parts.data);
  return {{.key = division.filter_key(type_), .bytes = division.filter_bytes(type_)}};
}

PIX2PIXHD_INLINE void CudaBackend::conv_block_backward(const ConvBlockBackwardCall& call) {
  const detail::ConvBlockBackwardParts parts(call);
  const backend_cuda::Scratch scratch(*this, call.workspace ? 0 : workspace(call), call.workspace);
  void* const memory = scratch.memory();
  if (parts.normalise) backend_cuda::run_normalise_backward(*queue_, *parts.normalise, memory);
  if (parts.weights && parts.weights->bias)
    backend_cuda::run_bias_gradient(*queue_, *parts.weights->dy, *parts.weights->bias, parts.weights->add_bias, memory);
  if (parts.weights && parts.weights->weight)
    backend_cuda::run_backward_weights(*this, backend_cuda::division_of(*parts.weights), *parts.weights->x,
                                       *parts.weights->dy, *parts.weights->weight, parts.weights->add_weight, memory);
  if (parts.data)
    backend_cuda::run_backward_data(*this, backend_cuda::division_of(*parts.data), *parts.data->dy, *parts.data->weight,
                                    parts.data->dx, parts.data->keep_derived, memory);
}

}  // namespace pix2pixhd::inline v0
