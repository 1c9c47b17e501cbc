#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/store/safetensors_header.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <utility>

namespace pix2pixhd::inline v0::detail {

/// Each number type with its name in a header.
PIX2PIXHD_INLINE const std::array<std::pair<std::string_view, StoredType>, 13>& safetensors_types() {
  static constexpr std::array<std::pair<std::string_view, StoredType>, 13> types{{{"F32", StoredType::f32},
                                                                                  {"F16", StoredType::f16},
                                                                                  {"BF16", StoredType::bf16},
                                                                                  {"F64", StoredType::f64},
                                                                                  {"U8", StoredType::u8},
                                                                                  {"I8", StoredType::i8},
                                                                                  {"I16", StoredType::i16},
                                                                                  {"I32", StoredType::i32},
                                                                                  {"I64", StoredType::i64},
                                                                                  {"BOOL", StoredType::boolean},
                                                                                  {"U16", StoredType::u16},
                                                                                  {"U32", StoredType::u32},
                                                                                  {"U64", StoredType::u64}}};
  return types;
}

/// What is thrown for a header of which `what` is true.
template <class... What>
Error header_error(const std::filesystem::path& file, const What&... what) {
  return Error(sentence(file, ": ", what...,
                        "; the file is truncated, damaged or no .safetensors file: copy it, or write it, again."));
}

/// Throws Error unless the header is right in this respect; `what` says how it is not.
template <class... What>
void check_header(bool right, const std::filesystem::path& file, const What&... what) {
  if (!right) throw header_error(file, what...);
}

/// Parses JSON that is at most three levels deep and has no key twice in an object; the parser would accept both.
PIX2PIXHD_INLINE nlohmann::json parse_header_json(std::string_view text, const std::filesystem::path& file) {
  using Json = nlohmann::json;
  std::array<std::set<std::string>, 4> keys;  // of the objects that are open, by depth
  const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
    const bool opens = event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start;
    check_header(!opens || depth < 3, file, "the header is nested more deeply than can be");
    if (event == Json::parse_event_t::object_start) keys[static_cast<std::size_t>(depth) + 1].clear();
    if (event == Json::parse_event_t::key) {
      const auto& key = parsed.get_ref<const std::string&>();
      check_header(keys[static_cast<std::size_t>(depth)].insert(key).second, file, "the header names \"", key,
                   "\" twice");
    }
    return true;
  };
  try {
    return Json::parse(text.begin(), text.end(), watch);
  } catch (const Json::exception& problem) {
    throw header_error(file, "the header is not valid JSON (", problem.what(), ")");
  }
}

/// One member of a tensor's description, which must have the sort of value that `fits` tells.
template <class Fits>
const nlohmann::json& header_member(const nlohmann::json& tensor, const char* member, const std::string& name,
                                    const std::filesystem::path& file, Fits fits) {
  const auto found = tensor.find(member);
  check_header(found != tensor.end() && fits(*found), file, "tensor \"", name, "\" has no valid ", member,
               " in the header");
  return *found;
}

PIX2PIXHD_INLINE SafetensorsHeader parse_safetensors_header(std::string_view text, std::uint64_t data_bytes,
                                                            const std::filesystem::path& file) {
  using Json = nlohmann::json;
  const Json json = parse_header_json(text, file);
  check_header(json.is_object(), file, "the header is not a JSON object");
  const auto is_text = [](const Json& value) { return value.is_string(); };
  const auto is_sizes = [](const Json& value) {
    return value.is_array() &&
           std::all_of(value.begin(), value.end(), [](const Json& side) { return side.is_number_unsigned(); });
  };
  const auto is_pair = [&](const Json& value) { return is_sizes(value) && value.size() == 2; };

  SafetensorsHeader read;
  for (const auto& [name, tensor] : json.items()) {
    check_header(tensor.is_object(), file, "\"", name, "\" in the header is not a JSON object");
    if (name == "__metadata__") {
      for (const auto& [key, value] : tensor.items()) {
        check_header(value.is_string(), file, "the metadata entry \"", key, "\" is not a text");
        read.metadata[key] = value.get<std::string>();
      }
      continue;
    }
    TensorEntry entry{.name = name};
    const auto& dtype = header_member(tensor, "dtype", name, file, is_text).get_ref<const std::string&>();
    const auto& types = safetensors_types();
    const auto type = std::find_if(types.begin(), types.end(), [&](const auto& known) { return known.first == dtype; });
    require(type != types.end(), file, ": tensor \"", name, "\" has the type \"", dtype,
            "\", which is not supported; convert it to F32.");
    entry.type = type->second;
    for (const Json& side : header_member(tensor, "shape", name, file, is_sizes)) {
      const auto value = side.get<std::uint64_t>();
      check_header(value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()), file, "tensor \"",
                   name, "\" has the side ", value, ", which is too large");
      entry.shape.push_back(static_cast<std::int64_t>(value));
    }
    const auto count = element_count(entry.shape);
    check_header(count.has_value(), file, "the shape of tensor \"", name, "\" has more elements than memory can hold");
    const Json& offsets = header_member(tensor, "data_offsets", name, file, is_pair);
    const auto begin = offsets[0].get<std::uint64_t>(), end = offsets[1].get<std::uint64_t>();
    check_header(begin <= end && end <= data_bytes, file, "tensor \"", name, "\" lies at bytes ", begin, " to ", end,
                 " of the data, but there are only ", data_bytes);
    check_header(end - begin == *count * size_of(entry.type), file, "tensor \"", name, "\" occupies ", end - begin,
                 " bytes, but its shape needs ", *count * size_of(entry.type));
    read.entries.push_back(std::move(entry));
    read.begin.push_back(begin);
    read.end.push_back(end);
  }

  std::vector<std::size_t> order(read.entries.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(read.begin[a], read.end[a]) < std::pair(read.begin[b], read.end[b]);
  });
  SafetensorsHeader sorted{.entries = {}, .begin = {}, .end = {}, .metadata = std::move(read.metadata)};
  std::uint64_t covered = 0;
  for (const std::size_t i : order) {
    check_header(read.begin[i] == covered, file, "the bytes of tensor \"", read.entries[i].name, "\" begin at ",
                 read.begin[i], " of the data where ", covered,
                 " is expected, for tensors neither overlap nor leave gaps");
    covered = read.end[i];
    sorted.entries.push_back(std::move(read.entries[i]));
    sorted.begin.push_back(read.begin[i]);
    sorted.end.push_back(read.end[i]);
  }
  check_header(covered == data_bytes, file, "the tensors end at byte ", covered, " of the data, but the file has ",
               data_bytes);
  return sorted;
}

PIX2PIXHD_INLINE std::string make_safetensors_header(const std::vector<TensorEntry>& entries,
                                                     const Metadata& metadata) {
  nlohmann::json json = nlohmann::json::object();
  if (!metadata.empty()) json["__metadata__"] = metadata;
  std::uint64_t offset = 0;
  for (const TensorEntry& entry : entries) {
    const auto& types = safetensors_types();
    const auto type = std::find_if(types.begin(), types.end(), [&](const auto& t) { return t.second == entry.type; });
    const std::uint64_t end = offset + element_count(entry.shape).value() * size_of(entry.type);
    json[entry.name] = {{"dtype", type->first}, {"shape", entry.shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text;
  try {
    text = json.dump();
  } catch (const nlohmann::json::exception& problem) {
    throw Error(sentence("a tensor's name or a metadata text is not UTF-8, as .safetensors files need it (",
                         problem.what(), ")."));
  }
  constexpr std::size_t alignment = 64, length_bytes = sizeof(std::uint64_t);
  text.append((alignment - (text.size() + length_bytes) % alignment) % alignment, ' ');
  const std::uint64_t length = text.size();
  std::string header(length_bytes, '\0');
  std::memcpy(header.data(), &length, length_bytes);
  return header + text;
}

}  // namespace pix2pixhd::inline v0::detail
