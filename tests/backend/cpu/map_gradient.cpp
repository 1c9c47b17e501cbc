#include "backend/cpu/map_cases.hpp"

using namespace pix2pixhd_test;
using namespace pix2pixhd_test::map_cases;

TEST_CASE("the weight gradient by look-up equals that of one-hot channels and leaves dense channels alone") {
  for (const Case& c : cases())
    for (const bool add : {false, true}) {
      CAPTURE(c.text());
      CAPTURE(add);
      constexpr int dense = 2;
      const std::vector<double> before = numbers(c.weight(dense).count(), 3);
      compare(4e-6, [&](Backend& backend) {
        const BlockInput x = c.labels.on(backend, c.level);
        const Tensor dy = upload(backend, c.output(), numbers(c.output().count(), 1));
        const std::size_t taps = static_cast<std::size_t>(c.geometry.kernel * c.geometry.kernel);
        const auto inputs = static_cast<std::size_t>(c.inputs());
        if (auto* const cpu = dynamic_cast<CpuBackend*>(&backend)) {
          Tensor weight = upload(backend, c.weight(dense), before, Role::parameter);
          detail::MapConvolutionBackwardWeights call{
              .geometry = c.geometry, .map = &*x.map, .dy = &dy, .weight = &weight, .add = add};
          const auto workspace = backend.allocate(cpu->map_backward_workspace(call));
          std::fill_n(static_cast<unsigned char*>(workspace->mutable_data()), workspace->bytes(),
                      static_cast<unsigned char>(0xff));
          call.workspace = static_cast<std::byte*>(workspace->mutable_data());
          cpu->map_convolve_backward_weights(call);
          return Results{{download(backend, weight)}};
        }
        // The reference knows no slices: its result is put where the slice lies.
        Tensor weight = poisoned(backend, c.weight(), Role::parameter);
        backend.convolve_backward_weights(
            {.geometry = c.geometry, .x = &x, .dy = &dy, .weight = &weight, .add_weight = false});
        const std::vector<double> slice = download(backend, weight);
        std::vector<double> all = before;
        for (std::size_t o = 0; o < static_cast<std::size_t>(c.out); ++o)
          for (std::size_t i = 0; i < inputs * taps; ++i) {
            double& to = all[o * (inputs + dense) * taps + i];
            to = slice[o * inputs * taps + i] + (add ? to : 0.0);
          }
        return Results{{all}};
      });
    }
}
