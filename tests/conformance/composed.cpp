/// Fused calls against the same calls composed of a backend's own primitives.

#include "random_block.hpp"

using namespace tests;

namespace {

/// A block as the operation hands it to a backend, with nothing pending and nothing shared.
struct Call {
  BlockInput x;
  ConvBlockArrays arrays;
  Tensor skip;
  ConvBlockCall call;

  Call(Device& device, const RandomBlock& block) : x(input_of(device, block)) {
    if (!x.map) x.tensor = resolve(device, x.tensor);
    fill_arrays(device, block, arrays);
    const Shape out = block.output();
    if (block.skip) skip = normal_tensor(device, out, block.seed + 1);
    const bool normed = block.spec.norm != Norm::none;
    call = {.geometry = block.spec.geometry,
            .norm = detail::normalisation(block.spec, arrays, block.running, false),
            .activation = block.spec.activation,
            .x = &x,
            .weight = &arrays.weight.value,
            .bias = normed ? nullptr : &arrays.bias.value,
            .skip = block.skip ? &skip : nullptr,
            .raw = device.empty(out),
            .statistics = {},
            .y = device.empty(out),
            .workspace = nullptr};
    if (normed)
      call.statistics = device.empty({out.n, statistics_rows, 1, (out.c + 15) / 16 * 16}, Role::statistics);
    else if (!block.skip)
      call.y = call.raw;
    if (const std::size_t bytes = device.backend().workspace(call)) call.workspace = device.allocate(bytes);
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
};

}  // namespace

TEST_CASE("a fused block equals convolve, statistics and normalise") {
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    for (std::uint64_t seed = 200; seed < 240; ++seed) {
      const RandomBlock block(seed);
      CAPTURE(block.text());
      Call fused(on.device, block), composed(on.device, block);
      on.device.backend().conv_block(fused.call);
      on.device.backend().Backend::conv_block(composed.call);
      CHECK(relative_difference(detail::host_values(on.device, fused.call.y),
                                detail::host_values(on.device, composed.call.y)) <= 1e-5);
    }
  }
}
