#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/store/zip_writer.hpp>

#include <zip.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace pix2pixhd::inline v0::detail {

/// A member that libzip asks for its bytes.
struct ZipWriter::Member {
  ZipWriter* writer;
  std::uint64_t size;
  ZipContent content;
  std::uint64_t offset = 0;
  zip_error_t error = {};
};

/// What libzip calls. Exceptions must not pass through it, so they are kept and thrown again in commit().
struct ZipWriter::Libzip {
  zip_t* archive = nullptr;
  zip_error_t error = {};

  /// Runs `action`; -1 and a kept exception if it throws.
  template <class Action>
  static zip_int64_t guarded(ZipWriter& writer, zip_error_t& error, Action action) {
    try {
      return static_cast<zip_int64_t>(action());
    } catch (...) {
      if (!writer.problem_) writer.problem_ = std::current_exception();
      ::zip_error_set(&error, ZIP_ER_INTERNAL, 0);
      return -1;
    }
  }

  /// The source of one member.
  static zip_int64_t member(void* state, void* data, zip_uint64_t length, zip_source_cmd_t command) {
    Member& member = *static_cast<Member*>(state);
    switch (command) {
      case ZIP_SOURCE_SUPPORTS:
        return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT,
                                              ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE, -1);
      case ZIP_SOURCE_OPEN:
        member.offset = 0;
        return 0;
      case ZIP_SOURCE_READ:
        return guarded(*member.writer, member.error, [&] {
          if (member.offset == member.size && member.size != 0) return std::size_t{0};
          const std::uint64_t some = std::min<std::uint64_t>(length, member.size - member.offset);
          const std::span<std::byte> out(static_cast<std::byte*>(data), static_cast<std::size_t>(some));
          const std::size_t got = member.content(member.offset, out);
          member.offset += got;
          return got;
        });
      case ZIP_SOURCE_STAT: {
        auto* status = static_cast<zip_stat_t*>(data);
        ::zip_stat_init(status);
        status->size = member.size;
        status->mtime = 1577836800;  // One date for all, so that equal tensors make equal files.
        status->valid = ZIP_STAT_SIZE | ZIP_STAT_MTIME;
        return sizeof *status;
      }
      case ZIP_SOURCE_ERROR:
        return ::zip_error_to_data(&member.error, data, length);
      case ZIP_SOURCE_CLOSE:
      case ZIP_SOURCE_FREE:
        return 0;
      default:
        ::zip_error_set(&member.error, ZIP_ER_OPNOTSUPP, 0);
        return -1;
    }
  }

  /// The archive itself, which goes into the atomic file.
  static zip_int64_t output(void* state, void* data, zip_uint64_t length, zip_source_cmd_t command) {
    ZipWriter& writer = *static_cast<ZipWriter*>(state);
    zip_error_t& error = writer.libzip_->error;
    switch (command) {
      case ZIP_SOURCE_SUPPORTS:  // libzip wants archives that could be read and sought; it does neither when writing.
        return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT,
                                              ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE, ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL,
                                              ZIP_SOURCE_BEGIN_WRITE, ZIP_SOURCE_COMMIT_WRITE,
                                              ZIP_SOURCE_ROLLBACK_WRITE, ZIP_SOURCE_WRITE, ZIP_SOURCE_SEEK_WRITE,
                                              ZIP_SOURCE_TELL_WRITE, ZIP_SOURCE_REMOVE, -1);
      case ZIP_SOURCE_STAT: {
        auto* status = static_cast<zip_stat_t*>(data);
        ::zip_stat_init(status);
        status->size = 0;
        status->valid = ZIP_STAT_SIZE;
        return sizeof *status;
      }
      case ZIP_SOURCE_WRITE:
        return guarded(writer, error, [&] {
          writer.file_.write(std::span(static_cast<const std::byte*>(data), static_cast<std::size_t>(length)));
          writer.length_ = std::max(writer.length_, writer.file_.position());
          return static_cast<std::size_t>(length);
        });
      case ZIP_SOURCE_SEEK_WRITE: {
        const zip_int64_t place =
            ::zip_source_seek_compute_offset(writer.file_.position(), writer.length_, data, length, &error);
        if (place < 0) return -1;
        writer.file_.seek(static_cast<std::uint64_t>(place));
        return 0;
      }
      case ZIP_SOURCE_TELL_WRITE:
        return static_cast<zip_int64_t>(writer.file_.position());
      case ZIP_SOURCE_ERROR:
        return ::zip_error_to_data(&error, data, length);
      case ZIP_SOURCE_OPEN:
      case ZIP_SOURCE_CLOSE:
      case ZIP_SOURCE_BEGIN_WRITE:
      case ZIP_SOURCE_COMMIT_WRITE:
      case ZIP_SOURCE_ROLLBACK_WRITE:
      case ZIP_SOURCE_REMOVE:
      case ZIP_SOURCE_FREE:
        return 0;
      default:
        ::zip_error_set(&error, ZIP_ER_OPNOTSUPP, 0);
        return -1;
    }
  }
};

PIX2PIXHD_INLINE ZipWriter::ZipWriter(const std::filesystem::path& path)
    : path_(path), file_(path), libzip_(std::make_unique<Libzip>()) {
  zip_error_t error;
  ::zip_error_init(&error);
  zip_source_t* target = ::zip_source_function_create(&Libzip::output, this, &error);
  if (target != nullptr) {
    libzip_->archive = ::zip_open_from_source(target, ZIP_CREATE | ZIP_TRUNCATE, &error);
    if (libzip_->archive == nullptr) ::zip_source_free(target);
  }
  const std::string reason = ::zip_error_strerror(&error);
  ::zip_error_fini(&error);
  require(libzip_->archive != nullptr, path_, " cannot be written as a zip archive (", reason, ").");
}

// libzip's sources may call back while they are given up.
PIX2PIXHD_INLINE ZipWriter::~ZipWriter() {
  if (libzip_->archive != nullptr) ::zip_discard(std::exchange(libzip_->archive, nullptr));
}

PIX2PIXHD_INLINE void ZipWriter::add(const std::string& name, std::uint64_t size, ZipContent content) {
  members_.push_back(std::make_unique<Member>(Member{.writer = this, .size = size, .content = std::move(content)}));
  zip_t* archive = libzip_->archive;
  zip_source_t* source = ::zip_source_function(archive, &Libzip::member, members_.back().get());
  const zip_int64_t index = source == nullptr ? -1 : ::zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    const std::string reason = ::zip_strerror(archive);
    if (source != nullptr) ::zip_source_free(source);
    throw Error(sentence(path_, " is not written: the member \"", name, "\" cannot be added (", reason, ")."));
  }
  const auto number = static_cast<zip_uint64_t>(index);
  // A member begins with a header of 30 bytes, its name, and extra fields: one of 20 bytes for sizes beyond 32 bits,
  // and ours, of 4 bytes and the padding.
  constexpr std::uint64_t alignment = 64;
  const std::uint64_t large = size >= std::numeric_limits<std::uint32_t>::max() ? 20 : 0;
  const std::uint64_t begin = planned_ + 30 + name.size() + large + 4;
  const std::string padding((alignment - begin % alignment) % alignment, 'Z');
  constexpr zip_uint16_t identifier = 0x4246;  // "FB", the field that torch itself pads with
  const bool stored = ::zip_set_file_compression(archive, number, ZIP_CM_STORE, 0) == 0 &&
                      ::zip_file_extra_field_set(archive, number, identifier, ZIP_EXTRA_FIELD_NEW,
                                                 reinterpret_cast<const zip_uint8_t*>(padding.data()),
                                                 static_cast<zip_uint16_t>(padding.size()), ZIP_FL_LOCAL) == 0;
  require(stored, path_, " is not written: the member \"", name, "\" cannot be added (", ::zip_strerror(archive), ").");
  planned_ = begin + padding.size() + size;
}

PIX2PIXHD_INLINE void ZipWriter::commit() {
  require(libzip_->archive != nullptr, path_, " is already complete.");
  if (::zip_close(libzip_->archive) != 0) {
    if (problem_) std::rethrow_exception(problem_);
    throw Error(sentence(path_, " could not be written (", ::zip_strerror(libzip_->archive), ")."));
  }
  libzip_->archive = nullptr;
  file_.commit();
}

}  // namespace pix2pixhd::inline v0::detail
