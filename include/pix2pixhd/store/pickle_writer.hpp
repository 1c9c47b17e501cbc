#pragma once
/// Writing the pickle that describes a dict of tensors.

#include <pix2pixhd/store/tensor_file_base.hpp>

#include <string>
#include <vector>

namespace pix2pixhd::inline v0::detail {

/// The pickle (protocol 2) of an OrderedDict of contiguous tensors; tensor i lies in the storage "i". Throws Error for
/// a type without a storage class in PyTorch.
std::string pickle_tensors(const std::vector<TensorEntry>& entries);

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/store/pickle_writer-inl.hpp>
#endif
