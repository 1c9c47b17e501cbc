#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/store/torch_objects.hpp>

#include <utility>

namespace pix2pixhd::inline v0::detail {

using PickleKind = PickleValue::Kind;

/// The role of a value that is a global, else nothing.
PIX2PIXHD_INLINE const PickleGlobal* as_global(const PickleValue& value) {
  return value.kind == PickleKind::global ? &pickle_global(static_cast<std::size_t>(value.number)) : nullptr;
}

/// The integers of a tuple or list, such as a shape.
PIX2PIXHD_INLINE std::vector<std::int64_t> integers_of(const PickleHeap& heap, const PickleValue& value) {
  require(value.kind == PickleKind::tuple || value.kind == PickleKind::list,
          "a tensor's shape or strides are no tuple");
  std::vector<std::int64_t> numbers;
  for (const PickleValue& item : heap.items(value)) {
    require(item.kind == PickleKind::integer, "a tensor's shape or strides are not integers of 64 bits");
    numbers.push_back(item.number);
  }
  return numbers;
}

/// Bytes of a storage's key: PyTorch counts storages, or takes their addresses. A longer text, which may be as long as
/// the file and stand in it once for many storages, is neither copied nor hashed.
inline constexpr std::size_t longest_storage_key = 256;

PIX2PIXHD_INLINE std::optional<std::size_t> TorchObjects::find_storage(std::string_view key) const {
  if (key.size() > longest_storage_key) return std::nullopt;
  const auto found = by_key_.find(std::string(key));
  if (found == by_key_.end()) return std::nullopt;
  return found->second;
}

PIX2PIXHD_INLINE PickleValue TorchObjects::persistent(const PickleHeap& heap, const PickleValue& id) {
  require(id.kind == PickleKind::tuple, "a persistent id is no tuple");
  const auto& parts = heap.items(id);
  require(parts.size() >= 5 && parts[0].kind == PickleKind::text && parts[0].text == "storage" &&
              parts[2].kind == PickleKind::text && parts[4].kind == PickleKind::integer,
          "a persistent id does not describe a storage");
  require(parts[2].text.size() <= longest_storage_key, "the key of a storage has ", parts[2].text.size(),
          " bytes, more than the ", longest_storage_key, " that are possible");
  const PickleGlobal* type = as_global(parts[1]);
  require(type != nullptr && type->role == PickleRole::storage_type, "the type of a storage is not a storage class");
  TensorStorage storage{.key = std::string(parts[2].text), .type = type->type, .count = parts[4].number};
  const auto [place, fresh] = by_key_.emplace(storage.key, storages_.size());
  if (fresh) {
    storages_.push_back(std::move(storage));
  } else {
    const TensorStorage& known = storages_[place->second];
    require(known.type == storage.type && known.count == storage.count, "the storage \"", printable(known.key),
            "\" is described in two different ways");
  }
  StorageView view{.storage = place->second};
  if (parts.size() > 5 && parts[5].kind == PickleKind::tuple) {
    const auto& part = heap.items(parts[5]);  // (key of the part, offset, count)
    require(part.size() == 3 && part[1].kind == PickleKind::integer && part[1].number >= 0,
            "a part of a storage is not described by key, offset and count");
    view.offset = part[1].number;
  }
  views_.push_back(view);
  return {.kind = PickleKind::storage, .number = static_cast<std::int64_t>(views_.size() - 1)};
}

PIX2PIXHD_INLINE PickleValue TorchObjects::rebuild_tensor(PickleHeap& heap, const std::vector<PickleValue>& arguments,
                                                          PickleRole role, std::size_t consumed) {
  require(arguments.size() >= (role == PickleRole::rebuild_tensor_v3 ? 7U : 4U) && arguments.size() <= 8 &&
              arguments[0].kind == PickleKind::storage && arguments[1].kind == PickleKind::integer,
          "a tensor is not described by storage, offset, size and stride");
  const StorageView& view = views_[static_cast<std::size_t>(arguments[0].number)];
  StridedTensor tensor{.storage = view.storage,
                       .type = storages_[view.storage].type,
                       .offset = 0,
                       .shape = integers_of(heap, arguments[2]),
                       .strides = integers_of(heap, arguments[3])};
  require(!__builtin_add_overflow(view.offset, arguments[1].number, &tensor.offset), "a tensor's offset overflows");
  if (role == PickleRole::rebuild_tensor_v3) {
    const PickleGlobal* type = as_global(arguments[6]);
    require(type != nullptr && type->role == PickleRole::number_type, "a tensor's type is not a torch.dtype");
    tensor.type = type->type;
  }
  heap.charge(1 + tensor.shape.size() + tensor.strides.size(), consumed);
  tensors_.push_back(std::move(tensor));
  return {.kind = PickleKind::tensor, .number = static_cast<std::int64_t>(tensors_.size() - 1)};
}

PIX2PIXHD_INLINE PickleValue TorchObjects::call(PickleHeap& heap, const PickleValue& function,
                                                const PickleValue& arguments, std::size_t consumed) {
  const PickleGlobal* global = as_global(function);
  require(global != nullptr && arguments.kind == PickleKind::tuple, "it calls something that is no known function");
  // A copy, because making values may move what the heap holds.
  const std::vector<PickleValue> given = heap.items(arguments);
  heap.charge(given.size(), consumed);
  switch (global->role) {
    case PickleRole::ordered_dict: {
      std::vector<PickleValue> items;
      if (!given.empty()) {  // Python 2: OrderedDict([[key, value], ...])
        require(given.size() == 1 && given[0].kind == PickleKind::list,
                "an OrderedDict is made from something else than a list");
        for (const PickleValue& pair : heap.items(given[0])) {
          require((pair.kind == PickleKind::list || pair.kind == PickleKind::tuple) && heap.items(pair).size() == 2,
                  "an OrderedDict is made from something else than pairs");
          items.insert(items.end(), heap.items(pair).begin(), heap.items(pair).end());
        }
      }
      return heap.make(PickleKind::dict, std::move(items), consumed);
    }
    case PickleRole::size:
      require(given.size() == 1 && (given[0].kind == PickleKind::tuple || given[0].kind == PickleKind::list),
              "a torch.Size is not made from a tuple");
      return {.kind = PickleKind::tuple, .number = given[0].number};
    case PickleRole::rebuild_tensor:
    case PickleRole::rebuild_tensor_v2:
    case PickleRole::rebuild_tensor_v3:
      return rebuild_tensor(heap, given, global->role, consumed);
    case PickleRole::rebuild_parameter:
      require(!given.empty() && given[0].kind == PickleKind::tensor, "a parameter is not made from a tensor");
      return given[0];
    case PickleRole::rebuild_from_type: {
      const PickleGlobal* inner = given.size() >= 3 ? as_global(given[0]) : nullptr;
      const PickleGlobal* made = given.size() >= 3 ? as_global(given[1]) : nullptr;
      require(inner != nullptr && inner->role != PickleRole::rebuild_from_type && made != nullptr &&
                  made->role == PickleRole::tensor_class,
              "a tensor is of a class that is neither torch.Tensor nor Parameter");
      return call(heap, given[0], given[2], consumed);
    }
    case PickleRole::device:
      return {.kind = PickleKind::opaque};
    case PickleRole::tensor_class:
    case PickleRole::storage_type:
    case PickleRole::number_type:
      break;
  }
  throw Error(sentence("it calls ", global->module, ".", global->name, ", which no tensor file does"));
}

/// The walk through nested dicts. Its work is bounded, because a few bytes can make one dict appear in many places.
class TensorCollector {
 public:
  TensorCollector(const PickleHeap& heap, const TorchObjects& objects, std::size_t consumed,
                  const std::filesystem::path& file)
      : heap_(heap), objects_(objects), allowance_(65536 + 64 * consumed), file_(file) {}

  void walk(const PickleValue& dict, const std::string& prefix, int depth) {
    require(depth <= 32, file_, ": its dictionaries are nested more than 32 deep at \"", printable(prefix), "\".");
    const auto& items = heap_.items(dict);
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
      const PickleValue &key = items[i], &value = items[i + 1];
      spend(1);
      if (value.kind != PickleKind::dict && value.kind != PickleKind::tensor) continue;
      if (key.kind != PickleKind::text && key.kind != PickleKind::integer) continue;
      spend(prefix.size() + key.text.size() + 24);
      std::string name = prefix;
      name += key.kind == PickleKind::text ? std::string(key.text) : std::to_string(key.number);
      if (value.kind == PickleKind::dict) {
        walk(value, name + '.', depth + 1);
      } else {
        add(std::move(name), objects_.tensor(value));
      }
    }
  }

  std::vector<NamedTensor> take() { return std::move(found_); }

 private:
  void spend(std::size_t work) {
    require(work <= allowance_, file_, ": its dictionaries unfold into far more than its size justifies.");
    allowance_ -= work;
  }

  void add(std::string name, const StridedTensor& tensor) {
    spend(2 * tensor.shape.size());
    const TensorStorage& storage = objects_.storages()[tensor.storage];
    const auto range = range_of(tensor, storage);
    require(range.has_value(), file_, ": tensor \"", printable(name), "\" does not lie inside its storage of ",
            storage.count, " elements; the file is damaged.");
    found_.push_back({.name = std::move(name), .tensor = tensor, .range = *range});
  }

  const PickleHeap& heap_;
  const TorchObjects& objects_;
  std::size_t allowance_;
  const std::filesystem::path& file_;
  std::vector<NamedTensor> found_;
};

PIX2PIXHD_INLINE std::vector<NamedTensor> collect_tensors(const PickleHeap& heap, const TorchObjects& objects,
                                                          const PickleValue& root, std::size_t consumed,
                                                          const std::filesystem::path& file) {
  require(root.kind == PickleKind::dict, file, " does not hold a dictionary of tensors; save model.state_dict().");
  TensorCollector collector(heap, objects, consumed, file);
  collector.walk(root, "", 0);
  return collector.take();
}

}  // namespace pix2pixhd::inline v0::detail
