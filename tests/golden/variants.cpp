/// The definitions beyond the paper against PyTorch: paddings, resize upsampling, batch norm.

#include "golden_case.hpp"

using namespace tests;

TEST_CASE("zero padding, resize upsampling, one output channel") {
  check_generator<Generator<1, GeneratorShape{.in = 6,
                                              .out = 1,
                                              .width = 8,
                                              .downsamples = 2,
                                              .blocks = 1,
                                              .local_blocks = 1,
                                              .pad = Pad::zero,
                                              .up = Upsampling::resize}>>("enhancer1_zero_resize", 5);
}

TEST_CASE("replication padding, resize upsampling") {
  check_generator<Generator<
      0,
      GeneratorShape{
          .in = 6, .width = 4, .downsamples = 2, .blocks = 1, .pad = Pad::replicate, .up = Upsampling::resize}>>(
      "global_replicate", 5);
}

using BatchNormed =
    Generator<0, GeneratorShape{.in = 6, .width = 4, .downsamples = 2, .blocks = 1, .norm = Norm::batch}>;

TEST_CASE("batch norm in training") { check_generator<BatchNormed>("global_batchnorm", 5); }

TEST_CASE("batch norm with running statistics") {
  SUBCASE("training with constants") {
    check_generator<BatchNormed>("global_batchnorm_eval", 5, {.running_statistics = true});
  }
  SUBCASE("inference") {
    const GoldenCase golden("global_batchnorm_eval");
    for (NamedDevice& on : all_devices()) {
      CAPTURE(on.name);
      BatchNormed network;
      set_weights(on.device, network, golden);
      const Tensor y = infer(on.device, network, golden.upload(on.device, "input/x"));
      CHECK(relative_error(host(on.device, y), golden.read("output/y").values) <= output_tolerance);
    }
  }
}
