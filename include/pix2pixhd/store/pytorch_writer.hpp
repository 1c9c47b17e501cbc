#pragma once
/// Writing .pth files that torch.load reads.

#include <pix2pixhd/store/tensor_file_base.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace pix2pixhd::inline v0 {

/// Writes a zip .pth file, whole or not at all, which torch.load(path, weights_only=True) reads as an OrderedDict of
/// contiguous CPU tensors in the order of `entries`, each with a storage of its own, aligned to 64 bytes.
/// `integers` become 0-d int64 tensors. After every key that ends in "running_var" a `num_batches_tracked` of 0 is
/// added, unless it is given, because load_state_dict(strict=True) of a batch norm wants it. `produce` is called once
/// an entry. Throws Error, before anything is written, if a name is used twice, a shape is impossible or a type is one
/// that PyTorch's files of this kind cannot hold (u16, u32, u64); and if the values do not fit, or the file cannot be
/// written.
void write_pytorch(const std::filesystem::path& path, const std::vector<TensorEntry>& entries,
                   const TensorProducer& produce, const std::map<std::string, std::int64_t>& integers = {});

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/store/pytorch_writer-inl.hpp>
#endif
