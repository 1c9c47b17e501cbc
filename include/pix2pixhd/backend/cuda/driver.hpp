#pragma once
/// The CUDA driver (libcuda): own declarations of what is used of it. tests/backend/cuda/libraries/headers.cpp compares
/// them with NVIDIA's where these are installed.

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/version.hpp>

#include <cstddef>
#include <string>

namespace pix2pixhd::inline v0::backend_cuda::driver {

using Result = int;
using DeviceIndex = int;
using Address = unsigned long long;
using Context = struct CUctx_st*;
using Stream = struct CUstream_st*;
using Event = struct CUevent_st*;
using Module = struct CUmod_st*;
using Function = struct CUfunc_st*;
using Graph = struct CUgraph_st*;
using GraphExec = struct CUgraphExec_st*;

inline constexpr Result success = 0, out_of_memory = 2, not_ready = 600;

/// CUdevice_attribute.
enum class Attribute : int {
  multiprocessors = 16,
  capability_major = 75,
  capability_minor = 76,
};

inline constexpr unsigned stream_non_blocking = 1;  ///< CU_STREAM_NON_BLOCKING
inline constexpr int capture_mode_relaxed = 2;      ///< CU_STREAM_CAPTURE_MODE_RELAXED

/// The functions, and why they are not to be had. Addresses are of device memory.
struct Functions {
  std::string problem;  ///< empty if all is well
  int version = 0;      ///< 13000 is CUDA 13.0

  Result (*init)(unsigned flags) = nullptr;
  Result (*driver_version)(int* version) = nullptr;
  Result (*error_name)(Result result, const char** text) = nullptr;
  Result (*error_string)(Result result, const char** text) = nullptr;

  Result (*device_count)(int* count) = nullptr;
  Result (*device)(DeviceIndex* device, int ordinal) = nullptr;
  Result (*device_name)(char* name, int length, DeviceIndex device) = nullptr;
  Result (*device_attribute)(int* value, Attribute attribute, DeviceIndex device) = nullptr;
  Result (*retain_context)(Context* context, DeviceIndex device) = nullptr;
  Result (*release_context)(DeviceIndex device) = nullptr;
  Result (*push_context)(Context context) = nullptr;
  Result (*pop_context)(Context* context) = nullptr;

  Result (*allocate)(Address* address, std::size_t bytes) = nullptr;
  Result (*free)(Address address) = nullptr;
  Result (*memory)(std::size_t* free, std::size_t* total) = nullptr;
  Result (*allocate_host)(void** memory, std::size_t bytes) = nullptr;
  Result (*free_host)(void* memory) = nullptr;
  Result (*copy_to_device)(Address to, const void* from, std::size_t bytes, Stream stream) = nullptr;
  Result (*copy_to_host)(void* to, Address from, std::size_t bytes, Stream stream) = nullptr;
  Result (*copy_on_device)(Address to, Address from, std::size_t bytes, Stream stream) = nullptr;
  Result (*fill_bytes)(Address to, unsigned char value, std::size_t count, Stream stream) = nullptr;

  Result (*create_stream)(Stream* stream, unsigned flags) = nullptr;
  Result (*destroy_stream)(Stream stream) = nullptr;
  Result (*synchronise)(Stream stream) = nullptr;
  Result (*create_event)(Event* event, unsigned flags) = nullptr;
  Result (*destroy_event)(Event event) = nullptr;
  Result (*record_event)(Event event, Stream stream) = nullptr;
  Result (*wait_event)(Event event) = nullptr;
  Result (*query_event)(Event event) = nullptr;  ///< not_ready: what it was recorded after is under way
  Result (*elapsed)(float* milliseconds, Event from, Event to) = nullptr;

  Result (*load_module)(Module* module, const void* image) = nullptr;
  Result (*unload_module)(Module module) = nullptr;
  Result (*find_function)(Function* function, Module module, const char* name) = nullptr;
  Result (*launch)(Function function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,
                   unsigned block_y, unsigned block_z, unsigned shared_bytes, Stream stream, void** arguments,
                   void** extra) = nullptr;

  Result (*begin_capture)(Stream stream, int mode) = nullptr;
  Result (*end_capture)(Stream stream, Graph* graph) = nullptr;
  Result (*instantiate)(GraphExec* exec, Graph graph, unsigned long long flags) = nullptr;
  Result (*launch_graph)(GraphExec exec, Stream stream) = nullptr;
  Result (*destroy_graph)(Graph graph) = nullptr;
  Result (*destroy_exec)(GraphExec exec) = nullptr;
};

/// Loads the driver at the first call. PIX2PIXHD_CUDA_DRIVER may name the file. Drivers for CUDA 12 and later are
/// taken.
const Functions& functions();

/// "CUDA_ERROR_OUT_OF_MEMORY (out of memory)".
std::string describe(Result result);

}  // namespace pix2pixhd::inline v0::backend_cuda::driver

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cuda/driver-inl.hpp>
#endif
