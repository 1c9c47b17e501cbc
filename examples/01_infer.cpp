// Example 1: from a label map to a picture.
//
// A network is a type. Generator<1> is the paper's generator for 2048x1024: one local enhancer around the global
// generator. Its shape, GeneratorShape{}, is that of the published networks for Cityscapes: 36 input channels, which
// are 35 classes and the boundaries between instances.
//
// Weights come from a .safetensors file or from a .pth file that PyTorch has written. Which of them it is, is told by
// its content. A key that is missing, superfluous or of another shape is an error: a network is never loaded by half.
//
//     01_infer WEIGHTS LABELS.png INSTANCES.png PICTURE.png

#include <pix2pixhd/images/files.hpp>
#include <pix2pixhd/pix2pixhd.hpp>
#include <pix2pixhd/store/state_dict.hpp>

#include <iostream>

using namespace pix2pixhd;

int main(int argc, char** argv) try {
  if (argc != 5) {
    std::cerr << "usage: 01_infer WEIGHTS LABELS.png INSTANCES.png PICTURE.png\n";
    return 2;
  }
  // A GPU where one can be used, else the CPU. Everything below is the same for both.
  Device device = best_device();

  Generator<1> generator;
  load(device, generator, argv[1]);

  // Labels stay one byte a pixel: a semantic map of 36 channels is never spelt out, and the first layer of the
  // generator looks its weights up by class.
  const LabelArray labels = read_labels(argv[2]);
  const InstanceArray instances = read_instances(argv[3]);
  const SemanticMap map = semantic_map(device, labels, instances, 35);

  // infer takes pictures of any size and returns the same size. It keeps nothing for a backward pass.
  const Tensor picture = infer(device, generator, map);
  write_image(argv[4], download(device, picture));
} catch (const Error& error) {
  // Whatever is wrong is a sentence that names the file, the pixel or the key, and says what to do.
  std::cerr << "01_infer: " << error.what() << '\n';
  return 1;
}
