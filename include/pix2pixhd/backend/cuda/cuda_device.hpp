#pragma once
/// GPUs as devices. Nothing of CUDA is needed to compile a program or to start it: the driver, NVRTC and cuDNN are
/// looked for when a device is asked for.

#include <pix2pixhd/core/device.hpp>

#include <optional>
#include <string>
#include <vector>

namespace pix2pixhd::inline v0 {

/// Why there is no CUDA device that can be used, in a sentence: if there are any, what is wrong with the first. Empty
/// if there is one, whatever its number. Loads libraries at the first call; never throws.
std::string cuda_availability();
/// The numbers of the devices that can be used, as far as can be said before they are opened; none where
/// cuda_availability() says why.
std::vector<int> usable_cuda_devices();
/// The first of them; nothing where there is none.
std::optional<int> first_cuda_device();

/// Opens a GPU of compute capability 8.0 or higher. Throws Error with the reason where there is none.
///
/// f32 is computed without tensor cores, tf32 with them; bf16 and f16 store activations in 16 bits. f16 is for
/// inference.
Device cuda(int index = 0, DeviceOptions options = {});

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cuda/cuda_device-inl.hpp>
#endif
