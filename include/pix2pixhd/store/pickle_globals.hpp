#pragma once
/// The classes and functions that a pickled tensor file may name.

#include <pix2pixhd/store/stored_type.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pix2pixhd::inline v0::detail {

/// What an allowed global means to the reader. None of them is ever executed as Python code.
enum class PickleRole : std::uint8_t {
  ordered_dict,       ///< collections.OrderedDict(items = ())
  size,               ///< torch.Size(tuple)
  device,             ///< torch.device(...), of no importance
  tensor_class,       ///< torch.Tensor and torch.nn.parameter.Parameter, as arguments only
  storage_type,       ///< torch.FloatStorage and its like; `type` tells which
  number_type,        ///< torch.float32 and its like; `type` tells which
  rebuild_tensor,     ///< (storage, offset, size, stride)
  rebuild_tensor_v2,  ///< (storage, offset, size, stride, requires_grad, hooks[, metadata])
  rebuild_tensor_v3,  ///< (storage, offset, size, stride, requires_grad, hooks, type[, metadata])
  rebuild_parameter,  ///< (tensor, requires_grad, hooks[, state])
  rebuild_from_type   ///< (function, class, arguments, state)
};

/// One allowed global.
struct PickleGlobal {
  std::string_view module, name;
  PickleRole role;
  StoredType type = StoredType::u8;  ///< Of storage_type and number_type.
};

/// The number of the global of that module and name in the table, or nothing if it is not allowed.
std::optional<std::size_t> find_pickle_global(std::string_view module, std::string_view name);

/// The global of that number.
const PickleGlobal& pickle_global(std::size_t number);

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/store/pickle_globals-inl.hpp>
#endif
