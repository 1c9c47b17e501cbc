#pragma once
/// The project of an editor on the disk.

#include <pix2pixhd/store/project_file.hpp>

#include "instances_fit.hpp"
#include "journal.hpp"
#include "operation.hpp"
#include "previous_project.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace tools::edit {

/// The project's file, the journal of what was done since it was written, and the project before it, .previous. Not
/// safe to use from several threads.
class StoredProject {
 public:
  /// Takes the journal, so that no other program can have the project. Error where one has it. `with_instances`:
  /// whether the weights take them.
  StoredProject(std::filesystem::path file, pix2pixhd::SceneRules rules, bool with_instances)
      : file_(std::move(file)), rules_(std::move(rules)), with_instances_(with_instances), journal_(file_) {}

  const std::filesystem::path& file() const { return file_; }
  const std::string& token() const { return journal_.token(); }
  /// Whether the file has all that was done.
  bool saved() const { return unsaved_ == 0; }
  /// What is wrong with the keeping of the last edit; empty where nothing is.
  const std::string& warning() const { return warning_; }

  /// What the file and the journal hold, of which the file then has all.
  std::unique_ptr<pix2pixhd::SceneEditor> go_on() {
    pix2pixhd::Project project = pix2pixhd::load_project(file_);
    check_fit(project.editor, pix2pixhd::detail::sentence(file_), "begin again by --fresh");
    auto editor = std::make_unique<pix2pixhd::SceneEditor>(std::move(project.editor));
    number_ = edits_in(project.notes);
    journal_.keep();
    std::cerr << "edit: going on with " << file_ << " and the maps in it; --fresh begins from --labels again\n";
    if (repeat(*editor, journal_.take_entries()) > 0) save(*editor);
    return editor;
  }

  /// Begins with another scene; a project that is there is kept as .previous.
  void begin(const pix2pixhd::SceneEditor& editor) {
    const std::vector<Journal::Entry> entries = journal_.take_entries();
    if (std::filesystem::exists(file_)) {
      save_journalled(entries);
      keep_previous(file_, was_edited());
    }
    // Should the program be killed before the journal is empty, its edits are not made in the new scene.
    if (!entries.empty()) number_ = std::max(number_, entries.back().number);
    save(editor);
    journal_.keep();
  }

  /// Puts a scene in the place of the project so far, which is kept as .previous. Where that is impossible, the project
  /// is as before.
  void replace(const pix2pixhd::SceneEditor& before, const pix2pixhd::SceneEditor& opened) {
    save(before);
    keep_previous(file_, was_edited(before));
    write(opened);
  }

  /// A project from a file that was sent to this editor. Error unless it was made with the same rules and has instances
  /// where the weights take them.
  std::unique_ptr<pix2pixhd::SceneEditor> load(const std::filesystem::path& file) const {
    pix2pixhd::Project project = pix2pixhd::load_project(file);
    check_fit(project.editor, "The project that was sent", "open another project");
    return std::make_unique<pix2pixhd::SceneEditor>(std::move(project.editor));
  }

  /// Brings an edit that was made to the disk; where that is impossible there is a warning. `editor` is the scene after
  /// it.
  void keep(const Json& edit, const pix2pixhd::SceneEditor& editor) {
    ++number_;
    ++unsaved_;
    warning_.clear();
    try {
      if (!gap_) {
        gap_ = true;
        journal_.append(number_, edit);
        gap_ = false;
        if (unsaved_ < most_unsaved) return;
      }
      save(editor);
    } catch (const std::exception& error) {
      warning_ = pix2pixhd::detail::sentence(
          gap_ ? "The edit was made, but would be lost if the editor ended now: "
               : "The edit was made and kept, but the project or its journal could not be written anew: ",
          error.what());
    }
  }

  /// Writes the file and empties the journal.
  void save(const pix2pixhd::SceneEditor& editor) {
    write(editor);
    unsaved_ = 0;
    gap_ = false;
    warning_.clear();
    journal_.clear();
  }

 private:
  static constexpr std::size_t most_unsaved = 500;

  void write(const pix2pixhd::SceneEditor& editor) const {
    pix2pixhd::save_project(file_, editor, {{"journal", std::to_string(number_)}});
  }

  /// Whether something was done, be it undone.
  static bool was_edited(const pix2pixhd::SceneEditor& editor) { return !editor.history().edits().empty(); }
  /// The same of the file; also where it cannot be read.
  bool was_edited() const {
    try {
      return was_edited(pix2pixhd::load_project(file_).editor);
    } catch (const std::exception&) {
      return true;
    }
  }

  /// Error unless rules and weights can take a project. `name` begins the sentence, `advice` ends it.
  void check_fit(const pix2pixhd::SceneEditor& editor, const std::string& name, const char* advice) const {
    const pix2pixhd::SceneRules& saved = editor.rules();
    pix2pixhd::detail::require(saved == rules_, name, " was made with other classes, id rule or styles (",
                               saved.classes, " classes, rule ", pix2pixhd::to_string(saved.ids), ") than were given (",
                               rules_.classes, ", ", pix2pixhd::to_string(rules_.ids), "); give those, or ", advice,
                               ".");
    const std::string_view misfit = instances_misfit(editor.scene(), with_instances_);
    pix2pixhd::detail::require(misfit.empty(), name, " does not fit. ", misfit, "; ", advice, ".");
  }

  /// The number of the last edit of the journal that a project has.
  std::uint64_t edits_in(const pix2pixhd::Metadata& notes) const {
    const auto note = notes.find("journal");
    if (note == notes.end()) return 0;
    const std::string& text = note->second;
    std::uint64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    pix2pixhd::detail::require(problem == std::errc() && end == text.data() + text.size(), file_,
                               " is damaged: its note \"journal\" is \"", text.substr(0, 40),
                               "\" and not the number of an edit. Begin again by --fresh, which keeps the file.");
    return number;
  }

  /// Makes the edits of the journal again that the project lacks. Returns how many there were.
  std::size_t repeat(pix2pixhd::SceneEditor& editor, const std::vector<Journal::Entry>& entries) {
    std::size_t count = 0;
    for (const Journal::Entry& entry : entries) {
      if (entry.number <= number_) continue;  // in the project already
      try {
        carry_out(editor, entry.edit);
      } catch (const std::exception& error) {
        std::cerr << "edit: an edit of the journal could not be repeated: " << error.what() << '\n';
      }
      number_ = entry.number;
      ++count;
    }
    if (count > 0)
      std::cerr << "edit: " << count << (count == 1 ? " edit" : " edits") << " since the last saving recovered\n";
    return count;
  }

  /// Brings what a killed program left in the journal into the file, which is about to be set aside. A damaged file
  /// cannot take it; then it is set aside as it is, and what the journal had is lost, which is said.
  void save_journalled(const std::vector<Journal::Entry>& entries) {
    if (entries.empty()) return;
    try {
      pix2pixhd::Project project = pix2pixhd::load_project(file_);
      number_ = edits_in(project.notes);
      if (repeat(project.editor, entries) > 0) write(project.editor);
    } catch (const std::exception& error) {
      std::cerr << "edit: " << previous_of(file_) << " lacks " << entries.size()
                << (entries.size() == 1 ? " edit" : " edits") << " made since it was saved: " << error.what() << '\n';
    }
  }

  std::filesystem::path file_;
  pix2pixhd::SceneRules rules_;
  bool with_instances_;
  Journal journal_;
  std::uint64_t number_ = 0;  ///< of the last edit, over all runs of the program
  std::size_t unsaved_ = 0;   ///< edits that the file lacks
  bool gap_ = false;          ///< the journal lacks an edit: those after it could not be repeated, so all is saved
  std::string warning_;
};

}  // namespace tools::edit
