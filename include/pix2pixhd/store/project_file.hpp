#pragma once
/// Files of edited scenes: maps, choices of styles, and what was done, to be undone later.

#include <pix2pixhd/features/scene_editor.hpp>
#include <pix2pixhd/store/tensor_file_base.hpp>

#include <cstddef>
#include <filesystem>

namespace pix2pixhd::inline v0 {

/// An edited scene as it was saved.
struct Project {
  SceneEditor editor;
  Metadata notes;  ///< whatever a program wrote beside it
};

/// Writes a scene with its history as one .safetensors file, whole or not at all: `labels` u8 [H, W], `instances` i32
/// [H, W] where there are any, and the runs of all edits, `run_places` u32 [R, 2] (first, count) and `run_values` i32
/// [R, 4] (label and id before, label and id after). The metadata hold rules, styles, the list of edits and a check sum
/// of everything, as JSON. Error where the file cannot be written.
void save_project(const std::filesystem::path& path, const SceneEditor& editor, const Metadata& notes = {});

/// Reads such a file. Error naming it where it is damaged in any way, is no project, or holds edits that do not belong
/// to its maps. `most_bytes` is for the history.
Project load_project(const std::filesystem::path& path, std::size_t most_bytes = std::size_t{1} << 28);

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/store/project_file-inl.hpp>
#endif
