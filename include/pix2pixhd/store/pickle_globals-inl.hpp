#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/store/pickle_globals.hpp>

#include <algorithm>
#include <iterator>
#include <span>

namespace pix2pixhd::inline v0::detail {

PIX2PIXHD_INLINE std::span<const PickleGlobal> pickle_globals() {
  using enum PickleRole;
  static constexpr PickleGlobal globals[] = {
      {"collections", "OrderedDict", ordered_dict},
      {"torch", "Size", size},
      {"torch", "device", device},
      {"torch", "Tensor", tensor_class},
      {"torch.nn.parameter", "Parameter", tensor_class},
      {"torch._utils", "_rebuild_tensor", rebuild_tensor},
      {"torch._utils", "_rebuild_tensor_v2", rebuild_tensor_v2},
      {"torch._utils", "_rebuild_tensor_v3", rebuild_tensor_v3},
      {"torch._utils", "_rebuild_parameter", rebuild_parameter},
      {"torch._utils", "_rebuild_parameter_with_state", rebuild_parameter},
      {"torch._tensor", "_rebuild_from_type_v2", rebuild_from_type},
      {"torch", "FloatStorage", storage_type, StoredType::f32},
      {"torch", "DoubleStorage", storage_type, StoredType::f64},
      {"torch", "HalfStorage", storage_type, StoredType::f16},
      {"torch", "BFloat16Storage", storage_type, StoredType::bf16},
      {"torch", "LongStorage", storage_type, StoredType::i64},
      {"torch", "IntStorage", storage_type, StoredType::i32},
      {"torch", "ShortStorage", storage_type, StoredType::i16},
      {"torch", "CharStorage", storage_type, StoredType::i8},
      {"torch", "ByteStorage", storage_type, StoredType::u8},
      {"torch", "BoolStorage", storage_type, StoredType::boolean},
      {"torch", "UntypedStorage", storage_type, StoredType::u8},
      {"torch.storage", "UntypedStorage", storage_type, StoredType::u8},
      {"torch.storage", "_UntypedStorage", storage_type, StoredType::u8},
      // Files of the first releases, saved from a GPU.
      {"torch.cuda", "FloatStorage", storage_type, StoredType::f32},
      {"torch.cuda", "DoubleStorage", storage_type, StoredType::f64},
      {"torch.cuda", "HalfStorage", storage_type, StoredType::f16},
      {"torch.cuda", "LongStorage", storage_type, StoredType::i64},
      {"torch.cuda", "IntStorage", storage_type, StoredType::i32},
      {"torch.cuda", "ShortStorage", storage_type, StoredType::i16},
      {"torch.cuda", "CharStorage", storage_type, StoredType::i8},
      {"torch.cuda", "ByteStorage", storage_type, StoredType::u8},
      {"torch", "float32", number_type, StoredType::f32},
      {"torch", "float64", number_type, StoredType::f64},
      {"torch", "float16", number_type, StoredType::f16},
      {"torch", "bfloat16", number_type, StoredType::bf16},
      {"torch", "int64", number_type, StoredType::i64},
      {"torch", "int32", number_type, StoredType::i32},
      {"torch", "int16", number_type, StoredType::i16},
      {"torch", "int8", number_type, StoredType::i8},
      {"torch", "uint8", number_type, StoredType::u8},
      {"torch", "uint16", number_type, StoredType::u16},
      {"torch", "uint32", number_type, StoredType::u32},
      {"torch", "uint64", number_type, StoredType::u64},
      {"torch", "bool", number_type, StoredType::boolean},
  };
  return globals;
}

PIX2PIXHD_INLINE std::optional<std::size_t> find_pickle_global(std::string_view module, std::string_view name) {
  const auto globals = pickle_globals();
  const auto found = std::find_if(globals.begin(), globals.end(),
                                  [&](const PickleGlobal& g) { return g.module == module && g.name == name; });
  if (found == globals.end()) return std::nullopt;
  return static_cast<std::size_t>(std::distance(globals.begin(), found));
}

PIX2PIXHD_INLINE const PickleGlobal& pickle_global(std::size_t number) { return pickle_globals()[number]; }

}  // namespace pix2pixhd::inline v0::detail
