#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/store/key_matching.hpp>
#include <pix2pixhd/store/state_dict.hpp>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace pix2pixhd::inline v0 {
namespace detail {

/// A key without the `module.` that a wrapper for several GPUs puts before it, unless the prefix spells it out.
inline std::string_view without_module(std::string_view key, std::string_view prefix) {
  constexpr std::string_view module = "module.";
  if (key.starts_with(module) && !prefix.starts_with(module)) key.remove_prefix(module.size());
  return key;
}

PIX2PIXHD_INLINE std::optional<std::string> name_under_prefix(std::string_view key, const std::string& prefix) {
  constexpr std::string_view module = "module.";
  key = without_module(key, prefix);
  if (!key.starts_with(prefix)) return std::nullopt;
  key.remove_prefix(prefix.size());
  if (key.starts_with(module)) key.remove_prefix(module.size());
  return std::string(key);
}

/// Keys that published files carry and no network of ours has.
inline bool ignored(const std::string& name, const std::set<std::string>& known) {
  const std::size_t dot = name.rfind('.');
  const std::string slot = name.substr(0, dot == std::string::npos ? 0 : dot);
  const std::string_view field = std::string_view(name).substr(dot == std::string::npos ? 0 : dot + 1);
  if (field == "num_batches_tracked") return true;
  if (field == "running_mean" || field == "running_var") return !known.contains(slot + ".weight");
  const bool vgg = known.contains("features.28.weight");
  if (vgg && name.starts_with("classifier.")) return true;
  if (vgg && name.starts_with("features.")) {
    int layer = 0;
    std::from_chars(name.data() + 9, name.data() + name.size(), layer);
    return layer > 28;
  }
  return false;
}

/// "a, b, c and 5 more".
inline std::string some_of(const std::vector<std::string>& names) {
  constexpr std::size_t most = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(most, names.size()); ++i) text += (i ? ", " : "") + names[i];
  return names.size() > most ? sentence(text, " and ", names.size() - most, " more") : text;
}

inline std::string sides_of(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

inline std::string sides_of(const ParameterInfo& info) {
  std::string text = "[";
  for (int i = 0; i < info.rank; ++i) {
    const int side = info.shape[static_cast<std::size_t>(i)];
    text += (i ? ", " : "") + (side == dynamic ? std::string("any") : std::to_string(side));
  }
  return text + "]";
}

inline bool fits(const std::vector<std::int64_t>& shape, const ParameterInfo& info) {
  if (shape.size() != static_cast<std::size_t>(info.rank)) return false;
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (info.shape[i] == dynamic ? shape[i] < 1 || shape[i] > 65536 : shape[i] != info.shape[i]) return false;
  return true;
}

/// Whether the file has all arrays, in fitting shapes, under names that begin with `prefix`.
inline bool has_all(const TensorFile& file, const std::vector<NamedArray>& arrays, const std::string& prefix) {
  std::map<std::string_view, const TensorEntry*> entries;
  for (const TensorEntry& entry : file.entries()) entries.emplace(entry.name, &entry);
  return std::all_of(arrays.begin(), arrays.end(), [&](const NamedArray& array) {
    const auto found = entries.find(prefix + array.name);
    return found != entries.end() && fits(found->second->shape, array.info);
  });
}

/// The prefixes under which the whole network stands in the file: '"G." or "G_average."'. Empty if there are none.
/// `name`: of one of the arrays.
inline std::string fitting_prefixes(const TensorFile& file, const std::vector<NamedArray>& arrays,
                                    const std::string& name) {
  std::string prefixes;
  for (const TensorEntry& entry : file.entries()) {
    if (entry.name.size() <= name.size() || !entry.name.ends_with(name)) continue;
    const std::string prefix = entry.name.substr(0, entry.name.size() - name.size());
    if (has_all(file, arrays, prefix)) prefixes += sentence(prefixes.empty() ? "" : " or ", '"', prefix, '"');
  }
  return prefixes;
}

/// Throws what there is to say of a file that lacks arrays of the network.
[[noreturn]] inline void refuse_for_lack(const TensorFile& file, const std::vector<NamedArray>& arrays,
                                         const std::vector<std::string>& missing) {
  const std::string what = sentence(file.path().string(), " lacks ", missing.size(), " of the network's ",
                                    arrays.size(), " arrays: ", some_of(missing));
  const std::string prefixes = fitting_prefixes(file, arrays, missing.front());
  if (!prefixes.empty())
    throw Error(sentence(what, "; the file has all of them under other names: load with prefix ", prefixes, "."));
  if (file.entries().empty()) throw Error(what + "; the file holds no tensors.");
  const std::string named = network_named_in(file);
  throw OtherNetwork(sentence(what, "; the file begins with ", file.entries().front().name,
                              ": it was written for another network", named.empty() ? "" : ", " + named, "."));
}

PIX2PIXHD_INLINE std::string network_named_in(const TensorFile& file) {
  const auto found = file.metadata().find("pix2pixhd.network");
  return found == file.metadata().end() || found->second == "custom" ? "" : found->second;
}

PIX2PIXHD_INLINE std::string prefix_in(const TensorFile& file, const std::string& prefix) {
  if (prefix.empty() || prefix.ends_with('.')) return prefix;
  std::string dotted = prefix + '.';
  for (const TensorEntry& entry : file.entries())
    if (without_module(entry.name, prefix).starts_with(dotted)) return dotted;
  return prefix;
}

PIX2PIXHD_INLINE std::vector<const TensorEntry*> match_keys(const TensorFile& file,
                                                            const std::vector<NamedArray>& arrays,
                                                            const LoadOptions& options) {
  std::map<std::string, const TensorEntry*> entries;
  const std::string prefix = prefix_in(file, options.prefix);
  for (const TensorEntry& entry : file.entries())
    if (const auto name = name_under_prefix(entry.name, prefix)) {
      const auto [place, added] = entries.emplace(*name, &entry);
      require(added, file.path().string(), ": the keys ", place->second->name, " and ", entry.name, " both stand for ",
              *name, "; give the prefix of one of them.");
    }
  if (!prefix.empty() && entries.empty() && !file.entries().empty() && !arrays.empty()) {
    const std::string prefixes = fitting_prefixes(file, arrays, arrays.front().name);
    throw Error(sentence(file.path().string(), ": no key begins with \"", prefix, "\"; the first one is ",
                         file.entries().front().name, ". ",
                         prefixes.empty() ? "Leave the prefix away." : "Load with prefix " + prefixes + '.'));
  }
  std::set<std::string> known;
  std::vector<std::string> missing, surplus;
  for (const NamedArray& array : arrays) {
    known.insert(array.name);
    if (!entries.contains(array.name)) missing.push_back(array.name);
  }
  if (!missing.empty()) refuse_for_lack(file, arrays, missing);
  for (const auto& [name, entry] : entries) {
    const bool allowed = std::any_of(options.extra.begin(), options.extra.end(),
                                     [&, &key = name](const std::string& extra) { return key.starts_with(extra); });
    if (!known.contains(name) && !allowed && !ignored(name, known)) surplus.push_back(name);
  }
  if (!surplus.empty())
    throw OtherNetwork(sentence(file.path().string(), " holds ", surplus.size(),
                                " tensors that the network does not have: ", some_of(surplus),
                                "; load into the network that they belong to, or name their beginnings in "
                                "LoadOptions::extra."));

  std::vector<const TensorEntry*> matched;
  const TensorEntry* first = nullptr;  // with a dynamic side, and its number of channels
  std::int64_t channels = 0;
  for (const NamedArray& array : arrays) {
    const TensorEntry* entry = entries.at(array.name);
    if (!fits(entry->shape, array.info))
      throw OtherNetwork(sentence(file.path().string(), ": ", entry->name, " is ", sides_of(entry->shape),
                                  ", the network needs ", sides_of(array.info),
                                  "; it was written for a network of another shape."));
    if (const auto side = array.info.dynamic_side()) {
      if (!first) {
        first = entry;
        channels = entry->shape[*side];
      }
      require(entry->shape[*side] == channels, file.path().string(), ": ", entry->name, " takes ", entry->shape[*side],
              " input channels and ", first->name, " takes ", channels,
              "; all first layers of a network must take the same number.");
    }
    matched.push_back(entry);
  }
  return matched;
}

}  // namespace detail
}  // namespace pix2pixhd::inline v0
