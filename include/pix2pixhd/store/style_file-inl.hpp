#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/core/semantic_map.hpp>
#include <pix2pixhd/store/json_number.hpp>
#include <pix2pixhd/store/safetensors.hpp>
#include <pix2pixhd/store/style_file.hpp>
#include <pix2pixhd/store/tensor_file.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

namespace pix2pixhd::inline v0 {
namespace detail {

inline constexpr const char* clusters_key = "pix2pixhd.clusters";
/// Samples of a class at most: more than any data set has, and each whole number up to it is a double.
inline constexpr std::int64_t most_samples = std::int64_t{1} << 53;

/// The arrays of a cluster file, in the order of their entries.
struct ClusterArrays {
  std::vector<TensorEntry> entries = {};
  std::vector<std::vector<float>> values = {};  ///< empty where there are counts
  std::vector<std::vector<std::int64_t>> counts = {};

  void add(const std::string& name, std::vector<std::int64_t> shape, std::vector<float> of) {
    entries.push_back({.name = name, .type = StoredType::f32, .shape = std::move(shape)});
    values.push_back(std::move(of));
    counts.emplace_back();
  }
  void add(const std::string& name, std::vector<std::int64_t> of) {
    entries.push_back({.name = name, .type = StoredType::i64, .shape = {static_cast<std::int64_t>(of.size())}});
    values.emplace_back();
    counts.push_back(std::move(of));
  }
};

/// An array of a cluster file, of so many values. Error otherwise.
inline std::vector<double> cluster_array(TensorFile& file, const std::string& name, std::size_t count) {
  const TensorEntry* entry = file.find(name);
  require(entry != nullptr, file.path().string(), " lacks the array ", name, "; it is no whole file of clusters.");
  require(file.count(*entry) == count, file.path().string(), ": ", name, " holds ", file.count(*entry), " values, ",
          count, " are needed.");
  std::vector<double> values(count);
  file.read(*entry, values);
  for (const double value : values)
    require(std::isfinite(value), file.path().string(), ": ", name, " holds a value that is infinite or not a number.");
  return values;
}

inline std::vector<float> to_floats(std::span<const double> values) { return {values.begin(), values.end()}; }

/// The styles of one class from its arrays.
inline ClassStyles read_class(TensorFile& file, int label, const nlohmann::json& about, int features) {
  const std::string array = sentence("class.", label, ".");
  const auto number = [&](const char* key) -> const nlohmann::json& {
    const auto found = about.find(key);
    require(found != about.end() && found->is_number(), file.path().string(), ": what its metadata say of class ",
            label, " lacks the number ", key, ".");
    return *found;
  };
  const auto count_of = [&](const char* key) {
    return whole_number<std::int64_t>(number(key), 0, most_samples,
                                      sentence(file.path().string(), ": ", key, " of class ", label));
  };
  ClassStyles styles{.samples = count_of("samples"),
                     .left_out = count_of("left_out"),
                     .explained_variance = number("explained_variance").get<double>()};
  constexpr double rounding = 1e-9;  // earlier versions wrote what it made of 0
  require(styles.explained_variance >= -rounding, file.path().string(), ": explained_variance of class ", label, " is ",
          styles.explained_variance, "; it cannot be below 0.");
  styles.explained_variance = std::max(0.0, styles.explained_variance);
  const auto width = static_cast<std::size_t>(features);
  styles.mean = to_floats(cluster_array(file, array + "mean", width));
  const TensorEntry* entry = file.find(array + "counts");
  if (!entry) return styles;
  const std::size_t count = file.count(*entry);
  const auto counts = cluster_array(file, array + "counts", count);
  const auto centres = cluster_array(file, array + "centres", count * width);
  for (std::size_t c = 0; c < count; ++c) {
    require(counts[c] >= 0 && counts[c] <= static_cast<double>(most_samples) && counts[c] == std::floor(counts[c]),
            file.path().string(), ": ", array, "counts holds ", counts[c], "; whole numbers from 0 to ", most_samples,
            " are possible.");
    styles.styles.push_back({.feature = to_floats(std::span(centres).subspan(c * width, width)),
                             .count = static_cast<std::int64_t>(counts[c])});
  }
  return styles;
}

/// The metadata of a cluster file. Error unless they are such.
inline nlohmann::json cluster_metadata(const TensorFile& file) {
  const auto text = file.metadata().find(clusters_key);
  require(text != file.metadata().end(), file.path().string(),
          " holds no style clusters; give the file that encode_features wrote.");
  auto about = nlohmann::json::parse(text->second, nullptr, false);
  const auto is_number = [&](const char* key, double least, double most) {
    return about.contains(key) && about[key].is_number() && about[key].get<double>() >= least &&
           about[key].get<double>() <= most;
  };
  const auto is_whole = [&](const char* key, double least, double most) {
    return is_number(key, least, most) && about[key].is_number_integer();
  };
  require(about.is_object() && is_whole("features", 1, 4096) && is_whole("classes", 1, no_class) &&
              is_number("min_area", 0, 1) && about.contains("on") && about["on"].is_string() &&
              about.contains("id_rule") && about["id_rule"].is_string() &&
              id_rule(about["id_rule"].get<std::string>()) && about.contains("by_class") &&
              about["by_class"].is_object(),
          file.path().string(), ": its metadata ", clusters_key, " are damaged.");
  return about;
}

}  // namespace detail

PIX2PIXHD_INLINE void save_clusters(const std::filesystem::path& path, const StyleClusters& clusters,
                                    const Metadata& more) {
  detail::ClusterArrays arrays;
  nlohmann::ordered_json by_class = nlohmann::ordered_json::object();
  for (const auto& [label, styles] : clusters.by_class) {
    const std::string name = detail::sentence("class.", label, ".");
    by_class[std::to_string(label)] = {{"samples", styles.samples},
                                       {"left_out", styles.left_out},
                                       {"styles", styles.styles.size()},
                                       {"explained_variance", styles.explained_variance}};
    arrays.add(name + "mean", {clusters.features}, styles.mean);
    if (styles.styles.empty()) continue;
    std::vector<float> centres;
    std::vector<std::int64_t> counts;
    for (const Style& style : styles.styles) {
      centres.insert(centres.end(), style.feature.begin(), style.feature.end());
      counts.push_back(style.count);
    }
    arrays.add(name + "centres", {static_cast<std::int64_t>(counts.size()), clusters.features}, std::move(centres));
    arrays.add(name + "counts", std::move(counts));
  }
  Metadata metadata = more;
  metadata[detail::clusters_key] = nlohmann::ordered_json{
      {"features", clusters.features},
      {"classes", clusters.classes},
      {"on", clusters.on_labels ? "labels" : "instances"},
      {"id_rule", std::string(to_string(clusters.rule))},
      {"min_area", clusters.min_area},
      {"by_class", by_class}}.dump();
  write_safetensors(
      path, arrays.entries,
      [&](const TensorEntry& entry, std::size_t position) -> TensorValues {
        if (entry.type == StoredType::i64) return std::as_bytes(std::span(arrays.counts[position]));
        return std::span<const float>(arrays.values[position]);
      },
      metadata);
}

PIX2PIXHD_INLINE LoadedClusters load_clusters(const std::filesystem::path& path) {
  const auto file = open_tensor_file(path);
  const nlohmann::json about = detail::cluster_metadata(*file);
  LoadedClusters loaded{.clusters = {.features = about["features"].get<int>(),
                                     .classes = about["classes"].get<int>(),
                                     .rule = *id_rule(about["id_rule"].get<std::string>()),
                                     .on_labels = about["on"] == "labels",
                                     .min_area = about["min_area"].get<double>()},
                        .more = file->metadata()};
  loaded.more.erase(detail::clusters_key);
  for (const auto& [name, of_class] : about["by_class"].items()) {
    const int label = name.size() < 4 && !name.empty() && name.find_first_not_of("0123456789") == std::string::npos
                          ? std::stoi(name)
                          : -1;
    detail::require((label >= 0 && label < loaded.clusters.classes) || label == no_class, path.string(),
                    ": its metadata speak of class ", name, ", of ", loaded.clusters.classes, " classes.");
    loaded.clusters.by_class[label] = detail::read_class(*file, label, of_class, loaded.clusters.features);
  }
  return loaded;
}

}  // namespace pix2pixhd::inline v0
