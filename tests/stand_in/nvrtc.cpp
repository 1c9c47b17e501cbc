// The functions of NVRTC: nothing is compiled, the kernels are in this library already.
#include <cstddef>
#include <cstring>
#include <string>

namespace {
struct Program {
  std::string code;
};
}  // namespace

extern "C" {

int nvrtcVersion(int* major, int* minor) {
  *major = *minor = 0;  // of nothing that exists, so that nothing kept on disk is taken for it
  return 0;
}
const char* nvrtcGetErrorString(int) { return "an error of the tests' stand-in"; }
int nvrtcCreateProgram(Program** program, const char* source, const char*, int, const char* const*,
                       const char* const*) {
  const std::string text = source;
  for (const char* type : {"f32", "bf16", "f16"})
    if (text.find(std::string("Activations are stored as ") + type) != std::string::npos) {
      *program = new Program{std::string("stand-in ") + type};
      return 0;
    }
  return 1;
}
int nvrtcDestroyProgram(Program** program) {
  delete *program;
  *program = nullptr;
  return 0;
}
int nvrtcCompileProgram(Program*, int, const char* const*) { return 0; }
int nvrtcGetProgramLogSize(Program*, std::size_t* bytes) {
  *bytes = 0;
  return 0;
}
int nvrtcGetProgramLog(Program*, char*) { return 0; }
int nvrtcGetCUBINSize(Program* program, std::size_t* bytes) {
  *bytes = program->code.size() + 1;
  return 0;
}
int nvrtcGetCUBIN(Program* program, char* bytes) {
  std::memcpy(bytes, program->code.c_str(), program->code.size() + 1);
  return 0;
}
int nvrtcGetPTXSize(Program* program, std::size_t* bytes) { return nvrtcGetCUBINSize(program, bytes); }
int nvrtcGetPTX(Program* program, char* text) { return nvrtcGetCUBIN(program, text); }
int nvrtcGetNumSupportedArchs(int* count) {
  *count = 2;
  return 0;
}
int nvrtcGetSupportedArchs(int* numbers) {
  numbers[0] = 80;
  numbers[1] = 90;
  return 0;
}

}  // extern "C"
