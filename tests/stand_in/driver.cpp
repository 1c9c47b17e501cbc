// The functions of the CUDA driver.
#include "device.hpp"

#include <pix2pixhd/backend/cuda/driver.hpp>
#include <pix2pixhd/backend/cuda/kernels/arguments.hpp>

#include <chrono>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <utility>

using pix2pixhd::backend_cuda::kernels::threads_per_block;
using stand_in::Call;
using stand_in::device;
using stand_in::Event;
using stand_in::HostKernel;

namespace {

constexpr int invalid_value = 1, out_of_memory = 2, not_found = 500, not_ready = 600, not_permitted = 800,
              captured_event = 907;

struct Module {
  const HostKernel* (*find)(const char* name);
};
using Work = std::vector<std::function<void()>>;

}  // namespace

extern "C" {

int cuInit(unsigned) { return Call("cuInit", false).failure; }
int cuDriverGetVersion(int* version) {
  *version = 13000;
  return 0;
}
int cuGetErrorName(int result, const char** text) {
  *text = result == out_of_memory ? "CUDA_ERROR_OUT_OF_MEMORY" : "CUDA_ERROR_OF_THE_STAND_IN";
  return 0;
}
int cuGetErrorString(int, const char** text) {
  *text = "from the tests' stand-in";
  return 0;
}

int cuDeviceGetCount(int* count) {
  const Call call("cuDeviceGetCount", false);
  *count = device().old_devices + 1;
  return call.failure;
}
int cuDeviceGet(int* result, int ordinal) {
  *result = ordinal;
  return ordinal >= 0 && ordinal <= device().old_devices ? 0 : invalid_value;
}
int cuDeviceGetName(char* name, int length, int) {
  std::strncpy(name, "stand-in for tests, no GPU", static_cast<std::size_t>(length));
  return 0;
}
int cuDeviceGetAttribute(int* value, int attribute, int number) {
  const int capability = number < device().old_devices ? 7 : 9;
  *value = attribute == 75 ? capability : attribute == 16 ? 132 : 0;
  return 0;
}
int cuDevicePrimaryCtxRetain(void** context, int) {
  const Call call("cuDevicePrimaryCtxRetain", false);
  *context = &device();
  return call.failure;
}
int cuDevicePrimaryCtxRelease_v2(int) { return 0; }
int cuCtxPushCurrent_v2(void*) {
  const Call call("cuCtxPushCurrent", false);
  if (call.failure == 0) ++stand_in::contexts_in_use;
  return call.failure;
}
int cuCtxPopCurrent_v2(void** context) {
  *context = &device();
  --stand_in::contexts_in_use;
  return 0;
}

int cuMemAlloc_v2(unsigned long long* address, std::size_t bytes) {
  const Call call("cuMemAlloc");
  if (call.failure) return call.failure;
  if (device().allocated + bytes > device().memory) return out_of_memory;
  void* const memory = ::operator new (bytes + stand_in::guard_bytes, std::align_val_t{512});
  std::memset(memory, 0xff, bytes + stand_in::guard_bytes);  // NaN
  device().allocations[reinterpret_cast<std::uintptr_t>(memory)] = bytes;
  device().allocated += bytes;
  *address = reinterpret_cast<std::uintptr_t>(memory);
  return 0;
}
int cuMemFree_v2(unsigned long long address) {
  const Call call("cuMemFree");
  if (call.failure) return call.failure;
  if (device().recording()) return not_permitted;  // it waits for the device
  device().wait();
  const auto found = device().allocations.find(static_cast<std::uintptr_t>(address));
  if (found == device().allocations.end()) return invalid_value;
  device().allocated -= found->second;
  stand_in::check_guard(found->first, found->second);
  device().allocations.erase(found);
  ::operator delete (reinterpret_cast<void*>(static_cast<std::uintptr_t>(address)), std::align_val_t{512});
  return 0;
}
int cuMemGetInfo_v2(std::size_t* free, std::size_t* total) {
  const Call call("cuMemGetInfo");
  *total = device().memory;
  *free = device().memory - device().allocated;
  return call.failure;
}
int cuMemAllocHost_v2(void** memory, std::size_t bytes) {
  const Call call("cuMemAllocHost");
  if (call.failure) return call.failure;
  *memory = ::operator new(bytes);
  ++device().pinned;
  return 0;
}
int cuMemFreeHost(void* memory) {
  const Call call("cuMemFreeHost");
  if (call.failure) return call.failure;
  device().finish();
  ::operator delete(memory);
  --device().pinned;
  return 0;
}

int cuMemcpyHtoDAsync_v2(unsigned long long to, const void* from, std::size_t bytes, CUstream_st* stream) {
  const Call call("cuMemcpyHtoDAsync");
  if (call.failure) return call.failure;
  if (!device().holds(static_cast<std::uintptr_t>(to), bytes)) return invalid_value;
  device().put(stream, [=] { std::memcpy(reinterpret_cast<void*>(static_cast<std::uintptr_t>(to)), from, bytes); });
  return 0;
}
int cuMemcpyDtoHAsync_v2(void* to, unsigned long long from, std::size_t bytes, CUstream_st* stream) {
  const Call call("cuMemcpyDtoHAsync");
  if (call.failure) return call.failure;
  if (!device().holds(static_cast<std::uintptr_t>(from), bytes)) return invalid_value;
  device().put(stream, [=] { std::memcpy(to, reinterpret_cast<void*>(static_cast<std::uintptr_t>(from)), bytes); });
  return 0;
}
int cuMemcpyDtoDAsync_v2(unsigned long long to, unsigned long long from, std::size_t bytes, CUstream_st* stream) {
  const Call call("cuMemcpyDtoDAsync");
  if (call.failure) return call.failure;
  const auto a = static_cast<std::uintptr_t>(to), b = static_cast<std::uintptr_t>(from);
  if (!device().holds(a, bytes) || !device().holds(b, bytes)) return invalid_value;
  device().put(stream, [=] { std::memmove(reinterpret_cast<void*>(a), reinterpret_cast<void*>(b), bytes); });
  return 0;
}
int cuMemsetD8Async(unsigned long long to, unsigned char value, std::size_t bytes, CUstream_st* stream) {
  const Call call("cuMemsetD8Async");
  if (call.failure) return call.failure;
  const auto a = static_cast<std::uintptr_t>(to);
  if (!device().holds(a, bytes)) return invalid_value;
  device().put(stream, [=] { std::memset(reinterpret_cast<void*>(a), value, bytes); });
  return 0;
}

int cuStreamCreate(CUstream_st** stream, unsigned) {
  const Call call("cuStreamCreate");
  if (call.failure) return call.failure;
  *stream = new CUstream_st;
  device().streams.push_back(*stream);
  return 0;
}
int cuStreamDestroy_v2(CUstream_st* stream) {
  const Call call("cuStreamDestroy");
  device().finish();
  std::erase(device().streams, stream);
  delete stream;
  return call.failure;
}
int cuStreamSynchronize(CUstream_st* stream) {
  const Call call("cuStreamSynchronize");
  if (call.failure) return call.failure;
  if (stream->captured) return not_permitted;
  device().wait();
  return 0;
}
int cuEventCreate(Event** event, unsigned) {
  const Call call("cuEventCreate");
  if (call.failure == 0) *event = new Event;
  return call.failure;
}
int cuEventDestroy_v2(Event* event) {
  delete event;
  return 0;
}
int cuEventRecord(Event* event, CUstream_st* stream) {
  const Call call("cuEventRecord");
  if (call.failure) return call.failure;
  event->captured = stream->captured != nullptr;
  if (event->captured) return 0;
  device().put(stream, [time = event->milliseconds] { *time = device().milliseconds; });
  event->stream = stream;
  event->after = stream->put;
  return 0;
}
int cuEventSynchronize(Event* event) {
  Call call("cuEventSynchronize");
  if (event->captured) return captured_event;
  if (call.failure || event->reached()) return call.failure;
  stand_in::Device& d = device();
  if (const std::string awaited = std::exchange(d.awaited, {}); !awaited.empty())
    d.came = d.called.wait_for(call.lock, std::chrono::seconds(30),
                               [&, before = d.calls[awaited]] { return d.calls[awaited] > before; });
  d.wait();
  return 0;
}
int cuEventQuery(Event* event) {
  const Call call("cuEventQuery");
  if (event->captured) return captured_event;
  return call.failure || event->reached() ? call.failure : not_ready;
}
int cuEventElapsedTime(float* milliseconds, Event* from, Event* to) {
  if (from->captured || to->captured) return captured_event;
  *milliseconds = static_cast<float>(*to->milliseconds - *from->milliseconds);
  return 0;
}

int cuModuleLoadData(Module** module, const void* image) {
  const Call call("cuModuleLoadData");
  if (call.failure) return call.failure;
  const auto* text = static_cast<const char*>(image);
  if (std::strcmp(text, "stand-in f32") == 0)
    *module = new Module{stand_in::kernels_f32::find_kernel};
  else if (std::strcmp(text, "stand-in bf16") == 0)
    *module = new Module{stand_in::kernels_bf16::find_kernel};
  else if (std::strcmp(text, "stand-in f16") == 0)
    *module = new Module{stand_in::kernels_f16::find_kernel};
  else
    return invalid_value;
  return 0;
}
int cuModuleUnload(Module* module) {
  const Call call("cuModuleUnload");
  device().finish();
  delete module;
  return call.failure;
}
int cuModuleGetFunction(const HostKernel** function, Module* module, const char* name) {
  const Call call("cuModuleGetFunction");
  *function = module->find(name);
  return call.failure ? call.failure : *function ? 0 : not_found;
}
int cuLaunchKernel(const HostKernel* function, unsigned x, unsigned y, unsigned z, unsigned threads, unsigned, unsigned,
                   unsigned, CUstream_st* stream, void** arguments, void**) {
  const Call call("cuLaunchKernel");
  if (call.failure) return call.failure;
  if (threads != threads_per_block || x == 0 || y == 0 || z == 0 || y > 65535 || z > 65535) return invalid_value;
  const auto* first = static_cast<const char*>(arguments[0]);
  device().put(stream, [=, copy = std::vector<char>(first, first + function->arguments)] {
    function->run(x, y, z, copy.data());
  });
  return 0;
}

int cuStreamBeginCapture_v2(CUstream_st* stream, int) {
  const Call call("cuStreamBeginCapture");
  if (call.failure) return call.failure;
  stream->captured = new Work;
  return 0;
}
int cuStreamEndCapture(CUstream_st* stream, Work** graph) {
  const Call call("cuStreamEndCapture");
  *graph = std::exchange(stream->captured, nullptr);
  if (call.failure) delete std::exchange(*graph, nullptr);
  return call.failure;
}
int cuGraphInstantiateWithFlags(Work** exec, Work* graph, unsigned long long) {
  const Call call("cuGraphInstantiate");
  if (call.failure == 0) *exec = new Work(*graph);
  return call.failure;
}
int cuGraphLaunch(Work* exec, CUstream_st* stream) {
  const Call call("cuGraphLaunch");
  if (call.failure) return call.failure;
  for (const auto& work : *exec) device().put(stream, work);
  return 0;
}
int cuGraphDestroy(Work* graph) {
  delete graph;
  return 0;
}
int cuGraphExecDestroy(Work* exec) {
  const Call call("cuGraphExecDestroy");
  device().finish();
  delete exec;
  return call.failure;
}

}  // extern "C"
