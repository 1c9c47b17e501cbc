#pragma once
/// The cursor that yields the published state_dict keys.

#include <pix2pixhd/version.hpp>

#include <string>
#include <utility>

namespace pix2pixhd::inline v0 {

/// Where a layer stands in the published numbering: `scope` is a prefix, `slot` counts the layers of a sequence.
/// It travels through `visit`; each layer advances it by the slots that the published network gives it: reflection and
/// replication padding, nearest upsampling, convolution, norm, activation and VGG's pooling take one each; zero
/// padding and absent norms and activations take none.
struct Names {
  std::string scope = "model";
  int slot = 0;

  Names() = default;
  explicit Names(std::string new_scope, int first_slot = 0) : scope(std::move(new_scope)), slot(first_slot) {}

  /// "model.16".
  std::string here() const { return scope + "." + std::to_string(slot); }
  /// "model.16.weight".
  std::string of(const char* what) const { return here() + "." + what; }
  void skip(int slots = 1) { slot += slots; }
};

}  // namespace pix2pixhd::inline v0
