// The main file of a cuDNN, of which only the versions can be asked. Like NVIDIA's it looks for its part at the first
// call, by a name that all versions share, and then beside itself.
#include <dlfcn.h>

#include <cstddef>
#include <string>

namespace {

/// What is loaded under that name, or the file beside this one: that of the linker's path $ORIGIN, which does not hold
/// where a sanitizer has its own dlopen.
void* open_part() {
  const std::string name = "libcudnn_graph.so.9";
  if (void* const loaded = dlopen(name.c_str(), RTLD_NOW | RTLD_NOLOAD)) return loaded;
  Dl_info here{};
  dladdr(reinterpret_cast<void*>(&open_part), &here);
  const std::string file = here.dli_fname;
  return dlopen((file.substr(0, file.rfind('/') + 1) + name).c_str(), RTLD_NOW | RTLD_LOCAL);
}

}  // namespace

extern "C" {
std::size_t cudnnGetVersion() {
  static void* const part = open_part();
  void* const function = part ? dlsym(part, "part_version") : nullptr;
  return function ? reinterpret_cast<std::size_t (*)()>(function)() : 0;
}
std::size_t cudnnGetCudartVersion() { return CUDA; }

void cudnnGetErrorString() {}
void cudnnGetLastErrorString() {}
void cudnnCreate() {}
void cudnnDestroy() {}
void cudnnSetStream() {}
void cudnnBackendCreateDescriptor() {}
void cudnnBackendDestroyDescriptor() {}
void cudnnBackendFinalize() {}
void cudnnBackendSetAttribute() {}
void cudnnBackendGetAttribute() {}
void cudnnBackendExecute() {}
}
