#pragma once

#include "picture.hpp"

#include <pix2pixhd/pix2pixhd.hpp>

/// The body of both, compiled in each unit with its own flags: a template of its own for each.
template <int Unit>
std::vector<float> make_picture(pix2pixhd::Isa isa) {
  using namespace pix2pixhd;
  Device device = cpu({.threads = 1}, isa);
  Generator<1, GeneratorShape{.in = 4, .width = 32, .downsamples = 2, .blocks = 1, .local_blocks = 1}> generator;
  initialize(device, generator, 1);
  auto labels = xt::xtensor<std::uint8_t, 2>::from_shape({32, 48});
  for (std::size_t i = 0; i < labels.size(); ++i) labels.data()[i] = static_cast<std::uint8_t>(i / 50 % 4);
  const auto picture = download(device, infer(device, generator, semantic_map(device, labels, std::nullopt, 4)));
  return {picture.begin(), picture.end()};
}
