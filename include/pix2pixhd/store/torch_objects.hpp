#pragma once
/// The storages and tensors that a pickle describes.

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/store/pickle_globals.hpp>
#include <pix2pixhd/store/pickle_value.hpp>
#include <pix2pixhd/store/strided_tensor.hpp>
#include <pix2pixhd/store/tensor_file_base.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace pix2pixhd::inline v0::detail {

/// Interprets what PyTorch puts into a pickle: persistent ids are storages, calls of a few known functions are tensors.
/// Nothing is executed; a call only makes a description, whose bounds are checked later, in collect_tensors. Throws
/// Error with half a sentence, to which the unpickler adds the file.
class TorchObjects {
 public:
  /// A storage from a persistent id, ("storage", type, key, location, count[, view]).
  PickleValue persistent(const PickleHeap& heap, const PickleValue& id);

  /// What `function(*arguments)` gives. `consumed` is the number of pickle bytes read so far.
  PickleValue call(PickleHeap& heap, const PickleValue& function, const PickleValue& arguments, std::size_t consumed);

  const std::vector<TensorStorage>& storages() const { return storages_; }
  const StridedTensor& tensor(const PickleValue& value) const {
    return tensors_[static_cast<std::size_t>(value.number)];
  }

  /// The storage of that key, or nothing.
  std::optional<std::size_t> find_storage(std::string_view key) const;

 private:
  /// A storage as tensors see it: files of the first releases know storages that are parts of others.
  struct StorageView {
    std::size_t storage = 0;
    std::int64_t offset = 0;
  };

  PickleValue rebuild_tensor(PickleHeap& heap, const std::vector<PickleValue>& arguments, PickleRole role,
                             std::size_t consumed);

  std::vector<TensorStorage> storages_;
  std::unordered_map<std::string, std::size_t> by_key_;
  std::vector<StorageView> views_;
  std::vector<StridedTensor> tensors_;
};

/// A tensor under its full name.
struct NamedTensor {
  std::string name;
  StridedTensor tensor;
  ByteRange range;
};

/// All tensors below `root`, which must be a dict. The keys of nested dicts are joined by '.'; integers are keys too.
/// Leaves that are no tensors, and lists, are passed over. Throws Error naming `file` and the tensor if one does not
/// lie inside its storage, and where the nesting is deeper or the names are longer than a file of `consumed` pickle
/// bytes justifies.
std::vector<NamedTensor> collect_tensors(const PickleHeap& heap, const TorchObjects& objects, const PickleValue& root,
                                         std::size_t consumed, const std::filesystem::path& file);

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/store/torch_objects-inl.hpp>
#endif
