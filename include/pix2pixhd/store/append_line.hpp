#pragma once
/// Files that grow line by line.

#include <filesystem>
#include <string_view>

namespace pix2pixhd::inline v0::detail {

/// Appends a line, with its end, to a file that was opened with O_APPEND. It is handed to the system whole, so that a
/// killed program leaves whole lines. Error, naming `path`, where it cannot be written; the file is then as before.
void append_line(int descriptor, std::string_view line, const std::filesystem::path& path);

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/store/append_line-inl.hpp>
#endif
