#include <pix2pixhd/images/c_library.hpp>

#include <doctest/doctest.h>

#include <string>

using pix2pixhd::detail::CLibraryFailure;
using pix2pixhd::detail::run_guarded;

TEST_CASE("work that ends is told from work that a C library leaves") {
  CLibraryFailure failure;
  int steps = 0;
  CHECK(run_guarded(failure, [&] { ++steps; }));
  CHECK_FALSE(run_guarded(failure, [&] {
    ++steps;
    failure.leave("it is broken");
  }));
  CHECK(steps == 2);
  CHECK(std::string(failure.text.data()) == "it is broken");
}

TEST_CASE("a message that is too long is cut") {
  CLibraryFailure failure;
  const std::string message(1000, 'm');
  CHECK_FALSE(run_guarded(failure, [&] { failure.leave(message); }));
  CHECK(std::string(failure.text.data()) == message.substr(0, failure.text.size() - 1));
}
