#pragma once
/// Loading cuDNN, and its descriptors.

#include <pix2pixhd/backend/cuda/cudnn.hpp>
#include <pix2pixhd/backend/cuda/cudnn_search.hpp>
#include <pix2pixhd/backend/cuda/dynamic_library.hpp>
#include <pix2pixhd/backend/cuda/nvrtc.hpp>
#include <pix2pixhd/core/error.hpp>

#include <array>
#include <utility>

namespace pix2pixhd::inline v0::backend_cuda::cudnn {

PIX2PIXHD_INLINE Functions load(const LibrarySearch& search, int driver_version) {
  Functions f;
  DynamicLibrary library(search);
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
    const std::string version = version_objection(f.version_number),
                      cuda = cuda_objection(f.cuda_version(), driver_version);
    const std::size_t of_file = version_of_file(library.path());
    if (!version.empty() && of_file != 0 && of_file != f.version_number)
      library.refuse(
          detail::sentence("cuDNN (", library.path(), ") is version ", version_text(of_file),
                           ", but finds parts of version ", version_text(f.version_number),
                           " in place of its own, which LD_LIBRARY_PATH names or this program loaded before; "
                           "take them away, or load this cuDNN first"));
    else if (!version.empty())
      library.refuse(detail::sentence("cuDNN (", library.path(), ") ", version, "; ", search.remedy));
    else if (!cuda.empty())
      library.refuse(detail::sentence("cuDNN (", library.path(), ") ", cuda,
                                      "; install a newer driver, or a cuDNN for CUDA ", driver_version / 1000,
                                      ", for instance by `pip install nvidia-cudnn-cu", driver_version / 1000, "`"));
  }
  f.problem = library.problem();
  return f;
}

PIX2PIXHD_INLINE const Functions& functions() {
  static const Functions loaded = [] {
    nvrtc::functions();  // cuDNN asks for NVRTC by name and then gets the one that is loaded
    const int driver_version = driver::functions().version;
    return load(library_search(driver_version), driver_version);
  }();
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
