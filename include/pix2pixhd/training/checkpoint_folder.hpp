#pragma once
/// The checkpoints of a training run in its folder.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace pix2pixhd::inline v0 {

/// From when on a run is looked at for something that one would go back for.
struct CheckpointWindow {
  std::int64_t begin = 0;  ///< a step, which never falls
  std::int64_t every = 1;  ///< only checkpoints whose step is a multiple of this count
};

/// Names checkpoints by their step, keeps the last good ones and one that is marked as the best.
///
/// A checkpoint is whole once it bears its name: Trainer::save writes under another name first. Older ones are removed
/// only after a newer one is whole, so that a full disk or a kill at any moment costs the steps since the last one, and
/// nothing else.
class CheckpointFolder {
 public:
  /// Makes the folder where it is missing. Keeps the last `keep` checkpoints, 1 at least. Error where the folder
  /// cannot be made or keep is 0.
  explicit CheckpointFolder(std::filesystem::path folder, std::size_t keep = 3);

  const std::filesystem::path& path() const { return folder_; }
  /// Where the checkpoint of a step belongs: checkpoint_000000120.safetensors.
  std::filesystem::path at(std::int64_t step) const;
  /// Steps of which there are checkpoints, in rising order: files that have exactly the name that at() gives. Error
  /// where the folder cannot be read.
  std::vector<std::int64_t> steps() const;
  /// The newest checkpoint, if there is one.
  std::optional<std::filesystem::path> latest() const;

  /// The newest checkpoint from before a step, if there is one.
  std::optional<std::int64_t> newest_before(std::int64_t step) const;

  /// To be called when the checkpoint of a step is whole: removes what is older than the last `keep`.
  ///
  /// With `window` two more stay: the newest from before its begin, and the oldest from then on, which takes the place
  /// of the other when the window has passed it. So there is always one from before the window, and it is not much
  /// older.
  void saved(std::int64_t step, const std::optional<CheckpointWindow>& window = {}) const;
  /// Keeps the checkpoint of a step as best_checkpoint.safetensors too, whatever becomes of it afterwards. Its bytes
  /// are shared where the file system can do so. Error where that fails; an earlier best one then stays.
  void mark_best(std::int64_t step) const;
  std::filesystem::path best() const { return folder_ / "best_checkpoint.safetensors"; }

 private:
  std::filesystem::path folder_;
  std::size_t keep_;
};

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/training/checkpoint_folder-inl.hpp>
#endif
