#pragma once

#include <pix2pixhd/backend/cpu/cpu_backend.hpp>
#include <pix2pixhd/backend/cpu/cpu_convolution.hpp>
#include <pix2pixhd/backend/cpu/dense_convolution.hpp>
#include <pix2pixhd/backend/cpu/map_convolution.hpp>
#include <pix2pixhd/backend/cpu/normalise_pass.hpp>
#include <pix2pixhd/backend/cpu/scratch.hpp>
#include <pix2pixhd/backend/cpu/statistics.hpp>
#include <pix2pixhd/backend/cpu/weight_in_use.hpp>
#include <pix2pixhd/backend/cpu/winograd_convolution.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <utility>

namespace pix2pixhd::inline v0 {
namespace detail {

/// The look-up part of a convolution of a map.
inline MapConvolution map_part(const ConvBlockCall& call) {
  return {.geometry = call.geometry,
          .map = &*call.x->map,
          .weight = call.weight,
          .bias = call.bias,
          .activation = Activation::none,
          .y = call.raw,
          .kinds = call.kinds ? static_cast<std::uint8_t*>(call.kinds->mutable_data()) : nullptr,
          .workspace = nullptr,
          .keep_derived = call.keep_derived};
}

/// Whether a block's convolution takes the moments of its output on the way.
inline bool takes_moments(const ConvBlockCall& call, std::size_t parts) {
  return call.norm.kind != Norm::none && !call.norm.use_running && parts > 0;
}

/// Sizes of the pieces of a block's workspace, in their order.
struct BlockWorkspace {
  std::size_t memory = 0;   ///< scratch of the threads: the largest of all parts
  std::size_t moments = 0;  ///< count of BlockMoments
  std::size_t counts = 0;   ///< count of int
  std::size_t map = 0;      ///< of the look-up, or of the statistics of its result

  std::size_t bytes() const {
    return aligned_bytes(memory) + aligned_bytes(moments * sizeof(BlockMoments)) + aligned_bytes(counts * sizeof(int)) +
           aligned_bytes(map);
  }
};

inline BlockWorkspace block_workspace(const CpuBackend& backend, const ConvBlockCall& call,
                                      const std::vector<PlannedPart>& parts) {
  BlockWorkspace result;
  for (const PlannedPart& part : parts) result.memory = std::max(result.memory, part.workspace(backend));
  if (takes_moments(call, parts.size())) {
    const Shape& shape = call.raw.shape();
    result.counts = static_cast<std::size_t>(parts.back().moment_chunks());
    result.moments = result.counts * static_cast<std::size_t>((shape.c + 15) / 16 * shape.n);
  }
  if (call.x->map) {
    result.map = backend.map_workspace(map_part(call));
    if (parts.empty() && call.norm.kind != Norm::none)
      result.map = std::max(result.map, statistics_workspace(call.raw.shape(), call.raw.format()));
  }
  return result;
}

/// What is done with a part of a block's convolution.
struct PartEpilogue {
  const Tensor* bias = nullptr;
  bool add = false;  ///< to what is in the output
  Activation activation = Activation::none;
  BlockMoments* moments = nullptr;  ///< null: not wanted
  std::byte* memory = nullptr;      ///< of the threads
};

/// Convolves one part of a block's input into `call.raw`. Returns the packed weights, null where there are none.
inline std::shared_ptr<const void> convolve_part(CpuBackend& backend, const ConvBlockCall& call,
                                                 const PlannedPart& part, const PartEpilogue& epilogue) {
  const WeightView weights = forward_weights(call.geometry, *call.weight, part.part.first_channel);
  const Elements output = mutable_elements(call.raw);
  if (part.winograd) {
    run_winograd(backend, {.plan = &*part.winograd,
                           .x = part.part.x,
                           .weights = weights,
                           .bias = epilogue.bias,
                           .output = output,
                           .add = epilogue.add,
                           .activation = epilogue.activation,
                           .moments = epilogue.moments,
                           .memory = epilogue.memory});
    return nullptr;
  }
  const auto pack = [&]() -> std::shared_ptr<const Storage> {
    std::shared_ptr<Storage> storage = backend.allocate(part.packed_bytes());
    pack_all_weights(backend, part.plan, weights, storage->mutable_data());
    return storage;
  };
  const std::shared_ptr<const Storage> packed =
      call.keep_derived ? call.weight->storage()->derived<Storage>(part.key, pack) : pack();
  run_dense(backend, {.plan = &part.plan,
                      .x = part.part.x,
                      .packed = packed->data(),
                      .bias = epilogue.bias,
                      .output = output,
                      .output_blocked = call.raw.format().layout == Layout::blocked,
                      .first_picture = 0,
                      .pictures = call.raw.shape().n,
                      .add = epilogue.add,
                      .activation = epilogue.activation,
                      .moments = epilogue.moments,
                      .memory = epilogue.memory});
  return packed;
}

}  // namespace detail

PIX2PIXHD_INLINE std::size_t CpuBackend::workspace(const ConvBlockCall& call) const {
  return detail::block_workspace(
             *this, call,
             detail::plan_forward(*this, call.geometry, *call.x, call.raw.shape(), call.norm.kind != Norm::none))
      .bytes();
}

PIX2PIXHD_INLINE std::vector<DerivedBytes> CpuBackend::derived(const ConvBlockCall& call) const {
  std::vector<DerivedBytes> result;
  if (call.x->map) result = map_derived(detail::map_part(call));
  for (const detail::PlannedPart& part :
       detail::plan_forward(*this, call.geometry, *call.x, call.raw.shape(), call.norm.kind != Norm::none))
    if (part.packed_bytes() > 0) result.push_back({.key = part.key, .bytes = part.packed_bytes()});
  return result;
}

PIX2PIXHD_INLINE void CpuBackend::conv_block(const ConvBlockCall& call) {
  const Shape& shape = call.raw.shape();
  const detail::WeightInUse in_use(*pool_, *call.weight, static_cast<std::size_t>(shape.n) * shape.pixels());
  const std::vector<detail::PlannedPart> parts =
      detail::plan_forward(*this, call.geometry, *call.x, shape, call.norm.kind != Norm::none);
  const detail::BlockWorkspace sizes = detail::block_workspace(*this, call, parts);
  std::byte* const given = call.workspace ? static_cast<std::byte*>(call.workspace->mutable_data()) : nullptr;
  detail::Scratch scratch(*this, sizes.bytes(), given);
  std::byte* const memory = scratch.take<std::byte>(sizes.memory);
  auto* const moments = scratch.take<detail::BlockMoments>(sizes.moments);
  int* const counts = scratch.take<int>(sizes.counts);
  std::byte* const map_memory = scratch.take<std::byte>(sizes.map);

  const bool normed = call.norm.kind != Norm::none;
  // What is derived is held until the end of the call, as derived() says.
  std::vector<std::shared_ptr<const void>> held;
  if (call.x->map) {
    detail::MapConvolution map = detail::map_part(call);
    map.workspace = map_memory;
    if (parts.empty() && !normed) map.activation = call.activation;
    held.push_back(detail::map_convolution(*this, map));
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool last = i + 1 == parts.size(), first = i == 0 && !call.x->map;
    held.push_back(detail::convolve_part(*this, call, parts[i],
                                         {.bias = first ? call.bias : nullptr,
                                          .add = !first,
                                          .activation = last && !normed ? call.activation : Activation::none,
                                          .moments = last && sizes.moments > 0 ? moments : nullptr,
                                          .memory = memory}));
  }

  Tensor raw = call.raw;
  if (normed && (sizes.moments > 0 || call.norm.use_running)) {
    if (sizes.moments > 0) parts.back().moment_counts(counts);
    detail::finish_statistics(*pool_, {.moments = moments, .counts = counts, .chunks = static_cast<int>(sizes.counts)},
                              shape, call.norm, call.statistics);
  } else if (normed) {
    detail::statistics_pass(*this, {.x = &raw, .norm = call.norm, .statistics = call.statistics}, map_memory);
  }
  if (call.y.empty()) return;
  if (!normed && !call.skip && call.y.storage() == raw.storage()) return;
  normalise({.x = &raw,
             .statistics = normed ? &call.statistics : nullptr,
             .activation = normed ? call.activation : Activation::none,
             .skip = call.skip,
             .y = call.y});
}

PIX2PIXHD_INLINE void CpuBackend::convolve(const Convolution& call) {
  conv_block({.geometry = call.geometry,
              .norm = {},
              .activation = Activation::none,
              .x = call.x,
              .weight = call.weight,
              .bias = call.bias,
              .skip = nullptr,
              .raw = call.y,
              .statistics = {},
              .y = call.y,
              .workspace = nullptr});
}

PIX2PIXHD_INLINE std::size_t CpuBackend::workspace(const ConvBlockBackwardCall& call) const {
  const detail::ConvBlockBackwardParts parts(call);
  std::size_t bytes = 0;
  if (parts.normalise) bytes = detail::normalise_backward_workspace(call.dz.shape(), call.dz.format());
  if (parts.weights) bytes = std::max(bytes, detail::backward_weights_workspace(*this, *parts.weights));
  if (parts.data) bytes = std::max(bytes, detail::backward_data_workspace(*this, *parts.data));
  return bytes;
}

PIX2PIXHD_INLINE std::vector<DerivedBytes> CpuBackend::derived(const ConvBlockBackwardCall& call) const {
  const detail::ConvBlockBackwardParts parts(call);
  if (!parts.data) return {};
  return detail::backward_data_derived(*this, *parts.data);
}

PIX2PIXHD_INLINE void CpuBackend::conv_block_backward(const ConvBlockBackwardCall& call) {
  std::shared_ptr<Storage> own = call.workspace;
  if (const std::size_t bytes = workspace(call); !own && bytes > 0) own = allocate(bytes);
  std::byte* const memory = own ? static_cast<std::byte*>(own->mutable_data()) : nullptr;
  const detail::ConvBlockBackwardParts parts(call);
  if (parts.normalise) detail::normalise_backward_pass(*this, *parts.normalise, memory);
  if (parts.weights) detail::backward_weights(*this, *parts.weights, memory);
  if (parts.data) detail::backward_data(*this, *parts.data, memory);
}

PIX2PIXHD_INLINE void CpuBackend::convolve_backward_data(const ConvolutionBackwardData& call) {
  detail::backward_data(*this, call);
}

PIX2PIXHD_INLINE void CpuBackend::convolve_backward_weights(const ConvolutionBackwardWeights& call) {
  detail::backward_weights(*this, call);
}

}  // namespace pix2pixhd::inline v0
