#pragma once
/// What the library throws.

#include <pix2pixhd/version.hpp>

#include <cstddef>
#include <locale>
#include <sstream>
#include <stdexcept>
#include <string>

namespace pix2pixhd::inline v0 {

/// Everything that the library throws by itself. `what()` is one or two sentences, the last with its full stop too:
/// what was wrong, where (file, pixel, key, layer), what is allowed, what to do.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Memory that was asked for and not to be had; the program stays usable.
class OutOfMemory : public Error {
 public:
  using Error::Error;
};

/// Work that was given up because its stop token was triggered.
class Stopped : public Error {
 public:
  using Error::Error;
};

namespace detail {

/// Concatenates anything that can be streamed: `sentence("width is ", 3, ", at least 4 is needed")`. Numbers are
/// written alike in every locale, because sentences also go into files, whose readers compare them.
template <class... Parts>
std::string sentence(const Parts&... parts) {
  std::ostringstream out;
  out.imbue(std::locale::classic());
  (out << ... << parts);
  return out.str();
}

/// Throws Error with the concatenated sentence unless `condition` holds.
template <class... Parts>
void require(bool condition, const Parts&... parts) {
  if (!condition) throw Error(sentence(parts...));
}

}  // namespace detail
}  // namespace pix2pixhd::inline v0
