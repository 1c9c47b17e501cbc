#pragma once
/// Calling C libraries that report an error by a function that must not return (libpng, libjpeg).

#include <pix2pixhd/version.hpp>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <string_view>
#include <type_traits>

namespace pix2pixhd::inline v0::detail {

/// Where such a library's error function jumps to, and what it said. It is the library's "error pointer".
struct CLibraryFailure {
  std::jmp_buf back;
  std::array<char, 256> text{};

  /// To be called by the library's error function. It must be called while run_guarded() is at work.
  [[noreturn]] void leave(std::string_view message) {
    const std::size_t length = std::min(message.size(), text.size() - 1);
    std::copy_n(message.data(), length, text.data());
    text[length] = '\0';
    std::longjmp(back, 1);
  }
};

/// Runs `work` and returns whether it ended; false where the library left it by failure.leave().
/// longjmp skips destructors: `work` calls nothing but the C library and holds no object that has one. Memory is taken
/// and exceptions are thrown outside.
template <class Work>
[[nodiscard]] bool run_guarded(CLibraryFailure& failure, const Work& work) {
  static_assert(std::is_trivially_destructible_v<Work>, "run_guarded: capture by reference.");
  if (setjmp(failure.back) != 0) return false;
  work();
  return true;
}

}  // namespace pix2pixhd::inline v0::detail
