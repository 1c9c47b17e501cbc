#pragma once
/// Loading cuDNN, and its descriptors.

#include <pix2pixhd/backend/cuda/cudnn.hpp>
#include <pix2pixhd/backend/cuda/dynamic_library.hpp>
#include <pix2pixhd/backend/cuda/nvrtc.hpp>
#include <pix2pixhd/core/error.hpp>

#include <array>
#include <utility>

namespace pix2pixhd::inline v0::backend_cuda::cudnn {

PIX2PIXHD_INLINE std::string cuda_problem(const std::string& path, std::size_t made_for, int driver_version) {
  const auto driver = static_cast<std::size_t>(driver_version);
  if (driver == 0 || made_for / 1000 <= driver / 1000) return "";
  return detail::sentence("cuDNN (", path, ") is made for CUDA ", made_for / 1000, ", but the driver for CUDA ",
                          driver / 1000, ".", driver % 1000 / 10, "; install a newer driver, or a cuDNN for CUDA ",
                          driver / 1000, ", for instance by `pip install nvidia-cudnn-cu", driver / 1000, "`");
}

inline Functions load_functions() {
  Functions f;
  nvrtc::functions();  // cuDNN asks for NVRTC by name and then gets the one that is loaded
  DynamicLibrary library(
      {.what = "cuDNN",
       .variable = "PIX2PIXHD_CUDNN",
       .names = {"libcudnn.so.9"},
       .wheel_folders = {"nvidia/cudnn/lib"},
       .folders = {"/usr/local/cuda/lib64"},
       .remedy =
           "install it, for instance by `pip install nvidia-cudnn-cu13` (nvidia-cudnn-cu12 for a CUDA 12 driver)"});
  library.resolve(f.version, "cudnnGetVersion");
  library.resolve(f.cuda_version, "cudnnGetCudartVersion");
  library.resolve(f.error_string, "cudnnGetErrorString");
  library.resolve(f.last_error, "cudnnGetLastErrorString");
  library.resolve(f.create, "cudnnCreate");
  library.resolve(f.destroy, "cudnnDestroy");
  library.resolve(f.set_stream, "cudnnSetStream");
  library.resolve(f.create_descriptor, "cudnnBackendCreateDescriptor");
  library.resolve(f.destroy_descriptor, "cudnnBackendDestroyDescriptor");
  library.resolve(f.finalize, "cudnnBackendFinalize");
  library.resolve(f.set, "cudnnBackendSetAttribute");
  library.resolve(f.get, "cudnnBackendGetAttribute");
  library.resolve(f.execute, "cudnnBackendExecute");
  if (library.loaded()) {
    f.version_number = f.version();
    if (f.version_number < oldest_version || f.version_number >= next_major_version)
      library.refuse(detail::sentence("cuDNN (", library.path(), ") is version ", f.version_number / 10000, ".",
                                      f.version_number % 10000 / 100, ".", f.version_number % 100,
                                      "; versions from 9.15 up to, not including, 10 can be used"));
    const std::string problem = cuda_problem(library.path(), f.cuda_version(), driver::functions().version);
    if (!problem.empty()) library.refuse(problem);
  }
  f.problem = library.problem();
  return f;
}

PIX2PIXHD_INLINE const Functions& functions() {
  static const Functions loaded = load_functions();
  return loaded;
}

PIX2PIXHD_INLINE std::string describe(Status status) {
  std::array<char, 512> text{};
  functions().last_error(text.data(), text.size());
  return detail::sentence(functions().error_string(status), text[0] ? ": " : "", text.data());
}

PIX2PIXHD_INLINE Descriptor::Descriptor(Kind kind) {
  const Status status = functions().create_descriptor(kind, &raw_);
  detail::require(status == success, "cuDNN could not create a descriptor of kind ", static_cast<int>(kind), ": ",
                  status == success ? "" : describe(status));
}

PIX2PIXHD_INLINE Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(raw_, other.raw_);
  return *this;
}

PIX2PIXHD_INLINE Descriptor::~Descriptor() {
  if (raw_) functions().destroy_descriptor(raw_);
}

PIX2PIXHD_INLINE void Descriptor::set(Attribute name, Type type, std::int64_t count, const void* values) {
  const Status status = functions().set(raw_, name, type, count, values);
  if (status != success)
    throw Error(detail::sentence("cuDNN refused attribute ", static_cast<int>(name), ": ", describe(status)));
}

PIX2PIXHD_INLINE void Descriptor::finalize() {
  const Status status = functions().finalize(raw_);
  if (status != success) throw Error(describe(status));
}

PIX2PIXHD_INLINE std::int64_t Descriptor::get(Attribute name, Type type, std::int64_t room, void* values) const {
  std::int64_t count = 0;
  const Status status = functions().get(raw_, name, type, room, &count, values);
  if (status != success)
    throw Error(detail::sentence("cuDNN did not give attribute ", static_cast<int>(name), ": ", describe(status)));
  return count;
}

}  // namespace pix2pixhd::inline v0::backend_cuda::cudnn
