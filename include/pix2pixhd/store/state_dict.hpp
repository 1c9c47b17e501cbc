#pragma once
/// Weights of networks to and from files.

#include <pix2pixhd/networks/describe.hpp>
#include <pix2pixhd/networks/visit.hpp>
#include <pix2pixhd/store/tensor_file.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace pix2pixhd::inline v0 {

/// How a file's keys are matched with a network's.
struct LoadOptions {
  /// Only keys that begin with it count, without it ("netG." or "netG"); nested dictionaries are joined by '.'.
  std::string prefix = {};
  /// Beginnings of keys that the network does not have and that may be there all the same.
  std::vector<std::string> extra = {};
  /// Copy all values, so that the file may be changed afterwards. See load().
  bool copy = false;
};

/// A file whose keys or shapes are not those of the network that it was to be loaded into.
class OtherNetwork : public Error {
 public:
  using Error::Error;
};

namespace detail {

void load_arrays(Device& device, const std::vector<NamedArray>& arrays, const std::filesystem::path& path,
                 const LoadOptions& options);
void save_arrays(Device& device, const std::vector<NamedArray>& arrays, const std::filesystem::path& path,
                 const Metadata& metadata);

}  // namespace detail

/// Loads a network (or a part of one) from a .safetensors or .pth file, told by content.
///
/// Every key of the network must be there and fit; f16, bf16 and f64 are converted. A `dynamic` number of input
/// channels is taken from the file. Surplus keys are an Error unless they begin with one of LoadOptions::extra. Ignored
/// always: a `module.` prefix, torchvision's VGG-19 beyond features.28, running statistics in an instance-norm slot,
/// num_batches_tracked. Everything is checked and read before anything is changed.
///
/// On the CPU the f32 weights of a .safetensors or .pth file stay where they are: they are read from the file's pages,
/// which the system keeps for all programs, and are copied only when they are changed (learnt, for example). The file
/// may be deleted, or replaced by renaming another to its name, as save() does. If it is changed in place, the next
/// operation on these weights throws Error; a file that is cut off during a pass ends the program (SIGBUS). Where that
/// can happen, set LoadOptions::copy. On network file systems, which may fail alike, values are always copied.
///
/// Throws Error naming file and keys, and if two arrays of the network have one name; OtherNetwork where the file is in
/// order and another network would take it.
template <class Net>
void load(Device& device, Net& network, const std::filesystem::path& path, LoadOptions options = {}) {
  detail::load_arrays(device, named_arrays(network), path, options);
}

/// Saves a network as .safetensors, whole or not at all: under a temporary name first, then renamed. The metadata tell
/// type and shape of the network and how it takes pictures (see describe()), beside what is given. Throws Error if a
/// parameter has no values or the file cannot be written; what was there before then stays.
template <class Net>
void save(Device& device, const Net& network, const std::filesystem::path& path, const Metadata& metadata = {}) {
  Metadata all = describe(network);
  for (const auto& [key, value] : metadata) all[key] = value;
  detail::save_arrays(device, named_arrays(network), path, all);
}

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/store/state_dict-inl.hpp>
#endif
