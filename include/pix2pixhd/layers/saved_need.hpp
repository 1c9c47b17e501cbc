#pragma once
/// What a combinator remembers of the need that forward was given.

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/core/need.hpp>

#include <utility>

namespace pix2pixhd::inline v0 {

/// Part of a combinator's context: nothing in inference; in training the need of the last forward pass, so that a
/// backward pass without one, or that asks for more, is an Error. Moving leaves an empty one behind.
template <Mode M>
struct SavedNeed {
  void set(Need) {}
};

template <>
struct SavedNeed<Mode::train> {
  Need need = Need::none;

  SavedNeed() = default;
  SavedNeed(SavedNeed&& other) noexcept : need(std::exchange(other.need, Need::none)) {}
  SavedNeed& operator=(SavedNeed&& other) noexcept {
    need = std::exchange(other.need, Need::none);
    return *this;
  }
  ~SavedNeed() = default;

  void set(Need asked) {
    detail::require(
        need == Need::none,
        "the context of a forward pass is still full; run backward first, or use another context, as after a "
        "forward pass that failed.");
    need = asked & Need::both;
  }

  /// Checks what backward asks for and empties itself unless it is to be kept.
  void take(Need asked, const char* who) {
    const Need wanted = asked & Need::both;
    detail::require(need != Need::none, who,
                    ": backward without a forward pass in Mode::train before it (the context is empty).");
    detail::require((wanted & need) == wanted, who,
                    ": backward was asked for more than forward saved; run forward with the same need.");
    if (!wants(asked, Need::keep)) need = Need::none;
  }
};

}  // namespace pix2pixhd::inline v0
