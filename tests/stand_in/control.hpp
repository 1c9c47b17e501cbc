#pragma once
/// How tests steer the stand-in: functions that it exports beside those of CUDA.

#include <cstddef>

extern "C" {
/// The call number `after` (from 0) of `function` from now on returns `result`; an empty name takes that back.
void stand_in_fail(const char* function, int after, int result);
/// Bytes of memory that the device has.
void stand_in_set_memory(std::size_t bytes);
/// Bytes that are allocated.
std::size_t stand_in_allocated();
/// Pieces of pinned host memory that are allocated.
int stand_in_pinned();
/// How many devices of too low a capability there are before the one that works, 0 to begin with.
void stand_in_set_old_devices(int count);
/// How many engines cuDNN proposes for a convolution, 1 to begin with. Number k of n takes n - k milliseconds.
void stand_in_set_engines(int count);
/// Number of the engine that was executed last.
int stand_in_last_engine();
/// How often `function` was called.
int stand_in_calls(const char* function);
/// How often somebody waited for work that was not done yet.
int stand_in_waits();
/// The next cuEventSynchronize for work that is not done waits besides until another thread calls `function`, or, where
/// that is kept from doing so, half a minute.
void stand_in_await(const char* function);
/// Whether that call came.
bool stand_in_came();
}
