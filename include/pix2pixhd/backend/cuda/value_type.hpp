#pragma once
/// Types in which activations are stored on a CUDA device.

#include <pix2pixhd/core/backend.hpp>

namespace pix2pixhd::inline v0::backend_cuda {

constexpr DataType value_type(Precision precision) {
  return precision == Precision::bf16 ? DataType::bf16 : precision == Precision::f16 ? DataType::f16 : DataType::f32;
}

constexpr const char* type_name(DataType type) {
  return type == DataType::bf16 ? "bf16" : type == DataType::f16 ? "f16" : "f32";
}

}  // namespace pix2pixhd::inline v0::backend_cuda
