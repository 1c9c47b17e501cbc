#pragma once
/// cuDNN's graph interface: own declarations of what is used of it. tests/backend/cuda/libraries/headers.cpp compares
/// them with NVIDIA's where these are installed.

#include <pix2pixhd/backend/cuda/driver.hpp>
#include <pix2pixhd/backend/cuda/dynamic_library.hpp>
#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/version.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace pix2pixhd::inline v0::backend_cuda::cudnn {

using Status = int;
using Handle = struct cudnnContext*;
using RawDescriptor = void*;

inline constexpr Status success = 0;

/// cudnnBackendDescriptorType_t.
enum class Kind : int {
  convolution = 1,
  engine = 2,
  engine_config = 3,
  heuristics = 4,
  plan = 5,
  forward = 10,
  backward_filter = 11,
  backward_data = 12,
  graph = 15,
  variant_pack = 16,
  tensor = 17,
  device_properties = 38,
};

/// cudnnBackendAttributeName_t.
enum class Attribute : int {
  convolution_compute_type = 100,
  convolution_mode = 101,
  convolution_dilations = 102,
  convolution_strides = 103,
  convolution_post_paddings = 104,
  convolution_pre_paddings = 105,
  convolution_spatial_dimensions = 106,
  heuristics_mode = 200,
  heuristics_graph = 201,
  heuristics_results = 202,
  heuristics_device_properties = 204,
  engine_config_engine = 300,
  plan_handle = 400,
  plan_engine_config = 401,
  plan_workspace_bytes = 402,
  plan_json = 405,
  plan_device_properties = 407,
  forward_alpha = 700,
  forward_beta = 701,
  forward_convolution = 702,
  forward_w = 703,
  forward_x = 704,
  forward_y = 705,
  backward_data_alpha = 706,
  backward_data_beta = 707,
  backward_data_convolution = 708,
  backward_data_w = 709,
  backward_data_dx = 710,
  backward_data_dy = 711,
  backward_filter_alpha = 712,
  backward_filter_beta = 713,
  backward_filter_convolution = 714,
  backward_filter_dw = 715,
  backward_filter_x = 716,
  backward_filter_dy = 717,
  graph_handle = 800,
  graph_operations = 801,
  tensor_alignment = 900,
  tensor_type = 901,
  tensor_dimensions = 902,
  tensor_strides = 903,
  tensor_id = 906,
  pack_ids = 1000,
  pack_pointers = 1001,
  pack_workspace = 1003,
  engine_index = 1301,
  engine_numerical_notes = 1303,
  device_json = 2702,
};

/// cudnnBackendAttributeType_t.
enum class Type : int {
  handle = 0,
  data_type = 1,
  int64 = 3,
  float32 = 4,
  pointer = 6,
  convolution_mode = 7,
  heuristics_mode = 8,
  numerical_note = 11,
  descriptor = 15,
  character = 24,
};

/// cudnnDataType_t.
enum class Data : int { f32 = 0, f16 = 2, bf16 = 9 };
/// cudnnBackendHeurMode_t.
enum class Heuristics : int { fallback = 2, a = 3 };
/// cudnnBackendNumericalNote_t.
enum class NumericalNote : int { tensor_core = 0, down_converts = 1, fft = 3, nondeterministic = 4, winograd = 5 };

inline constexpr int cross_correlation = 1;  ///< CUDNN_CROSS_CORRELATION

/// The functions, and why they are not to be had.
struct Functions {
  std::string problem;  ///< empty if all is well
  std::size_t version_number = 0;

  std::size_t (*version)() = nullptr;
  std::size_t (*cuda_version)() = nullptr;
  const char* (*error_string)(Status status) = nullptr;
  void (*last_error)(char* text, std::size_t bytes) = nullptr;
  Status (*create)(Handle* handle) = nullptr;
  Status (*destroy)(Handle handle) = nullptr;
  Status (*set_stream)(Handle handle, driver::Stream stream) = nullptr;
  Status (*create_descriptor)(Kind kind, RawDescriptor* descriptor) = nullptr;
  Status (*destroy_descriptor)(RawDescriptor descriptor) = nullptr;
  Status (*finalize)(RawDescriptor descriptor) = nullptr;
  Status (*set)(RawDescriptor descriptor, Attribute name, Type type, std::int64_t count, const void* values) = nullptr;
  Status (*get)(RawDescriptor descriptor, Attribute name, Type type, std::int64_t room, std::int64_t* count,
                void* values) = nullptr;
  Status (*execute)(Handle handle, RawDescriptor plan, RawDescriptor pack) = nullptr;
};

/// Loads the cuDNN that a search finds beside a driver of this version (13000 is CUDA 13.0; 0: there is none).
Functions load(const LibrarySearch& search, int driver_version);

/// Loads cuDNN at the first call, NVRTC before it, which some of its engines use. PIX2PIXHD_CUDNN may name the file;
/// otherwise versions that do not fit are passed over.
const Functions& functions();

/// "CUDNN_STATUS_NOT_SUPPORTED: ...", with what cuDNN said last.
std::string describe(Status status);

/// An object of cuDNN. Its calls throw Error with what failed; `get` is for attributes that must be there.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(Kind kind);
  Descriptor(Descriptor&& other) noexcept : raw_(other.raw_) { other.raw_ = nullptr; }
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();

  RawDescriptor raw() const { return raw_; }
  void set(Attribute name, Type type, std::int64_t count, const void* values);
  void set(Attribute name, const Descriptor& value) { set(name, Type::descriptor, 1, &value.raw_); }
  void set_int(Attribute name, std::int64_t value) { set(name, Type::int64, 1, &value); }
  void finalize();
  /// Reads up to `room` values and returns how many there are.
  std::int64_t get(Attribute name, Type type, std::int64_t room, void* values) const;

 private:
  RawDescriptor raw_ = nullptr;
};

}  // namespace pix2pixhd::inline v0::backend_cuda::cudnn

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cuda/cudnn-inl.hpp>
#endif
