#pragma once
/// What Trainer::save writes and Trainer::resume reads.

#include <pix2pixhd/core/semantic_map.hpp>
#include <pix2pixhd/networks/describe.hpp>
#include <pix2pixhd/training/state_text.hpp>
#include <pix2pixhd/training/trainer.hpp>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {
namespace detail {

/// What must be the same when training goes on: the networks, and the options that shape the objective.
template <class G, class D, class E>
std::string training_identity(const G& generator, const D& discriminator, const E* encoder,
                              const TrainOptions& options) {
  const auto text = [](const auto& network) {
    auto all = describe(network);
    return all["pix2pixhd.network"] + " " + all["pix2pixhd.shape"];
  };
  std::string of_encoder = "no";
  if constexpr (!std::is_same_v<E, NoEncoder>)
    if (encoder) of_encoder = text(*encoder);
  return sentence(text(generator), "; ", text(discriminator), "; encoder ", of_encoder, "; gan ",
                  to_string(options.gan), "; matching weight ", options.matching_weight, "; perceptual weight ",
                  options.perceptual ? options.perceptual_weight : 0.0f, "; beta1 ", options.beta1, "; pool ",
                  options.pool, "; discriminator rate ", options.discriminator_rate, "; average ", options.average,
                  options.own_loss ? "; a loss of the caller's own" : "");
}

/// What must be the same too where it is in use. Checkpoints that the first versions wrote lack it.
inline std::string identity_in_use(const TrainOptions& options) {
  return sentence(options.perceptual ? sentence("; vgg input ", to_string(options.vgg_input)) : "",
                  options.pool > 0 ? sentence("; seed ", options.seed) : "");
}

inline void add_network(CheckpointWriter& writer, const std::string& prefix, const std::vector<NamedArray>& arrays) {
  for (const NamedArray& array : arrays) {
    require(!array.value->empty(), prefix, array.name,
            " has no values; initialize or load the networks before saving.");
    writer.add(checkpoint_key(CheckpointWeights::trained, prefix + array.name), *array.value, array.info.rank);
  }
}

inline void add_moments(CheckpointWriter& writer, const Adam& adam) {
  for (const auto& [name, moments] : adam.moments()) {
    writer.add("m/" + name, moments.m);
    writer.add("v/" + name, moments.v);
    writer.add_number("step/" + name, moments.step);
  }
}

/// The key of how many updates made the average of a parameter.
inline std::string average_count_key(const std::string& name) { return "average_step/" + name; }

inline void add_averages(CheckpointWriter& writer, const WeightAverages& averages, const std::string& prefix,
                         const std::vector<NamedArray>& arrays) {
  bool any = false;
  // With the rank of the parameter, so that load() takes averages for weights.
  const auto add = [&](const NamedArray& array, const Tensor& value) {
    writer.add(checkpoint_key(CheckpointWeights::averaged, prefix + array.name), value, array.info.rank);
  };
  for (const NamedArray& array : arrays) {
    const auto average = averages.all().find(prefix + array.name);
    if (average == averages.all().end()) continue;
    any = true;
    add(array, average->second.value);
    writer.add_number(average_count_key(average->first), average->second.step);
  }
  if (!any) return;
  for (const NamedArray& array : arrays)  // running statistics are averages already, and load() wants them too
    if (!array.parameter) add(array, *array.value);
}

/// The shape that an array has, or will have once it is allocated.
inline Shape shape_of(const NamedArray& array) {
  return array.value->empty() ? array.info.sizes() : array.value->shape();
}

/// The values of a network's arrays, to be put in place when everything has been read.
inline std::vector<std::pair<NamedArray, Tensor>> read_network(CheckpointReader& reader, const std::string& prefix,
                                                               const std::vector<NamedArray>& arrays) {
  std::vector<std::pair<NamedArray, Tensor>> values;
  for (const NamedArray& array : arrays)
    values.emplace_back(array, reader.tensor(checkpoint_key(CheckpointWeights::trained, prefix + array.name),
                                             shape_of(array), Role::parameter));
  return values;
}

/// The moments of a network's parameters, as far as they were ever updated, each of its parameter's shape: backends
/// take it for granted.
inline std::map<std::string, Adam::Moments> read_moments(CheckpointReader& reader, const std::string& prefix,
                                                         const std::vector<NamedArray>& arrays) {
  std::map<std::string, Adam::Moments> result;
  for (const NamedArray& array : arrays) {
    const std::string key = prefix + array.name;
    if (!array.parameter || (!reader.has("m/" + key) && !reader.has("v/" + key))) continue;
    result[key] = {reader.tensor("m/" + key, shape_of(array), Role::parameter),
                   reader.tensor("v/" + key, shape_of(array), Role::parameter), reader.number("step/" + key, 1)};
  }
  return result;
}

/// The averages of a network's parameters, as far as there are any, each of its parameter's shape. Checkpoints that
/// earlier versions wrote do not count their updates: then there was one in each of the trainer's `steps`.
inline std::map<std::string, WeightAverages::Average> read_averages(CheckpointReader& reader, const std::string& prefix,
                                                                    const std::vector<NamedArray>& arrays,
                                                                    std::int64_t steps) {
  std::map<std::string, WeightAverages::Average> result;
  for (const NamedArray& array : arrays) {
    const std::string name = prefix + array.name, key = checkpoint_key(CheckpointWeights::averaged, name);
    const std::string count = average_count_key(name);
    if (array.parameter && reader.has(key))
      result[name] = {.value = reader.tensor(key, shape_of(array), Role::parameter),
                      .step = reader.has(count) ? reader.number(count) : steps};
  }
  return result;
}

inline double read_rate(const CheckpointReader& reader) {
  const std::string text = reader.text("rate");
  const auto rate = exact_number(text);
  require(rate && std::isfinite(*rate) && *rate >= 0, reader.path(), ": rate is \"", text.substr(0, 50),
          "\", where a number like 0x1.8p-12 is needed; the checkpoint is damaged. Resume from another one.");
  return *rate;
}

inline void add_map(CheckpointWriter& writer, const std::string& name, const SemanticMap& map) {
  require(map.level() == 0, "a pooled semantic map cannot be saved.");
  writer.add_bytes(name + "/labels", *map.labels(), map.plane());
  if (map.has_edges()) writer.add_bytes(name + "/edges", *map.edges(), map.plane());
  writer.add_number(name + "/classes", map.classes());
  writer.add_number(name + "/constant_channels", map.constant_channels());
  for (std::size_t i = 0; i < map.parts().size(); ++i) writer.add(name + "/part/" + std::to_string(i), map.parts()[i]);
}

inline SemanticMap read_map(CheckpointReader& reader, const std::string& name, const Shape& plane) {
  const std::int64_t classes = reader.number(name + "/classes");
  require(classes <= no_class, reader.path(), ": ", name, "/classes is ", classes, ", at most ", int{no_class},
          " are possible; the checkpoint is damaged. Resume from another one.");
  auto labels =
      reader.bytes(name + "/labels", plane, [&](std::uint8_t label) { return label < classes || label == no_class; });
  auto edges = reader.has(name + "/edges")
                   ? reader.bytes(name + "/edges", plane, [](std::uint8_t edge) { return edge <= 1; })
                   : nullptr;
  SemanticMap map(std::move(labels), std::move(edges), plane, static_cast<int>(classes));
  const std::int64_t constant = reader.number(name + "/constant_channels");
  for (int i = 0; reader.has(name + "/part/" + std::to_string(i)); ++i) {
    map = join(map, reader.tensor(name + "/part/" + std::to_string(i), Role::activation));
    if (map.shape().c == constant) map = map.with_constant_parts();
  }
  return map;
}

}  // namespace detail

template <class G, class D, class E>
void Trainer<G, D, E>::save(const std::filesystem::path& path, const CheckpointSections& sections) const {
  Device device = device_;
  detail::CheckpointWriter writer(device);
  detail::add_network(writer, "G/", named_arrays(std::as_const(generator_)));
  detail::add_network(writer, "D/", named_arrays(std::as_const(discriminator_)));
  with_encoder([&](auto& network) { detail::add_network(writer, "E/", named_arrays(std::as_const(network))); });
  detail::add_moments(writer, generator_adam_);
  detail::add_moments(writer, discriminator_adam_);
  detail::add_averages(writer, averages_, "G/", named_arrays(std::as_const(generator_)));
  with_encoder(
      [&](auto& network) { detail::add_averages(writer, averages_, "E/", named_arrays(std::as_const(network))); });
  for (std::size_t i = 0; i < pool_.entries().size(); ++i) {
    const std::string name = "pool/" + std::to_string(i);
    writer.add(name + "/image", pool_.entries()[i].image);
    detail::add_map(writer, name, pool_.entries()[i].map);
  }
  writer.add_number("steps", steps_);
  writer.add_number("pool/drawn", static_cast<std::int64_t>(pool_.drawn()));
  writer.add_text("rate", detail::exact_text(generator_adam_.rate()));
  writer.add_text("identity", detail::training_identity(generator_, discriminator_, encoder_, options_) +
                                  detail::identity_in_use(options_));
  for (const auto& [name, text] : sections) writer.add_text("section." + name, text);
  writer.write(path);
}

template <class G, class D, class E>
CheckpointSections Trainer<G, D, E>::resume(const std::filesystem::path& path) {
  detail::CheckpointReader reader(device_, path);
  const std::string basis = detail::training_identity(generator_, discriminator_, encoder_, options_);
  const std::string identity = basis + detail::identity_in_use(options_), written = reader.text("identity");
  detail::require(written == identity || written == basis, path.string(),
                  " was written by another training run: it is of «", written, "», this one is «", identity,
                  "». Resume with the same networks and options, or load the weights alone to start anew from them.");
  auto values = detail::read_network(reader, "G/", named_arrays(generator_));
  const auto append = [&](auto more) { std::move(more.begin(), more.end(), std::back_inserter(values)); };
  append(detail::read_network(reader, "D/", named_arrays(discriminator_)));
  with_encoder([&](auto& network) { append(detail::read_network(reader, "E/", named_arrays(network))); });
  auto generator_moments = detail::read_moments(reader, "G/", named_arrays(generator_));
  auto discriminator_moments = detail::read_moments(reader, "D/", named_arrays(discriminator_));
  const std::int64_t steps = reader.number("steps"), drawn = reader.number("pool/drawn");
  auto averages = detail::read_averages(reader, "G/", named_arrays(generator_), steps);
  with_encoder([&](auto& network) {
    generator_moments.merge(detail::read_moments(reader, "E/", named_arrays(network)));
    averages.merge(detail::read_averages(reader, "E/", named_arrays(network), steps));
  });
  std::vector<ImagePool<SemanticMap>::Entry> entries;
  for (int i = 0; reader.has("pool/" + std::to_string(i) + "/image"); ++i) {
    const std::string name = "pool/" + std::to_string(i);
    Tensor image = reader.tensor(name + "/image", Role::activation);
    entries.push_back({detail::read_map(reader, name, image.shape().with_channels(1)), std::move(image)});
  }
  const double rate = detail::read_rate(reader);
  CheckpointSections sections = reader.sections();

  for (auto& [array, value] : values) detail::set_values(array, std::move(value));  // nothing below can fail
  generator_adam_.set_moments(std::move(generator_moments));
  discriminator_adam_.set_moments(std::move(discriminator_moments));
  averages_.set(std::move(averages));
  set_learning_rate(rate);
  pool_.restore(std::move(entries), static_cast<std::uint64_t>(drawn));
  steps_ = steps;
  return sections;
}

}  // namespace pix2pixhd::inline v0
