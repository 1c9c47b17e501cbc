#pragma once
/// NVRTC, the compiler for kernels: own declarations of what is used of it. tests/backend/cuda/libraries/headers.cpp
/// compares them with NVIDIA's where these are installed.

#include <pix2pixhd/backend/cuda/dynamic_library.hpp>
#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/version.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace pix2pixhd::inline v0::backend_cuda::nvrtc {

using Result = int;
using Program = struct _nvrtcProgram*;

inline constexpr Result success = 0;

/// The functions, and why they are not to be had.
struct Functions {
  std::string problem;  ///< empty if all is well
  int major = 0, minor = 0;

  Result (*version)(int* major, int* minor) = nullptr;
  const char* (*error_string)(Result result) = nullptr;
  Result (*create)(Program* program, const char* source, const char* name, int headers, const char* const* texts,
                   const char* const* names) = nullptr;
  Result (*destroy)(Program* program) = nullptr;
  Result (*compile)(Program program, int count, const char* const* options) = nullptr;
  Result (*log_size)(Program program, std::size_t* bytes) = nullptr;
  Result (*log)(Program program, char* text) = nullptr;
  Result (*cubin_size)(Program program, std::size_t* bytes) = nullptr;
  Result (*cubin)(Program program, char* bytes) = nullptr;
  Result (*ptx_size)(Program program, std::size_t* bytes) = nullptr;
  Result (*ptx)(Program program, char* text) = nullptr;
  Result (*architecture_count)(int* count) = nullptr;
  Result (*architectures)(int* numbers) = nullptr;
};

/// Where NVRTC is looked for beside a driver of this version (13000 is CUDA 13.0; 0: there is none). A driver does not
/// load what an NVRTC of a later major version made.
LibrarySearch library_search(int driver_version);

/// Loads NVRTC 12 or 13 at the first call, the driver before it. PIX2PIXHD_NVRTC may name the file.
const Functions& functions();

/// What to compile for a device of that compute capability (90 is 9.0), whose own architecture has the name `own`: this
/// where NVRTC knows it, otherwise ("compute_90") the newest below it that NVRTC knows, for the driver to translate.
/// Throws Error where there is none from 8.0 on.
std::string target(int capability, const std::string& own);

/// Machine code for `architecture` ("sm_90a"), or text for the driver to translate ("compute_90"). Throws Error with
/// the compiler's message.
std::vector<char> compile(const std::string& source, const std::string& architecture,
                          const std::vector<std::string>& options);

}  // namespace pix2pixhd::inline v0::backend_cuda::nvrtc

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cuda/nvrtc-inl.hpp>
#endif
