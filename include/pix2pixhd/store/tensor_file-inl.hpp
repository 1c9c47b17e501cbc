#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/store/mapped_file.hpp>
#include <pix2pixhd/store/pytorch_legacy.hpp>
#include <pix2pixhd/store/pytorch_zip.hpp>
#include <pix2pixhd/store/safetensors.hpp>
#include <pix2pixhd/store/tensor_file.hpp>

#include <utility>

namespace pix2pixhd::inline v0 {

PIX2PIXHD_INLINE std::unique_ptr<TensorFile> open_tensor_file(const std::filesystem::path& path) {
  detail::MappedFile file(path);
  if (detail::looks_like_zip(file.bytes())) return detail::open_pytorch_zip(std::move(file));
  // Before pickles: the length of a header may begin like a pickle, but a pickle has no brace after eight bytes.
  if (detail::looks_like_safetensors(file.bytes())) return detail::open_safetensors(std::move(file));
  if (detail::looks_like_legacy_pytorch(file.bytes())) return detail::open_pytorch_legacy(std::move(file));
  throw Error(
      detail::sentence(path,
                       " is no tensor file, or its beginning is damaged: accepted are .safetensors, and .pth as "
                       "written by torch.save (zip container or the older pickle stream)."));
}

}  // namespace pix2pixhd::inline v0
