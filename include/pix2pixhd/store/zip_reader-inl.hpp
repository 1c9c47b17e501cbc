#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/store/zip_reader.hpp>

#include <zip.h>

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

namespace pix2pixhd::inline v0::detail {

PIX2PIXHD_INLINE void ZipReader::Close::operator()(zip* archive) const { ::zip_discard(archive); }

PIX2PIXHD_INLINE void ZipReader::Close::operator()(zip_file* file) const { ::zip_fclose(file); }

PIX2PIXHD_INLINE ZipReader::ZipReader(std::filesystem::path path) : path_(std::move(path)) {
  std::error_code unknown;
  const auto bytes = std::filesystem::file_size(path_, unknown);
  require(!unknown, path_, " cannot be opened: ", unknown.message(), ".");
  file_size_ = bytes;
  int code = 0;
  archive_.reset(::zip_open(path_.c_str(), ZIP_RDONLY, &code));
  if (archive_) return;
  zip_error_t error;
  ::zip_error_init_with_code(&error, code);
  const std::string reason = ::zip_error_strerror(&error);
  ::zip_error_fini(&error);
  throw Error(sentence(path_, " begins like a zip archive but cannot be read as one (", reason,
                       "); it is truncated or damaged."));
}

PIX2PIXHD_INLINE std::vector<std::string> ZipReader::names() const {
  std::vector<std::string> all;
  const zip_int64_t count = ::zip_get_num_entries(archive_.get(), 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    const char* name = ::zip_get_name(archive_.get(), static_cast<zip_uint64_t>(i), ZIP_FL_ENC_RAW);
    all.emplace_back(name == nullptr ? "" : name);
  }
  return all;
}

PIX2PIXHD_INLINE std::optional<std::uint64_t> ZipReader::find(const std::string& name) const {
  const zip_int64_t found = ::zip_name_locate(archive_.get(), name.c_str(), ZIP_FL_ENC_RAW);
  if (found < 0) return std::nullopt;
  return static_cast<std::uint64_t>(found);
}

PIX2PIXHD_INLINE void ZipReader::fail(std::uint64_t member, std::string_view problem) const {
  const char* name = ::zip_get_name(archive_.get(), member, ZIP_FL_ENC_RAW);
  throw Error(sentence(path_, ": the member \"", name == nullptr ? "" : name, "\" of the archive ", problem, "."));
}

PIX2PIXHD_INLINE std::uint64_t ZipReader::size(std::uint64_t member) const {
  zip_stat_t status;
  ::zip_stat_init(&status);
  constexpr zip_uint64_t needed =
      ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
  if (::zip_stat_index(archive_.get(), member, 0, &status) != 0 || (status.valid & needed) != needed)
    fail(member, "cannot be found");
  if (status.comp_method != ZIP_CM_STORE)
    fail(member, "is compressed, which torch.save never does; save the file again");
  if (status.encryption_method != ZIP_EM_NONE) fail(member, "is encrypted; save the file again without a password");
  if (status.size != status.comp_size || status.size > file_size_)
    fail(member, "claims to be larger than the file; the file is truncated or damaged");
  return status.size;
}

PIX2PIXHD_INLINE ZipReader::Member ZipReader::open(std::uint64_t member) const {
  Member file(::zip_fopen_index(archive_.get(), member, 0));
  if (!file) fail(member, sentence("cannot be opened (", ::zip_strerror(archive_.get()), "); the file is damaged"));
  return file;
}

PIX2PIXHD_INLINE void ZipReader::read_some(zip_file* file, std::uint64_t member, std::span<std::byte> out) const {
  while (!out.empty()) {
    const zip_int64_t got = ::zip_fread(file, out.data(), out.size());
    if (got < 0) fail(member, sentence("cannot be read (", ::zip_file_strerror(file), "); the file is damaged"));
    if (got == 0) fail(member, "ends too early; the file is truncated or damaged");
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

PIX2PIXHD_INLINE void ZipReader::read(std::uint64_t member, std::uint64_t first, std::uint64_t count,
                                      const Sink& sink) {
  constexpr std::uint64_t most = std::uint64_t{1} << 20;
  const std::uint64_t all = size(member);
  if (first > all || count > all - first) fail(member, "is shorter than the tensor in it; the file is damaged");
  const bool whole = first == 0 && count == all;
  if (!whole && !verified_.contains(member)) read(member, 0, all, [](std::span<const std::byte>) {});
  const Member file = open(member);
  if (first != 0 && ::zip_fseek(file.get(), static_cast<zip_int64_t>(first), SEEK_SET) != 0)
    fail(member, sentence("cannot be read from its middle (", ::zip_file_strerror(file.get()), ")"));
  std::vector<std::byte> piece(static_cast<std::size_t>(std::min(most, count)));
  for (std::uint64_t left = count; left > 0;) {
    const auto some = std::span(piece).first(static_cast<std::size_t>(std::min(most, left)));
    read_some(file.get(), member, some);
    sink(some);
    left -= some.size();
  }
  if (!whole) return;
  // The checksum is compared only when the end is met by a read.
  std::byte none{};
  if (::zip_fread(file.get(), &none, 1) != 0) fail(member, "does not agree with its checksum; the file is damaged");
  verified_.insert(member);
}

PIX2PIXHD_INLINE std::vector<std::optional<std::uint64_t>> ZipReader::locate(std::span<const std::byte> archive) const {
  // A header: "PK\3\4", 22 bytes, the lengths of name and extra fields in two bytes each, the name, the extra fields.
  // Behind the member's bytes its sizes may stand once more, in one of these lengths.
  constexpr std::string_view mark("PK\x03\x04", 4);
  constexpr std::size_t fixed = 30;
  constexpr std::array<std::size_t, 5> trailers = {0, 12, 16, 20, 24};
  const std::string_view all(reinterpret_cast<const char*>(archive.data()), archive.size());
  const auto begins = [&](std::size_t at) { return at <= all.size() && all.substr(at).starts_with(mark); };
  const auto number = [&](std::size_t at) {
    return static_cast<std::size_t>(archive[at]) | static_cast<std::size_t>(archive[at + 1]) << 8;
  };
  const std::vector<std::string> members = names();
  std::vector<std::optional<std::uint64_t>> offsets(members.size());
  std::size_t end = 0;  // of the member before
  for (std::size_t i = 0; i < members.size(); ++i) {
    const auto trailer = std::ranges::find_if(trailers, [&](std::size_t length) { return begins(end + length); });
    if (trailer == trailers.end()) break;
    const std::size_t header = end + *trailer;
    if (header + fixed > all.size() || number(header + 26) != members[i].size() ||
        all.substr(header + fixed, members[i].size()) != members[i])
      break;
    const std::size_t begin = header + fixed + members[i].size() + number(header + 28);
    zip_stat_t status;
    ::zip_stat_init(&status);
    if (::zip_stat_index(archive_.get(), i, 0, &status) != 0 || (status.valid & ZIP_STAT_COMP_SIZE) == 0 ||
        begin > all.size() || status.comp_size > all.size() - begin)
      break;
    offsets[i] = begin;
    end = begin + static_cast<std::size_t>(status.comp_size);
  }
  return offsets;
}

PIX2PIXHD_INLINE std::string ZipReader::text(std::uint64_t member) {
  std::string all;
  read(member, 0, size(member), [&](std::span<const std::byte> piece) {
    all.append(reinterpret_cast<const char*>(piece.data()), piece.size());
  });
  return all;
}

}  // namespace pix2pixhd::inline v0::detail
