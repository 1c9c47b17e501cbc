#pragma once
/// What the two containers of .pth files have in common.

#include <pix2pixhd/store/strided_tensor.hpp>
#include <pix2pixhd/store/tensor_file_base.hpp>
#include <pix2pixhd/store/torch_objects.hpp>

#include <cstddef>
#include <filesystem>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0::detail {

/// A file whose tensors are strided views of storages.
class PytorchFile : public TensorFile {
 protected:
  explicit PytorchFile(std::filesystem::path path) : TensorFile(std::move(path)) {}

  /// Takes the tensors and makes the entries.
  void set_tensors(std::vector<NamedTensor> tensors);

  const std::vector<NamedTensor>& tensors() const { return tensors_; }

 private:
  /// Hands the bytes of a part of a storage to the sink, in as many pieces as are convenient, each a whole number
  /// of elements.
  virtual void read_storage(std::size_t storage, ByteRange range, const Sink& sink) = 0;

  /// The bytes of a storage if they lie in a mapping, else empty.
  virtual std::span<const std::byte> mapped_storage(std::size_t storage) = 0;

  void stream(std::size_t index, const Sink& sink) final;
  std::span<const std::byte> mapped_bytes(std::size_t index) final;

  std::vector<NamedTensor> tensors_;
};

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/store/pytorch_file-inl.hpp>
#endif
