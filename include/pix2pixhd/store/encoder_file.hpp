#pragma once
/// Feature encoders from files whose weights say what shape they have.

#include <pix2pixhd/networks/any_encoder.hpp>
#include <pix2pixhd/store/state_dict.hpp>

#include <filesystem>
#include <string>

namespace pix2pixhd::inline v0 {

/// The shape of the encoder whose weights a file holds under keys that begin with `prefix`, as load() reads it. Throws
/// Error that names the file unless its convolutions are a stem that takes pictures, halvings, as many doublings and a
/// head, and where its metadata name another network.
EncoderShape encoder_shape(const TensorFile& file, const std::string& prefix = {});

/// An encoder of whatever shape a file's weights have, with these. Throws Error that names the file unless AnyEncoder
/// has that shape, and what encoder_shape() and load() throw.
AnyEncoder load_encoder(Device& device, const std::filesystem::path& path, const LoadOptions& options = {});

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/store/encoder_file-inl.hpp>
#endif
