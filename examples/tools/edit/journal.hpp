#pragma once
/// What was done since a project was last saved, so that nothing is lost when the program is killed.

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/store/append_line.hpp>

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace tools::edit {

/// A file of one line for each edit, appended before the edit is acknowledged; a line that a killed program left
/// half-written is no edit. The first line holds the token of the server, so that pages go on after a restart; hence
/// only its owner may read the file. While it is open, no other program can open it. A journal that was not there
/// before goes away again with this object unless keep() says that its project is taken.
class Journal {
 public:
  struct Entry {
    std::uint64_t number = 0;
    nlohmann::json edit;
  };

  /// The journal of a project's file, beside it.
  explicit Journal(const std::filesystem::path& project) : path_(project.string() + ".journal") {
    descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (descriptor_ < 0)
      throw pix2pixhd::Error(pix2pixhd::detail::sentence(
          "The project ", project, " cannot be kept: its journal beside it, ", path_.filename(),
          ", cannot be written to: ", std::generic_category().message(errno),
          ". Give a project in a folder that is there and can be written to, by --project."));
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      const bool taken = errno == EWOULDBLOCK;
      if (!taken) fail("cannot be locked");
      ::close(descriptor_);
      throw pix2pixhd::Error(pix2pixhd::detail::sentence(
          project, " is in use by another editor; end it, or give another project by --project."));
    }
    read();
  }
  ~Journal() {
    if (made_) ::unlink(path_.c_str());
    ::close(descriptor_);
  }
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// From now on the file stays.
  void keep() { made_ = false; }

  const std::string& token() const { return token_; }
  /// The edits that were there when it was opened.
  std::vector<Entry> take_entries() { return std::exchange(entries_, {}); }

  /// Error where the edit cannot be written; the journal is then as before.
  void append(std::uint64_t number, const nlohmann::json& edit) { write({{"n", number}, {"edit", edit}}); }
  /// Forgets all edits: they are in the project now.
  void clear() {
    if (::ftruncate(descriptor_, 0) != 0) fail("cannot be cut");
    write({{"token", token_}});
  }

 private:
  [[noreturn]] void fail(const char* what) const {
    throw pix2pixhd::Error(
        pix2pixhd::detail::sentence(path_, " ", what, ": ", std::generic_category().message(errno), "."));
  }

  void write(const nlohmann::json& line) { pix2pixhd::detail::append_line(descriptor_, line.dump() + "\n", path_); }

  void read() {
    std::string text;
    char piece[65536];
    for (off_t at = 0;;) {
      const ssize_t count = ::pread(descriptor_, piece, sizeof piece, at);
      if (count < 0) fail("cannot be read");
      if (count == 0) break;
      text.append(piece, static_cast<std::size_t>(count));
      at += count;
    }
    std::size_t whole = 0;  // bytes of complete lines
    for (std::size_t end; (end = text.find('\n', whole)) != std::string::npos; whole = end + 1) {
      const auto line = nlohmann::json::parse(text.begin() + static_cast<std::ptrdiff_t>(whole),
                                              text.begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
      const auto token = line.find("token"), number = line.find("n"), edit = line.find("edit");
      pix2pixhd::detail::require(line.is_object() && (token == line.end() || token->is_string()) &&
                                     (number == line.end() || number->is_number_unsigned()),
                                 path_,
                                 " is damaged: a line of it is neither an edit nor a token. Move it away to go on ",
                                 "without what was done since the project was saved.");
      if (token != line.end()) token_ = token->get<std::string>();
      if (edit != line.end()) entries_.push_back({line.value("n", std::uint64_t{0}), *edit});
    }
    if (whole < text.size() && ::ftruncate(descriptor_, static_cast<off_t>(whole)) != 0) fail("cannot be cut");
    made_ = text.empty();
    if (token_.empty()) {
      std::random_device random;
      for (int i = 0; i < 32; ++i) token_ += "0123456789abcdef"[random() % 16];
      write({{"token", token_}});
    }
  }

  std::filesystem::path path_;
  int descriptor_ = -1;
  bool made_ = false;  ///< by this object, and not to be kept yet
  std::string token_;
  std::vector<Entry> entries_;
};

}  // namespace tools::edit
