#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/store/pickle_writer.hpp>
#include <pix2pixhd/store/pytorch_writer.hpp>
#include <pix2pixhd/store/zip_writer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace pix2pixhd::inline v0 {

namespace detail {

/// What a .pth file will hold: the caller's tensors and the integers, in order.
struct PytorchPlan {
  std::vector<TensorEntry> entries;
  std::vector<std::optional<std::int64_t>> integers;  ///< The value where an entry is an integer.
  std::vector<std::size_t> positions;                 ///< Elsewhere, the place in the caller's vector.

  void add_tensor(const TensorEntry& entry, std::size_t position) {
    entries.push_back(entry);
    integers.emplace_back();
    positions.push_back(position);
  }
  void add_integer(std::string name, std::int64_t value) {
    entries.push_back({.name = std::move(name), .type = StoredType::i64});
    integers.emplace_back(value);
    positions.push_back(0);
  }
};

PIX2PIXHD_INLINE PytorchPlan plan_pytorch(const std::filesystem::path& path, const std::vector<TensorEntry>& entries,
                                          std::map<std::string, std::int64_t> integers) {
  std::set<std::string_view> names;
  for (const TensorEntry& entry : entries) {
    require(names.insert(entry.name).second && !integers.contains(entry.name), path,
            " is not written: the tensor name \"", entry.name, "\" is used twice.");
    require(element_count(entry.shape).has_value(), path, " is not written: the shape of tensor \"", entry.name,
            "\" is impossible.");
  }
  constexpr std::string_view variance = "running_var", counter = "num_batches_tracked";
  PytorchPlan plan;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    plan.add_tensor(entries[i], i);
    const std::string& name = entries[i].name;
    const bool of_norm = name == variance || name.ends_with(std::string(".").append(variance));
    if (!of_norm) continue;
    const std::string count_name = name.substr(0, name.size() - variance.size()).append(counter);
    if (names.contains(count_name)) continue;
    const auto given = integers.extract(count_name);
    plan.add_integer(count_name, given.empty() ? 0 : given.mapped());
  }
  for (const auto& [name, value] : integers) plan.add_integer(name, value);
  return plan;
}

/// A member that is a text.
PIX2PIXHD_INLINE void add_text(ZipWriter& zip, const std::string& name, std::string text) {
  const std::uint64_t size = text.size();
  zip.add(name, size, [text = std::move(text)](std::uint64_t offset, std::span<std::byte> out) {
    std::memcpy(out.data(), text.data() + offset, out.size());
    return out.size();
  });
}

}  // namespace detail

PIX2PIXHD_INLINE void write_pytorch(const std::filesystem::path& path, const std::vector<TensorEntry>& entries,
                                    const TensorProducer& produce,
                                    const std::map<std::string, std::int64_t>& integers) {
  const detail::PytorchPlan plan = detail::plan_pytorch(path, entries, integers);
  std::string pickle = detail::pickle_tensors(plan.entries);
  detail::ZipWriter zip(path);
  detail::add_text(zip, "archive/data.pkl", std::move(pickle));
  detail::add_text(zip, "archive/byteorder", "little");
  std::optional<TensorValues> values;  // of the member that is being written
  for (std::size_t i = 0; i < plan.entries.size(); ++i) {
    const TensorEntry& entry = plan.entries[i];
    const std::string member = "archive/data/" + std::to_string(i);
    if (plan.integers[i].has_value()) {
      const auto bytes = std::as_bytes(std::span(&*plan.integers[i], 1));
      detail::add_text(zip, member, std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
      continue;
    }
    const std::size_t size = size_of(entry.type);
    zip.add(member, *detail::element_count(entry.shape) * size, [&, i, size](std::uint64_t offset, auto out) {
      if (offset == 0) {
        values = produce(entries[plan.positions[i]], plan.positions[i]);
        values->check(plan.entries[i]);
      }
      return values->encode(plan.entries[i], static_cast<std::size_t>(offset) / size, out);
    });
  }
  detail::add_text(zip, "archive/version", "3\n");
  zip.commit();
}

}  // namespace pix2pixhd::inline v0
