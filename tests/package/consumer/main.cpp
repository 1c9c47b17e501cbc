// A program outside the project: a small generator makes a picture of a label map.
#include <pix2pixhd/pix2pixhd.hpp>

#include <cstdio>
#include <optional>

namespace p2p = pix2pixhd;

int main() {
  try {
    p2p::Device device = p2p::cpu({.threads = 1});
    p2p::Generator<1, p2p::GeneratorShape{.in = 4, .width = 16, .downsamples = 2, .blocks = 1, .local_blocks = 1}>
        generator;
    p2p::initialize(device, generator, 1);
    auto labels = xt::xtensor<std::uint8_t, 2>::from_shape({20, 30});
    for (std::size_t i = 0; i < labels.size(); ++i) labels.data()[i] = static_cast<std::uint8_t>(i / 40 % 4);
    const auto picture =
        p2p::download(device, p2p::infer(device, generator, p2p::semantic_map(device, labels, std::nullopt, 4)));
    std::printf("a picture of %zu x %zu, first value %.4f\n", picture.shape()[3], picture.shape()[2],
                picture(0, 0, 0, 0));
    return picture.shape()[2] == 20 && picture(0, 0, 0, 0) > -1 && picture(0, 0, 0, 0) < 1 ? 0 : 1;
  } catch (const p2p::Error& error) {
    std::printf("%s\n", error.what());
    return 1;
  }
}
