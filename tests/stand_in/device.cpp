// The stand-in's device, and how tests steer it.
#include "device.hpp"

#include "control.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <utility>

namespace stand_in {

thread_local int contexts_in_use = 0;

Device& device() {
  static Device the_device;
  return the_device;
}

bool Device::holds(std::uintptr_t address, std::size_t bytes) const {
  const auto after = allocations.upper_bound(address);
  if (after == allocations.begin()) return false;
  const auto& [begin, size] = *std::prev(after);
  return address + bytes <= begin + size;
}

void check_guard(std::uintptr_t address, std::size_t bytes) {
  const auto* guard = reinterpret_cast<const unsigned char*>(address + bytes);
  if (std::all_of(guard, guard + guard_bytes, [](unsigned char byte) { return byte == 0xff; })) return;
  std::fprintf(stderr, "stand-in: a kernel or a copy wrote behind the end of an allocation of %zu bytes\n", bytes);
  std::abort();
}

void Device::put(CUstream_st* stream, std::function<void()> work) {
  if (stream->captured) {
    stream->captured->push_back(std::move(work));
    return;
  }
  constexpr std::size_t most_waiting = std::size_t{1} << 16;  // tens of megabytes, and far more than any test puts
  stream->waiting.push_back(std::move(work));
  ++stream->put;
  if (stream->waiting.size() > most_waiting) finish();
}

bool Device::recording() const {
  return std::any_of(streams.begin(), streams.end(), [](const CUstream_st* one) { return one->captured != nullptr; });
}

void Device::finish() {
  for (CUstream_st* stream : streams) {
    for (const auto& work : std::exchange(stream->waiting, {})) work();
  }
}

void Device::wait() {
  if (std::any_of(streams.begin(), streams.end(), [](const CUstream_st* one) { return !one->waiting.empty(); }))
    ++waits;
  finish();
}

Call::Call(const char* name, bool needs_context) : lock(device().mutex) {
  Device& d = device();
  ++d.calls[name];
  d.called.notify_all();
  if (d.failing == name && d.fails_after-- == 0) {
    d.failing.clear();
    failure = d.failure;
  } else if (needs_context && contexts_in_use == 0) {
    failure = 201;  // CUDA_ERROR_INVALID_CONTEXT
  }
}

}  // namespace stand_in

void stand_in_fail(const char* function, int after, int result) {
  stand_in::Device& d = stand_in::device();
  const std::lock_guard lock(d.mutex);
  d.failing = function;
  d.fails_after = after;
  d.failure = result;
}

void stand_in_set_memory(std::size_t bytes) {
  const std::lock_guard lock(stand_in::device().mutex);
  stand_in::device().memory = bytes;
}

std::size_t stand_in_allocated() {
  const std::lock_guard lock(stand_in::device().mutex);
  return stand_in::device().allocated;
}

int stand_in_pinned() {
  const std::lock_guard lock(stand_in::device().mutex);
  return stand_in::device().pinned;
}

void stand_in_set_old_devices(int count) {
  const std::lock_guard lock(stand_in::device().mutex);
  stand_in::device().old_devices = count;
}

void stand_in_set_engines(int count) {
  const std::lock_guard lock(stand_in::device().mutex);
  stand_in::device().engines = count;
}

int stand_in_last_engine() {
  const std::lock_guard lock(stand_in::device().mutex);
  return stand_in::device().last_engine;
}

int stand_in_calls(const char* function) {
  const std::lock_guard lock(stand_in::device().mutex);
  return stand_in::device().calls[function];
}

int stand_in_waits() {
  const std::lock_guard lock(stand_in::device().mutex);
  return stand_in::device().waits;
}

void stand_in_await(const char* function) {
  stand_in::Device& d = stand_in::device();
  const std::lock_guard lock(d.mutex);
  d.awaited = function;
  d.came = false;
}

bool stand_in_came() {
  const std::lock_guard lock(stand_in::device().mutex);
  return stand_in::device().came;
}
