/// Chains of which every output is a result.

#include "layer_case.hpp"
#include "one_output.hpp"

using namespace tests;

namespace {

using Tapped = Taps<ConvBlock<3, 4, BlockShape{.kernel = 4, .norm = Norm::none, .activation = Activation::leaky_relu}>,
                    Sequential<AveragePool, ConvBlock<4, 3>>, ConvBlock<3, 1, BlockShape{.norm = Norm::none}>>;

}  // namespace

TEST_CASE("each output by itself keeps the rules") {
  check_contract<OneOutput<Tapped, 0>>({2, 3, 5, 6});
  check_contract<OneOutput<Tapped, 1>>({2, 3, 5, 6});
  check_contract<OneOutput<Tapped, 2>>({2, 3, 5, 6});
}

TEST_CASE("gradients by several outputs add up") {
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    Tapped network;
    randomise(on.device, network, 3);
    const Tensor x = normal_tensor(on.device, {1, 3, 6, 6});
    const auto run = [&](std::size_t only) {  // 3: all
      Tapped::Context<Mode::train> context;
      Tapped::Output dy, y = network.forward(on.device, x, context);
      for (std::size_t i = 0; i < dy.size(); ++i)
        if (only == 3 || only == i) dy[i] = normal_tensor(on.device, y[i].shape(), i);
      zero_gradients(on.device, network);
      const Tensor dx = network.backward(on.device, std::move(dy), context, Need::both);
      std::vector<std::vector<double>> result{detail::host_values(on.device, dx)};
      for (const NamedArray& array : named_arrays(network))
        result.push_back(detail::host_values(on.device, *array.grad));
      return result;
    };
    const auto all = run(3);
    const std::vector<std::vector<std::vector<double>>> parts{run(0), run(1), run(2)};
    for (std::size_t i = 0; i < all.size(); ++i) {
      CAPTURE(i);
      double worst = 0;
      for (std::size_t j = 0; j < all[i].size(); ++j)
        worst = std::max(worst, std::abs(all[i][j] - parts[0][i][j] - parts[1][i][j] - parts[2][i][j]));
      CHECK(worst <= (on.exact ? 1e-12 : 1e-5) * (1 + detail::largest(all[i])));
    }
  }
}

TEST_CASE("outputs of the taps are those of the layers") {
  Device device = reference();
  Tapped network;
  randomise(device, network, 3);
  const Tensor x = normal_tensor(device, {1, 3, 6, 6});
  const auto y = infer(device, network, x);
  const Tensor first = infer(device, std::get<0>(network.layers), x);
  CHECK(detail::host_values(device, y[0]) == detail::host_values(device, first));
  CHECK(y[1].shape() == Shape{1, 3, 4, 4});
  CHECK(y[2].shape() == Shape{1, 1, 4, 4});
}
