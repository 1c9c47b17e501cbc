#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/store/pickle.hpp>
#include <pix2pixhd/store/pytorch_file.hpp>
#include <pix2pixhd/store/pytorch_zip.hpp>
#include <pix2pixhd/store/zip_reader.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0::detail {

/// An open archive of torch.save. Only the archive's directory and the descriptions of the tensors are held in memory.
class PytorchZipFile final : public PytorchFile {
 public:
  explicit PytorchZipFile(MappedFile file) : PytorchFile(file.path()), zip_(file.path()) {
    const std::string folder = find_folder();
    check_version(folder);
    const auto pickled = zip_.find(folder + "data.pkl");
    constexpr std::uint64_t longest = std::uint64_t{1} << 28;
    require(zip_.size(*pickled) <= longest, path(), ": its pickle has more than ", longest,
            " bytes, which no description of tensors needs.");
    const std::string text = zip_.text(*pickled);
    Unpickler pickle(std::as_bytes(std::span(text)), path());
    const PickleValue root = pickle.load();
    std::vector<NamedTensor> found = collect_tensors(pickle.heap(), pickle.objects(), root, pickle.consumed(), path());
    members_.resize(pickle.objects().storages().size());
    mapped_.resize(members_.size());
    for (const NamedTensor& named : found) check_storage(named, pickle.objects(), folder);
    set_tensors(std::move(found));
    // A mapping of a file that a server provides may fail; what libzip cannot read is an Error.
    if (file.steady()) map_storages(std::move(file));
  }

  std::shared_ptr<const LentMemory> lender() const override { return file_; }

 private:
  /// Where a storage lies in the mapping; empty where that is not known.
  struct MappedStorage {
    std::span<const std::byte> bytes = {};
    bool compared = false;  ///< with what libzip reads, and so with the checksum
  };

  /// The folder of the pickle inside the archive, with its slash: torch names it after the file.
  std::string find_folder() const {
    constexpr std::string_view pickle = "data.pkl";
    for (const std::string& name : zip_.names()) {
      const std::size_t slash = name.find('/');
      if (slash != name.npos && std::string_view(name).substr(slash + 1) == pickle) return name.substr(0, slash + 1);
    }
    throw Error(sentence(path(), " is a zip archive without a data.pkl, so torch.save did not write it."));
  }

  void check_version(const std::string& folder) {
    const auto version = zip_.find(folder + "version");
    require(version.has_value() && zip_.size(*version) <= 16, path(), ": the archive has no valid version.");
    const std::string text = zip_.text(*version);
    int number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    require(number >= 1 && number <= 10, path(), ": the archive's version is ", number, "; 1 to 10 are known.");
    if (const auto order = zip_.find(folder + "byteorder"))
      require(zip_.size(*order) <= 16 && zip_.text(*order) == "little", path(),
              " is not of little-endian byte order; save it again on a little-endian machine.");
  }

  void check_storage(const NamedTensor& named, const TorchObjects& objects, const std::string& folder) {
    const std::size_t index = named.tensor.storage;
    if (members_[index].has_value()) return;
    const TensorStorage& storage = objects.storages()[index];
    const std::string member = folder + "data/" + storage.key;
    members_[index] = zip_.find(member);
    require(members_[index].has_value(), path(), ": the storage \"", printable(member), "\" of tensor \"",
            printable(named.name), "\" is missing; the file is damaged.");
    const std::uint64_t bytes = zip_.size(*members_[index]);
    const std::uint64_t size = size_of(storage.type);
    require(bytes % size == 0 && bytes / size == static_cast<std::uint64_t>(storage.count), path(), ": the storage \"",
            printable(member), "\" has ", bytes, " bytes, but ", storage.count, " elements of type ",
            name_of(storage.type), " are announced; the file is damaged.");
  }

  void map_storages(MappedFile file) {
    file_ = std::make_shared<const MappedFile>(std::move(file));
    const auto offsets = zip_.locate(file_->bytes());
    for (std::size_t i = 0; i < members_.size(); ++i)
      if (members_[i] && offsets[*members_[i]])
        mapped_[i].bytes = file_->bytes().subspan(*offsets[*members_[i]], zip_.size(*members_[i]));
  }

  void read_storage(std::size_t storage, ByteRange range, const Sink& sink) override {
    zip_.read(*members_[storage], range.first, range.size, sink);
  }

  std::span<const std::byte> mapped_storage(std::size_t storage) override {
    MappedStorage& mapped = mapped_[storage];
    if (mapped.bytes.empty() || mapped.compared) return mapped.bytes;
    auto rest = mapped.bytes;
    bool equal = true;
    zip_.read(*members_[storage], 0, rest.size(), [&](std::span<const std::byte> piece) {
      equal = equal && std::memcmp(piece.data(), rest.data(), piece.size()) == 0;
      rest = rest.subspan(piece.size());
    });
    file_->release(mapped.bytes);
    mapped.compared = true;
    if (!equal) mapped.bytes = {};
    return mapped.bytes;
  }

  ZipReader zip_;
  std::vector<std::optional<std::uint64_t>> members_;  ///< of each storage
  std::shared_ptr<const MappedFile> file_;
  std::vector<MappedStorage> mapped_;  ///< of each storage
};

PIX2PIXHD_INLINE bool looks_like_zip(std::span<const std::byte> bytes) {
  constexpr std::string_view magic("PK\x03\x04", 4);
  return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

PIX2PIXHD_INLINE std::unique_ptr<TensorFile> open_pytorch_zip(MappedFile file) {
  return std::make_unique<PytorchZipFile>(std::move(file));
}

}  // namespace pix2pixhd::inline v0::detail
