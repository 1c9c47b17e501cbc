#pragma once
/// What a caller tells a layer about one forward pass.

#include <pix2pixhd/core/need.hpp>
#include <pix2pixhd/core/tensor.hpp>

namespace pix2pixhd::inline v0 {

/// Passed to a layer's `forward`. The defaults are those of an ordinary pass.
struct Ask {
  /// What backward will be asked for; a layer saves no more than that takes.
  Need need = Need::both;
  /// To be added to the result after the activation. Given only to layers that declare `adds_skip`.
  const Tensor* add = nullptr;
  /// Save the input only and run forward again in backward: less memory for more arithmetic. A combinator that cannot
  /// do so passes it on.
  bool recompute = false;
  /// This is that second run: batch norm does not move its running statistics again.
  bool replay = false;
  /// Train with batch norm's running statistics as constants, as in fine-tuning on few pictures.
  bool running_statistics = false;
  /// In inference, what a block leaves to be normalised by its reader is stored in f32, as far as the backend can mix
  /// that with activations of 16 bits.
  bool stored_as_float = false;

  /// The same pass for an inner layer: with its own need, without the skip.
  Ask inner(Need inner_need) const {
    Ask result = *this;
    result.need = inner_need;
    result.add = nullptr;
    return result;
  }
};

}  // namespace pix2pixhd::inline v0
