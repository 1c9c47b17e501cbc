// A program outside the project that uses the component onnx.
#include <pix2pixhd/backend/reference/reference_backend.hpp>
#include <pix2pixhd/networks/generator.hpp>
#include <pix2pixhd/onnx/export.hpp>

#include <cstdio>
#include <filesystem>

int main() {
  using namespace pix2pixhd;
  Device device = reference();
  Generator<0, GeneratorShape{.in = 5, .width = 4, .downsamples = 1, .blocks = 1}> generator;
  initialize(device, generator, 1);
  export_onnx(device, generator, "generator.onnx", {.classes = 5});
  std::printf("%ju bytes\n", std::filesystem::file_size("generator.onnx"));
  return std::filesystem::file_size("generator.onnx") > 1000 ? 0 : 1;
}
