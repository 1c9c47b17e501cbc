#pragma once
/// The file that training goes on from.

#include <pix2pixhd/core/device.hpp>
#include <pix2pixhd/store/tensor_file.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pix2pixhd::inline v0 {

/// Text that callers keep in a checkpoint beside the trainer's own: a sampler's or a schedule's state, by name.
using CheckpointSections = std::map<std::string, std::string>;

/// The sections of a checkpoint, without the rest of it: what a program must know before it can make the networks that
/// are resumed. Throws Error if the file is no checkpoint.
CheckpointSections read_sections(const std::filesystem::path& path);

/// Which weights of a network in a checkpoint are meant.
enum class CheckpointWeights {
  trained,   ///< those that training goes on with
  averaged,  ///< their averages (TrainOptions::average), which pictures are made with
};

/// Whether a file is a checkpoint, which Trainer::save wrote, rather than weights alone.
bool is_checkpoint(const TensorFile& file);

/// Whether a file is a checkpoint that holds a network: "G", the generator, "D", the discriminators, or "E", the
/// encoder.
bool checkpoint_has(const TensorFile& file, const std::string& network);

/// How the keys of a network, named as for checkpoint_has(), begin in a file: what LoadOptions::prefix must be to load
/// it. Where the checkpoint has no averages of the network, as those of a run without averaging and of discriminators,
/// the trained weights stand for them. Empty if the file is no checkpoint: keys of weights alone begin with nothing.
std::string checkpoint_prefix(const TensorFile& file, const std::string& network, CheckpointWeights weights);

namespace detail {

/// The key in a checkpoint of a network's array, whose name begins with the network's own ("G/model.1.weight").
std::string checkpoint_key(CheckpointWeights weights, const std::string& name);

/// Tensors, bytes and numbers by name, on their way to or from a checkpoint. Tensors are stored as the device holds
/// them (f32, on the reference backend f64), so that nothing is rounded.
class CheckpointWriter {
 public:
  explicit CheckpointWriter(Device& device) : device_(device) {}
  /// The tensor must stay until write().
  void add(const std::string& name, const Tensor& value, int rank = 4);
  void add_bytes(const std::string& name, const Storage& value, const Shape& shape);
  void add_number(const std::string& name, std::int64_t value);
  void add_text(const std::string& name, const std::string& value) { metadata_[name] = value; }
  void write(const std::filesystem::path& path) const;

 private:
  struct Item {
    const Tensor* tensor = nullptr;
    const Storage* bytes = nullptr;
    std::int64_t number = 0;
  };
  Device& device_;
  std::vector<TensorEntry> entries_;
  std::vector<Item> items_;
  Metadata metadata_;
};

class CheckpointReader {
 public:
  /// Throws Error if the file is damaged or no checkpoint of this library.
  CheckpointReader(Device& device, const std::filesystem::path& path);

  bool has(const std::string& name) const { return file_->find(name) != nullptr; }
  /// Throws Error naming file and tensor if it is not there or is not of that shape.
  Tensor tensor(const std::string& name, const Shape& shape, Role role);
  /// A tensor of whatever shape it has, trailing 1s completed.
  Tensor tensor(const std::string& name, Role role);
  /// As many bytes as the shape says. Throws Error naming file, array and the first byte that `allowed` is false for.
  std::shared_ptr<Storage> bytes(const std::string& name, const Shape& shape,
                                 const std::function<bool(std::uint8_t)>& allowed);
  /// Throws Error naming file and number if it is not there or less than `least`.
  std::int64_t number(const std::string& name, std::int64_t least = 0);
  std::string text(const std::string& name) const;
  CheckpointSections sections() const;
  std::string path() const { return file_->path().string(); }

 private:
  const TensorEntry& entry(const std::string& name) const;

  Device& device_;
  std::unique_ptr<TensorFile> file_;
};

}  // namespace detail
}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/training/checkpoint-inl.hpp>
#endif
