#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/store/key_matching.hpp>
#include <pix2pixhd/store/safetensors.hpp>
#include <pix2pixhd/store/state_dict.hpp>

#include <cstddef>
#include <memory>
#include <utility>

namespace pix2pixhd::inline v0 {
namespace detail {

/// Arrays from this size on are left in the file's mapping. What is smaller is copied: it shares pages with its
/// neighbours.
inline constexpr std::size_t lent_from_bytes = std::size_t{1} << 18;

PIX2PIXHD_INLINE void load_arrays(Device& device, const std::vector<NamedArray>& arrays,
                                  const std::filesystem::path& path, const LoadOptions& options) {
  require_unique_names(arrays);
  const auto file = open_tensor_file(path);
  const std::vector<const TensorEntry*> entries = match_keys(*file, arrays, options);
  const std::shared_ptr<const LentMemory> lender = file->lender();
  const bool lends = lender && lender->steady() && !options.copy && device.backend().reads_lent_memory();
  // All values are read before the first is put in place: a file that turns out to be damaged changes nothing.
  std::vector<Tensor> values;
  std::vector<float> buffer;
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    ParameterInfo info = arrays[i].info;
    if (const auto side = info.dynamic_side()) info.shape[*side] = static_cast<int>(entries[i]->shape[*side]);
    const Shape shape = info.sizes();
    std::span<const float> view = file->view(*entries[i]);
    if (lends && view.size_bytes() >= lent_from_bytes) {
      values.emplace_back(shape, device.backend().format(shape, Role::parameter),
                          device.backend().borrow(lender, std::as_bytes(view)));
      continue;
    }
    const bool mapped = !view.empty();
    if (!mapped) {
      buffer.resize(shape.count());
      file->read(*entries[i], std::span<float>(buffer));
      view = buffer;
    }
    values.push_back(upload<float>(device, shape, view, Role::parameter));
    if (mapped && lender) lender->release(std::as_bytes(view));
  }
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    set_values(arrays[i], std::move(values[i]));
    if (arrays[i].grad) *arrays[i].grad = {};
  }
}

PIX2PIXHD_INLINE void save_arrays(Device& device, const std::vector<NamedArray>& arrays,
                                  const std::filesystem::path& path, const Metadata& metadata) {
  std::vector<TensorEntry> entries;
  for (const NamedArray& array : arrays) {
    require(!array.value->empty(), path.string(), " was not written: ", array.name,
            " has no values yet; initialize or load the network first.");
    const Shape& shape = array.value->shape();
    const std::int64_t sides[4] = {shape.n, shape.c, shape.h, shape.w};
    entries.push_back({.name = array.name, .type = StoredType::f32, .shape = {sides, sides + array.info.rank}});
  }
  std::vector<float> buffer;
  write_safetensors(
      path, entries,
      [&](const TensorEntry&, std::size_t position) -> TensorValues {
        const Tensor& value = *arrays[position].value;
        buffer.resize(value.shape().count());
        download<float>(device, value, buffer);
        return std::span<const float>(buffer);
      },
      metadata);
}

}  // namespace detail
}  // namespace pix2pixhd::inline v0
