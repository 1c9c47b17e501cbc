#pragma once
/// Which tensor of a file belongs to which array of a network: the load policy.

#include <pix2pixhd/networks/visit.hpp>
#include <pix2pixhd/store/tensor_file.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pix2pixhd::inline v0 {

struct LoadOptions;

namespace detail {

/// The prefix with the '.' that a dictionary's keys have after its name, if `file` has keys that begin so: "G" is then
/// "G.", and keys of a neighbour "G_average." do not count.
std::string prefix_in(const TensorFile& file, const std::string& prefix);

/// The name of a key for a network: without `prefix` (see prefix_in) and without a `module.` before or after it.
/// Nothing if the key lies outside the prefix.
std::optional<std::string> name_under_prefix(std::string_view key, const std::string& prefix);

/// The type of network that a file's metadata name, see describe(): "Generator<0>". Empty where they name none.
std::string network_named_in(const TensorFile& file);

/// The entry of `file` for each array, in the order of the arrays. Throws OtherNetwork naming the file and the keys
/// that are missing, surplus or of another shape, and Error where another prefix would fit.
std::vector<const TensorEntry*> match_keys(const TensorFile& file, const std::vector<NamedArray>& arrays,
                                           const LoadOptions& options);

}  // namespace detail
}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/store/key_matching-inl.hpp>
#endif
