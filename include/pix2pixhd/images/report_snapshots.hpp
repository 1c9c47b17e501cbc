#pragma once
/// What a generator makes of the same scenes, again and again, while it learns.

#include <pix2pixhd/images/report_pictures.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pix2pixhd::inline v0 {

/// A held-out scene.
struct ReportScene {
  std::string caption;
  ImageArray label;  ///< the label map in colours, see colorize(), or the picture to translate
  std::optional<ImageArray> real = {};
};

/// How many snapshots a report keeps, from which step training goes on, and how wide the pictures are.
struct SnapshotOptions {
  /// Snapshots that are kept; older ones are removed.
  std::size_t keep = 8;
  /// The step that training begins at or goes on from: snapshots of later steps are removed.
  std::int64_t step = 0;
  /// Pictures are scaled down to this width.
  int width = 1024;
};

/// Keeps pictures beside a page, in a folder named after it: report.html has report_pictures/. What lies there after a
/// resume is shown again.
class ReportSnapshots {
 public:
  /// Makes the folder and writes the scenes' label maps and real pictures. Error where that cannot be done.
  ReportSnapshots(const std::filesystem::path& page, const std::vector<ReportScene>& scenes,
                  const SnapshotOptions& options = {});

  /// Adds a snapshot: one picture for each scene, in their order. Error for another number of pictures.
  void add(std::int64_t step, const std::vector<ImageArray>& synthesised);

  /// For each scene its label map, the newest synthesised picture and the real one, and the earlier ones below, the
  /// newest first.
  std::vector<PictureRow> rows() const;
  /// The steps of the snapshots, the newest first.
  const std::vector<std::int64_t>& steps() const { return steps_; }

 private:
  struct Scene {
    std::string caption;
    PictureSize size;
    bool real = false;
  };

  std::string file_name(std::size_t scene, const std::string& what) const;
  std::string step_name(std::size_t scene, std::int64_t step) const;
  void write(const std::string& name, const ImageArray& image) const;
  void find_old();
  void remove(std::int64_t step) const;

  std::filesystem::path folder_;  ///< of the page
  std::string pictures_;          ///< the folder of the pictures, relative to the page
  SnapshotOptions options_;
  std::vector<Scene> scenes_ = {};
  std::vector<std::int64_t> steps_ = {};
};

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/images/report_snapshots-inl.hpp>
#endif
