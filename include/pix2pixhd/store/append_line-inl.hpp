#pragma once

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/store/append_line.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace pix2pixhd::inline v0::detail {

PIX2PIXHD_INLINE void append_line(int descriptor, std::string_view line, const std::filesystem::path& path) {
  const auto fail = [&](int problem, const char* what) {
    throw Error(sentence(path, " ", what, ": ", std::generic_category().message(problem), "."));
  };
  struct stat before {};
  if (::fstat(descriptor, &before) != 0) fail(errno, "cannot be written");
  ssize_t written = 0;
  do written = ::write(descriptor, line.data(), line.size());
  while (written < 0 && errno == EINTR);
  if (written == static_cast<ssize_t>(line.size())) return;
  // A full disk takes a part of a line. Without it the next line stands on a line of its own.
  const int problem = written < 0 ? errno : ENOSPC;
  if (::ftruncate(descriptor, before.st_size) != 0) fail(errno, "could not be written, and ends in a part of a line");
  fail(problem, "could not be written; the lines before are unchanged");
}

}  // namespace pix2pixhd::inline v0::detail
