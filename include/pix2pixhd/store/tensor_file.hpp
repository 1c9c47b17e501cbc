#pragma once
/// Opening a tensor file of any container.

#include <pix2pixhd/store/tensor_file_base.hpp>

#include <filesystem>
#include <memory>

namespace pix2pixhd::inline v0 {

/// Opens a .safetensors file or a .pth file of either container (zip, or the older pickle stream). The container is
/// told by the content, never by the name. Throws Error naming the file if it cannot be read, is none of these, or is
/// damaged.
std::unique_ptr<TensorFile> open_tensor_file(const std::filesystem::path& path);

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/store/tensor_file-inl.hpp>
#endif
