// Own declarations of CUDA's functions and numbers against NVIDIA's headers, where these are installed.
#include <doctest/doctest.h>
#include <pix2pixhd/backend/cuda/context.hpp>
#include <pix2pixhd/backend/cuda/cudnn.hpp>
#include <pix2pixhd/backend/cuda/driver.hpp>
#include <pix2pixhd/backend/cuda/nvrtc.hpp>

#include <type_traits>

#if __has_include(<cuda.h>) && __has_include(<nvrtc.h>) && __has_include(<cudnn_graph.h>)
#include <cuda.h>
#include <cudnn_graph.h>
#include <nvrtc.h>

using namespace pix2pixhd::backend_cuda;

namespace {

/// Whether two types are passed alike: numbers and enumerations of one size, any two pointers.
template <class A, class B>
constexpr bool alike() {
  if constexpr (std::is_pointer_v<A> || std::is_pointer_v<B>)
    return std::is_pointer_v<A> && std::is_pointer_v<B>;
  else if constexpr (std::is_void_v<A> || std::is_void_v<B>)
    return std::is_void_v<A> && std::is_void_v<B>;
  else
    return sizeof(A) == sizeof(B) && std::is_floating_point_v<A> == std::is_floating_point_v<B>;
}

template <class A, class B>
struct SameCall : std::false_type {};
template <class A, class... As, class B, class... Bs>
requires(sizeof...(As) == sizeof...(Bs)) struct SameCall<A (*)(As...), B (*)(Bs...)>
    : std::bool_constant<alike<A, B>() && (alike<As, Bs>() && ...)> {
};

template <auto Theirs, class Functions, class Ours>
constexpr bool same_call(Ours Functions::*) {
  return SameCall<decltype(Theirs), Ours>::value;
}

static_assert(same_call<&cuInit>(&driver::Functions::init) &&
              same_call<&cuDriverGetVersion>(&driver::Functions::driver_version));
static_assert(same_call<&cuGetErrorName>(&driver::Functions::error_name) &&
              same_call<&cuGetErrorString>(&driver::Functions::error_string));
static_assert(same_call<&cuDeviceGetCount>(&driver::Functions::device_count) &&
              same_call<&cuDeviceGet>(&driver::Functions::device));
static_assert(same_call<&cuDeviceGetName>(&driver::Functions::device_name) &&
              same_call<&cuDeviceGetAttribute>(&driver::Functions::device_attribute));
static_assert(same_call<&cuDevicePrimaryCtxRetain>(&driver::Functions::retain_context));
static_assert(same_call<&cuDevicePrimaryCtxRelease>(&driver::Functions::release_context));
static_assert(same_call<&cuCtxPushCurrent>(&driver::Functions::push_context) &&
              same_call<&cuCtxPopCurrent>(&driver::Functions::pop_context));
static_assert(same_call<&cuMemAlloc>(&driver::Functions::allocate) && same_call<&cuMemFree>(&driver::Functions::free));
static_assert(same_call<&cuMemGetInfo>(&driver::Functions::memory) &&
              same_call<&cuMemAllocHost>(&driver::Functions::allocate_host));
static_assert(same_call<&cuMemFreeHost>(&driver::Functions::free_host) &&
              same_call<&cuMemcpyHtoDAsync>(&driver::Functions::copy_to_device));
static_assert(same_call<&cuMemcpyDtoHAsync>(&driver::Functions::copy_to_host) &&
              same_call<&cuMemcpyDtoDAsync>(&driver::Functions::copy_on_device));
static_assert(same_call<&cuMemsetD8Async>(&driver::Functions::fill_bytes) &&
              same_call<&cuStreamCreate>(&driver::Functions::create_stream));
static_assert(same_call<&cuStreamDestroy>(&driver::Functions::destroy_stream) &&
              same_call<&cuStreamSynchronize>(&driver::Functions::synchronise));
static_assert(same_call<&cuEventCreate>(&driver::Functions::create_event) &&
              same_call<&cuEventDestroy>(&driver::Functions::destroy_event));
static_assert(same_call<&cuEventRecord>(&driver::Functions::record_event) &&
              same_call<&cuEventSynchronize>(&driver::Functions::wait_event) &&
              same_call<&cuEventQuery>(&driver::Functions::query_event));
static_assert(same_call<&cuEventElapsedTime>(&driver::Functions::elapsed) &&
              same_call<&cuModuleLoadData>(&driver::Functions::load_module));
static_assert(same_call<&cuModuleUnload>(&driver::Functions::unload_module) &&
              same_call<&cuModuleGetFunction>(&driver::Functions::find_function));
static_assert(same_call<&cuLaunchKernel>(&driver::Functions::launch) &&
              same_call<&cuStreamBeginCapture>(&driver::Functions::begin_capture));
static_assert(same_call<&cuStreamEndCapture>(&driver::Functions::end_capture) &&
              same_call<&cuGraphInstantiate>(&driver::Functions::instantiate));
static_assert(same_call<&cuGraphLaunch>(&driver::Functions::launch_graph) &&
              same_call<&cuGraphDestroy>(&driver::Functions::destroy_graph));
static_assert(same_call<&cuGraphExecDestroy>(&driver::Functions::destroy_exec));
static_assert(driver::success == CUDA_SUCCESS && driver::out_of_memory == CUDA_ERROR_OUT_OF_MEMORY);
static_assert(lasts(CUDA_ERROR_ILLEGAL_ADDRESS) && lasts(CUDA_ERROR_LAUNCH_TIMEOUT) &&
              lasts(CUDA_ERROR_HARDWARE_STACK_ERROR) && lasts(CUDA_ERROR_ILLEGAL_INSTRUCTION) &&
              lasts(CUDA_ERROR_MISALIGNED_ADDRESS) && lasts(CUDA_ERROR_INVALID_ADDRESS_SPACE) &&
              lasts(CUDA_ERROR_INVALID_PC) && lasts(CUDA_ERROR_LAUNCH_FAILED));
static_assert(!lasts(CUDA_SUCCESS) && !lasts(CUDA_ERROR_OUT_OF_MEMORY) && !lasts(CUDA_ERROR_NOT_PERMITTED) &&
              !lasts(CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED));
static_assert(driver::stream_non_blocking == CU_STREAM_NON_BLOCKING);
static_assert(driver::capture_mode_relaxed == CU_STREAM_CAPTURE_MODE_RELAXED);
static_assert(static_cast<int>(driver::Attribute::multiprocessors) == CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
static_assert(static_cast<int>(driver::Attribute::capability_major) == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
static_assert(static_cast<int>(driver::Attribute::capability_minor) == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);

static_assert(same_call<&nvrtcVersion>(&nvrtc::Functions::version) &&
              same_call<&nvrtcGetErrorString>(&nvrtc::Functions::error_string));
static_assert(same_call<&nvrtcCreateProgram>(&nvrtc::Functions::create) &&
              same_call<&nvrtcDestroyProgram>(&nvrtc::Functions::destroy));
static_assert(same_call<&nvrtcCompileProgram>(&nvrtc::Functions::compile) &&
              same_call<&nvrtcGetProgramLogSize>(&nvrtc::Functions::log_size));
static_assert(same_call<&nvrtcGetProgramLog>(&nvrtc::Functions::log) &&
              same_call<&nvrtcGetCUBINSize>(&nvrtc::Functions::cubin_size));
static_assert(same_call<&nvrtcGetPTXSize>(&nvrtc::Functions::ptx_size) &&
              same_call<&nvrtcGetPTX>(&nvrtc::Functions::ptx));
static_assert(same_call<&nvrtcGetNumSupportedArchs>(&nvrtc::Functions::architecture_count) &&
              same_call<&nvrtcGetSupportedArchs>(&nvrtc::Functions::architectures));
static_assert(same_call<&nvrtcGetCUBIN>(&nvrtc::Functions::cubin) && nvrtc::success == NVRTC_SUCCESS);

static_assert(same_call<&cudnnGetVersion>(&cudnn::Functions::version) &&
              same_call<&cudnnGetCudartVersion>(&cudnn::Functions::cuda_version) &&
              same_call<&cudnnGetErrorString>(&cudnn::Functions::error_string));
static_assert(same_call<&cudnnGetLastErrorString>(&cudnn::Functions::last_error) &&
              same_call<&cudnnCreate>(&cudnn::Functions::create));
static_assert(same_call<&cudnnDestroy>(&cudnn::Functions::destroy) &&
              same_call<&cudnnSetStream>(&cudnn::Functions::set_stream));
static_assert(same_call<&cudnnBackendCreateDescriptor>(&cudnn::Functions::create_descriptor));
static_assert(same_call<&cudnnBackendDestroyDescriptor>(&cudnn::Functions::destroy_descriptor));
static_assert(same_call<&cudnnBackendFinalize>(&cudnn::Functions::finalize) &&
              same_call<&cudnnBackendExecute>(&cudnn::Functions::execute));
static_assert(same_call<&cudnnBackendSetAttribute>(&cudnn::Functions::set) &&
              same_call<&cudnnBackendGetAttribute>(&cudnn::Functions::get));

using cudnn::Attribute, cudnn::Data, cudnn::Heuristics, cudnn::Kind, cudnn::NumericalNote, cudnn::Type;
template <class Ours, class Theirs>
constexpr bool same(Ours ours, Theirs theirs) {
  return static_cast<int>(ours) == static_cast<int>(theirs) && sizeof(Ours) == sizeof(Theirs);
}
static_assert(cudnn::success == CUDNN_STATUS_SUCCESS && cudnn::cross_correlation == CUDNN_CROSS_CORRELATION);
static_assert(same(Kind::convolution, CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR));
static_assert(same(Kind::engine, CUDNN_BACKEND_ENGINE_DESCRIPTOR));
static_assert(same(Kind::engine_config, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR));
static_assert(same(Kind::heuristics, CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR));
static_assert(same(Kind::plan, CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR));
static_assert(same(Kind::forward, CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR));
static_assert(same(Kind::backward_filter, CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR));
static_assert(same(Kind::backward_data, CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR));
static_assert(same(Kind::graph, CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR));
static_assert(same(Kind::variant_pack, CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR));
static_assert(same(Kind::tensor, CUDNN_BACKEND_TENSOR_DESCRIPTOR));
static_assert(same(Kind::device_properties, CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR));
static_assert(same(Attribute::convolution_compute_type, CUDNN_ATTR_CONVOLUTION_COMP_TYPE));
static_assert(same(Attribute::convolution_mode, CUDNN_ATTR_CONVOLUTION_CONV_MODE));
static_assert(same(Attribute::convolution_dilations, CUDNN_ATTR_CONVOLUTION_DILATIONS));
static_assert(same(Attribute::convolution_strides, CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES));
static_assert(same(Attribute::convolution_post_paddings, CUDNN_ATTR_CONVOLUTION_POST_PADDINGS));
static_assert(same(Attribute::convolution_pre_paddings, CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS));
static_assert(same(Attribute::convolution_spatial_dimensions, CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS));
static_assert(same(Attribute::heuristics_mode, CUDNN_ATTR_ENGINEHEUR_MODE));
static_assert(same(Attribute::heuristics_graph, CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH));
static_assert(same(Attribute::heuristics_results, CUDNN_ATTR_ENGINEHEUR_RESULTS));
static_assert(same(Attribute::heuristics_device_properties, CUDNN_ATTR_ENGINEHEUR_DEVICEPROP));
static_assert(same(Attribute::engine_config_engine, CUDNN_ATTR_ENGINECFG_ENGINE));
static_assert(same(Attribute::plan_engine_config, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG));
static_assert(same(Attribute::plan_workspace_bytes, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE));
static_assert(same(Attribute::plan_json, CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION));
static_assert(same(Attribute::plan_device_properties, CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP));
static_assert(same(Attribute::forward_alpha, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA));
static_assert(same(Attribute::forward_beta, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA));
static_assert(same(Attribute::forward_convolution, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC));
static_assert(same(Attribute::forward_w, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W));
static_assert(same(Attribute::forward_x, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X));
static_assert(same(Attribute::forward_y, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y));
static_assert(same(Attribute::backward_data_alpha, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA));
static_assert(same(Attribute::backward_data_beta, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA));
static_assert(same(Attribute::backward_data_convolution, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC));
static_assert(same(Attribute::backward_data_w, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W));
static_assert(same(Attribute::backward_data_dx, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX));
static_assert(same(Attribute::backward_data_dy, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY));
static_assert(same(Attribute::backward_filter_alpha, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA));
static_assert(same(Attribute::backward_filter_beta, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA));
static_assert(same(Attribute::backward_filter_convolution, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC));
static_assert(same(Attribute::backward_filter_dw, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW));
static_assert(same(Attribute::backward_filter_x, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X));
static_assert(same(Attribute::backward_filter_dy, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY));
static_assert(same(Attribute::graph_operations, CUDNN_ATTR_OPERATIONGRAPH_OPS));
static_assert(same(Attribute::tensor_alignment, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT));
static_assert(same(Attribute::tensor_type, CUDNN_ATTR_TENSOR_DATA_TYPE));
static_assert(same(Attribute::tensor_dimensions, CUDNN_ATTR_TENSOR_DIMENSIONS));
static_assert(same(Attribute::tensor_strides, CUDNN_ATTR_TENSOR_STRIDES));
static_assert(same(Attribute::tensor_id, CUDNN_ATTR_TENSOR_UNIQUE_ID));
static_assert(same(Attribute::pack_ids, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS));
static_assert(same(Attribute::pack_pointers, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS));
static_assert(same(Attribute::pack_workspace, CUDNN_ATTR_VARIANT_PACK_WORKSPACE));
static_assert(same(Attribute::engine_index, CUDNN_ATTR_ENGINE_GLOBAL_INDEX));
static_assert(same(Attribute::engine_numerical_notes, CUDNN_ATTR_ENGINE_NUMERICAL_NOTE));
static_assert(same(Attribute::plan_handle, CUDNN_ATTR_EXECUTION_PLAN_HANDLE));
static_assert(same(Attribute::graph_handle, CUDNN_ATTR_OPERATIONGRAPH_HANDLE));
static_assert(same(Attribute::device_json, CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION));
static_assert(same(Type::data_type, CUDNN_TYPE_DATA_TYPE) && same(Type::int64, CUDNN_TYPE_INT64));
static_assert(same(Type::float32, CUDNN_TYPE_FLOAT) && same(Type::pointer, CUDNN_TYPE_VOID_PTR));
static_assert(same(Type::convolution_mode, CUDNN_TYPE_CONVOLUTION_MODE));
static_assert(same(Type::heuristics_mode, CUDNN_TYPE_HEUR_MODE));
static_assert(same(Type::numerical_note, CUDNN_TYPE_NUMERICAL_NOTE));
static_assert(same(Type::descriptor, CUDNN_TYPE_BACKEND_DESCRIPTOR));
static_assert(same(Type::handle, CUDNN_TYPE_HANDLE) && same(Type::character, CUDNN_TYPE_CHAR));
static_assert(same(Data::f32, CUDNN_DATA_FLOAT) && same(Data::f16, CUDNN_DATA_HALF));
static_assert(same(Data::bf16, CUDNN_DATA_BFLOAT16));
static_assert(same(Heuristics::a, CUDNN_HEUR_MODE_A) && same(Heuristics::fallback, CUDNN_HEUR_MODE_FALLBACK));
static_assert(same(NumericalNote::tensor_core, CUDNN_NUMERICAL_NOTE_TENSOR_CORE));
static_assert(same(NumericalNote::down_converts, CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS));
static_assert(same(NumericalNote::fft, CUDNN_NUMERICAL_NOTE_FFT));
static_assert(same(NumericalNote::nondeterministic, CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC));
static_assert(same(NumericalNote::winograd, CUDNN_NUMERICAL_NOTE_WINOGRAD));

}  // namespace

TEST_CASE("own declarations agree with NVIDIA's headers") { MESSAGE("compared with cuDNN ", CUDNN_VERSION); }
#else
TEST_CASE("own declarations agree with NVIDIA's headers") {
  MESSAGE("left out: cuda.h, nvrtc.h and cudnn_graph.h are not all installed");
}
#endif
