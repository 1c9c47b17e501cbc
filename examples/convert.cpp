// Converts weights between .pth and .safetensors, and generators to .onnx.

#include <CLI/CLI.hpp>
#include <pix2pixhd/store/key_matching.hpp>
#include <pix2pixhd/store/pytorch_writer.hpp>
#include <pix2pixhd/store/safetensors.hpp>
#include <pix2pixhd/store/tensor_file.hpp>
#include <pix2pixhd/training/checkpoint.hpp>

#include "tools/convert/onnx_file.hpp"
#include "tools/outputs.hpp"
#include "tools/tool.hpp"
#include "tools/training_words.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <span>
#include <string>
#include <vector>

namespace {

using namespace pix2pixhd;
using detail::require;

struct Options {
  std::filesystem::path input, output;
  std::string prefix;
  bool float32 = false;
  tools::OnnxChoice onnx;
};

/// The tensors to be written, and from which of the file's each comes.
struct Selection {
  std::vector<TensorEntry> targets;
  std::vector<const TensorEntry*> sources;
};

Selection select(const TensorFile& file, const Options& options) {
  Selection selection;
  const std::string prefix = detail::prefix_in(file, options.prefix);
  for (const TensorEntry& entry : file.entries()) {
    if (!entry.name.starts_with(prefix)) continue;
    TensorEntry target = entry;
    target.name.erase(0, prefix.size());
    if (options.float32 && is_floating(entry.type)) target.type = StoredType::f32;
    selection.targets.push_back(std::move(target));
    selection.sources.push_back(&entry);
  }
  require(!selection.sources.empty(), options.input, " holds no tensors",
          options.prefix.empty() ? std::string() : detail::sentence(" whose names begin with \"", options.prefix, "\""),
          file.entries().empty() ? std::string() : "; the first one is " + file.entries().front().name, ".");
  return selection;
}

/// What is written beside the tensors. A network that is taken out of a checkpoint is none any more: of the
/// checkpoint's metadata only what they say of its training stays true.
Metadata metadata_of(const TensorFile& file, const Options& options) {
  const bool part = !options.prefix.empty() && is_checkpoint(file);
  Metadata metadata = part ? tools::training_of(options.input) : file.metadata();
  metadata.emplace("format", "pt");
  return metadata;
}

void convert(const Options& options) {
  // A file may be converted onto itself, unless that would leave tensors out.
  if (!options.prefix.empty()) tools::Outputs({options.input}).writes(options.output);
  const std::string extension = options.output.extension().string();
  const bool pytorch = extension == ".pth" || extension == ".pt";
  if (extension == ".onnx" && options.float32)
    throw tools::UsageError("--float32 is for .pth and .safetensors files only; an .onnx file has f32 weights anyway.");
  if (extension == ".onnx") return tools::write_onnx_file(options.input, options.output, options.prefix, options.onnx);
  require(pytorch || extension == ".safetensors", options.output, " must end in .safetensors, .pth, .pt or .onnx.");
  options.onnx.refuse();

  const auto file = open_tensor_file(options.input);
  const Selection selection = select(*file, options);
  // One tensor at a time is in memory.
  std::vector<float> values;
  std::vector<std::byte> bytes;
  std::uint64_t elements = 0;
  const auto produce = [&](const TensorEntry& target, std::size_t position) -> TensorValues {
    const TensorEntry& source = *selection.sources[position];
    const std::size_t count = file->count(source);
    elements += count;
    if (target.type != source.type) {
      values.resize(count);
      file->read(source, std::span<float>(values));
      return std::span<const float>(values);
    }
    bytes.resize(count * size_of(source.type));
    file->read_bytes(source, bytes);
    return std::span<const std::byte>(bytes);
  };
  if (pytorch) {
    write_pytorch(options.output, selection.targets, produce);
    if (!file->metadata().empty())
      std::cerr << "The metadata of " << options.input << " have no place in a .pth file.\n";
  } else {
    write_safetensors(options.output, selection.targets, produce, metadata_of(*file, options));
  }
  std::cerr << options.input.string() << " -> " << options.output.string() << ": " << selection.targets.size()
            << " tensors, " << elements << " values, " << std::filesystem::file_size(options.output) << " bytes\n";
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app(
      "Converts weights between .pth and .safetensors, names and types being kept, and a generator's to an .onnx file "
      "that other programs run.",
      "convert");
  app.add_option("input", options.input, "A .pth or .safetensors file; which of them is told by its content")
      ->required();
  app.add_option("output", options.output, "The file to write: .safetensors, .pth, .pt or .onnx")->required();
  app.add_option(
      "--prefix", options.prefix,
      "Take only tensors whose names begin so, and take it off their names: of a checkpoint average/G/, or value/G/ "
      "where the run had no averages, is the generator");
  app.add_flag("--float32", options.float32, "Write f16, bf16 and f64 tensors as f32");
  options.onnx.add_to(app);
  return tools::run(app, argc, argv, [&] { convert(options); });
}
