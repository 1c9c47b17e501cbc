#pragma once
/// Whether a pass is for inference or for training, and what a backward pass has to deliver.

#include <pix2pixhd/version.hpp>

namespace pix2pixhd::inline v0 {

/// `infer` saves nothing and uses batch norm's running statistics; `train` saves what backward needs.
enum class Mode { infer, train };

/// What backward delivers, as flags. `keep` leaves the Context filled for a further backward.
enum class Need : unsigned { none = 0, input = 1, parameters = 2, both = 3, keep = 4 };

constexpr Need operator|(Need a, Need b) {
  return static_cast<Need>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr Need operator&(Need a, Need b) {
  return static_cast<Need>(static_cast<unsigned>(a) & static_cast<unsigned>(b));
}

/// True if `need` asks for `part`.
constexpr bool wants(Need need, Need part) { return (need & part) != Need::none; }

}  // namespace pix2pixhd::inline v0
