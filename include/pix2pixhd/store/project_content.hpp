#pragma once
/// What stands in a project file.

#include <pix2pixhd/features/scene_editor.hpp>
#include <pix2pixhd/store/tensor_file_base.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0::detail {

/// The tensors of a project as bytes, in one order for the file and the check sum.
struct ProjectBytes {
  std::vector<TensorEntry> entries = {};
  std::vector<std::vector<std::byte>> values = {};

  template <class T>
  void add(std::string name, StoredType type, std::vector<std::int64_t> shape, const T* first, std::size_t count) {
    const auto bytes = std::as_bytes(std::span(first, count));
    entries.push_back({.name = std::move(name), .type = type, .shape = std::move(shape)});
    values.emplace_back(bytes.begin(), bytes.end());
  }
};

/// The texts of a project, without the check sum.
Metadata project_texts(const SceneEditor& editor, const Metadata& notes);

/// The arrays of a project.
ProjectBytes project_bytes(const SceneEditor& editor);

/// A sum over everything that a project holds but the sum itself.
std::string check_sum(const ProjectBytes& bytes, const Metadata& texts);

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/store/project_content-inl.hpp>
#endif
