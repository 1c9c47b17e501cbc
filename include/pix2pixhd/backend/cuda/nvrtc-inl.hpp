#pragma once
/// Loading NVRTC, and compiling with it.

#include <pix2pixhd/backend/cuda/context.hpp>
#include <pix2pixhd/backend/cuda/driver.hpp>
#include <pix2pixhd/backend/cuda/nvrtc.hpp>
#include <pix2pixhd/core/error.hpp>

#include <algorithm>

namespace pix2pixhd::inline v0::backend_cuda::nvrtc {

PIX2PIXHD_INLINE LibrarySearch library_search(int driver_version) {
  LibrarySearch search{.what = "NVRTC, the compiler for CUDA kernels",
                       .variable = "PIX2PIXHD_NVRTC",
                       .names = {"libnvrtc.so.13", "libnvrtc.so.12"},
                       .wheel_folders = {"nvidia/cu13/lib", "nvidia/cuda_nvrtc/lib"},
                       .folders = {"/usr/local/cuda/lib64"},
                       .remedy = "install it, for instance by `pip install nvidia-cuda-nvrtc`"};
  if (driver_version != 0 && driver_version < 13000) {
    search.names = {"libnvrtc.so.12"};
    search.remedy = "install it, for instance by `pip install nvidia-cuda-nvrtc-cu12`";
  }
  return search;
}

inline Functions load_functions() {
  Functions f;
  DynamicLibrary library(library_search(driver::functions().version));
  library.resolve(f.version, "nvrtcVersion");
  library.resolve(f.error_string, "nvrtcGetErrorString");
  library.resolve(f.create, "nvrtcCreateProgram");
  library.resolve(f.destroy, "nvrtcDestroyProgram");
  library.resolve(f.compile, "nvrtcCompileProgram");
  library.resolve(f.log_size, "nvrtcGetProgramLogSize");
  library.resolve(f.log, "nvrtcGetProgramLog");
  library.resolve(f.cubin_size, "nvrtcGetCUBINSize");
  library.resolve(f.cubin, "nvrtcGetCUBIN");
  library.resolve(f.ptx_size, "nvrtcGetPTXSize");
  library.resolve(f.ptx, "nvrtcGetPTX");
  library.resolve(f.architecture_count, "nvrtcGetNumSupportedArchs");
  library.resolve(f.architectures, "nvrtcGetSupportedArchs");
  if (library.loaded()) f.version(&f.major, &f.minor);
  f.problem = library.problem();
  return f;
}

PIX2PIXHD_INLINE const Functions& functions() {
  static const Functions loaded = load_functions();
  return loaded;
}

PIX2PIXHD_INLINE std::string target(int capability, const std::string& own) {
  const Functions& f = functions();
  detail::require(f.problem.empty(), f.problem);
  int count = 0;
  if (f.architecture_count(&count) != success) return own;
  std::vector<int> known(static_cast<std::size_t>(count));
  if (f.architectures(known.data()) != success || std::ranges::find(known, capability) != known.end()) return own;
  std::erase_if(known, [&](int number) { return number > capability || number < oldest_capability; });
  detail::require(!known.empty(), "NVRTC ", f.major, ".", f.minor, " compiles for no device like ", own,
                  "; install a newer one, for instance by `pip install nvidia-cuda-nvrtc`.");
  return detail::sentence("compute_", std::ranges::max(known));
}

PIX2PIXHD_INLINE std::vector<char> compile(const std::string& source, const std::string& architecture,
                                           const std::vector<std::string>& options) {
  const Functions& f = functions();
  detail::require(f.problem.empty(), f.problem);
  Program program = nullptr;
  const auto check = [&](Result result, const char* what) {
    if (result == success) return;
    std::string log;
    std::size_t bytes = 0;
    if (program && f.log_size(program, &bytes) == success && bytes > 1) {
      log.resize(bytes);
      f.log(program, log.data());
      log.resize(bytes - 1);
    }
    const std::string text = f.error_string(result);
    if (program) f.destroy(&program);
    throw Error(detail::sentence("the kernels for ", architecture, ": NVRTC ", f.major, ".", f.minor, " could not ",
                                 what, " (", text, ")", log.empty() ? "" : ":\n" + log));
  };
  std::vector<std::string> words{"--gpu-architecture=" + architecture};
  words.insert(words.end(), options.begin(), options.end());
  std::vector<const char*> pointers;
  for (const std::string& word : words) pointers.push_back(word.c_str());
  check(f.create(&program, source.c_str(), "pix2pixhd.cu", 0, nullptr, nullptr), "take them");
  check(f.compile(program, static_cast<int>(pointers.size()), pointers.data()), "compile them");
  const bool text = architecture.starts_with("compute_");
  std::size_t bytes = 0;
  check((text ? f.ptx_size : f.cubin_size)(program, &bytes), "give their code");
  std::vector<char> code(bytes);
  check((text ? f.ptx : f.cubin)(program, code.data()), "give their code");
  f.destroy(&program);
  detail::require(!code.empty(), "the kernels for ", architecture,
                  ": NVRTC gave no code; name an architecture (sm_.. or compute_..).");
  return code;
}

}  // namespace pix2pixhd::inline v0::backend_cuda::nvrtc
