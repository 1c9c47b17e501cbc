#pragma once
/// Threads, as many as can be had.

#include <pix2pixhd/version.hpp>

#include <cstddef>
#include <system_error>
#include <vector>

namespace pix2pixhd::inline v0::detail {

/// Starts `count` threads that run work(0), work(1), ... and puts them into `threads`, which has to be empty; fewer
/// where the machine gives no more. Who calls this must do with any number, also with none.
template <class Thread, class Work>
void start_threads(std::vector<Thread>& threads, int count, const Work& work) {
  threads.reserve(static_cast<std::size_t>(count > 0 ? count : 0));
  try {
    for (int i = 0; i < count; ++i) threads.emplace_back([work, i] { work(i); });
  } catch (const std::system_error&) {  // those that are there do the work
  }
}

}  // namespace pix2pixhd::inline v0::detail
