#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/store/pickle.hpp>
#include <pix2pixhd/store/pytorch_file.hpp>
#include <pix2pixhd/store/pytorch_legacy.hpp>

#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0::detail {

/// A mapped file of the older container.
class PytorchLegacyFile final : public PytorchFile {
 public:
  explicit PytorchLegacyFile(MappedFile file)
      : PytorchFile(file.path()), file_(std::make_shared<const MappedFile>(std::move(file))) {
    Unpickler pickle(file_->bytes(), path());
    check_beginning(pickle);
    const PickleValue root = pickle.load();
    const PickleValue keys = pickle.load();
    locate_storages(pickle, keys);
    set_tensors(collect_tensors(pickle.heap(), pickle.objects(), root, pickle.consumed(), path()));
    for (const NamedTensor& named : tensors())
      require(storages_[named.tensor.storage].has_value(), path(), ": the storage of tensor \"", printable(named.name),
              "\" is not in the file; it is damaged.");
  }

  std::shared_ptr<const LentMemory> lender() const override { return file_; }

 private:
  void check_beginning(Unpickler& pickle) const {
    using Kind = PickleValue::Kind;
    constexpr std::string_view magic("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 10);
    const PickleValue number = pickle.load();
    require(number.kind == Kind::big && number.text == magic, path(),
            " is a pickle, but not one of PyTorch; save it with torch.save.");
    const PickleValue protocol = pickle.load();
    require(protocol.kind == Kind::integer && protocol.number == 1001, path(),
            " is written in an unknown protocol of PyTorch; save it again with a newer torch.save.");
    const PickleValue system = pickle.load();
    require(system.kind == Kind::dict, path(), ": the system information is no dictionary; the file is damaged.");
    const auto& items = pickle.heap().items(system);
    for (std::size_t i = 0; i + 1 < items.size(); i += 2)
      require(items[i].text != "little_endian" || items[i + 1].number != 0, path(),
              " was written on a big-endian machine; save it again on a little-endian one.");
  }

  void locate_storages(const Unpickler& pickle, const PickleValue& keys) {
    require(keys.kind == PickleValue::Kind::list, path(), ": the list of storages is missing; the file is damaged.");
    const auto& known = pickle.objects().storages();
    storages_.resize(known.size());
    std::span<const std::byte> rest = file_->bytes().subspan(pickle.position());
    for (const PickleValue& key : pickle.heap().items(keys)) {
      const auto index = key.kind == PickleValue::Kind::text ? pickle.objects().find_storage(key.text) : std::nullopt;
      if (!index)
        throw Error(
            sentence(path(), ": the storage \"", printable(key.text), "\" belongs to no tensor; the file is damaged."));
      const TensorStorage& storage = known[*index];
      std::int64_t count = -1;
      if (rest.size() >= sizeof count) std::memcpy(&count, rest.data(), sizeof count);
      require(count == storage.count && count >= 0, path(), ": the storage \"", printable(storage.key), "\" has ",
              count, " elements instead of ", storage.count, "; the file is truncated or damaged.");
      rest = rest.subspan(sizeof count);
      const std::size_t size = size_of(storage.type);
      require(static_cast<std::uint64_t>(count) <= rest.size() / size, path(), ": the storage \"",
              printable(storage.key), "\" should have ", count,
              " elements, but the file ends before; it is truncated.");
      storages_[*index] = rest.first(static_cast<std::size_t>(count) * size);
      rest = rest.subspan(static_cast<std::size_t>(count) * size);
    }
  }

  void read_storage(std::size_t storage, ByteRange range, const Sink& sink) override {
    sink(storages_[storage]->subspan(range.first, range.size));
  }
  std::span<const std::byte> mapped_storage(std::size_t storage) override { return *storages_[storage]; }

  std::shared_ptr<const MappedFile> file_;
  std::vector<std::optional<std::span<const std::byte>>> storages_;
};

PIX2PIXHD_INLINE bool looks_like_legacy_pytorch(std::span<const std::byte> bytes) {
  return bytes.size() >= 2 && bytes[0] == std::byte{0x80} && bytes[1] >= std::byte{2} && bytes[1] <= std::byte{5};
}

PIX2PIXHD_INLINE std::unique_ptr<TensorFile> open_pytorch_legacy(MappedFile file) {
  return std::make_unique<PytorchLegacyFile>(std::move(file));
}

}  // namespace pix2pixhd::inline v0::detail
