/// The number of threads changes no bit, and several threads may use one network.

#include "random_block.hpp"

#include <pix2pixhd/networks/discriminator.hpp>
#include <pix2pixhd/networks/generator.hpp>
#include <pix2pixhd/networks/infer.hpp>

#include <functional>
#include <thread>

using namespace tests;

namespace {

constexpr GeneratorShape small{.in = 9, .width = 16, .downsamples = 2, .blocks = 1, .local_blocks = 1};
using G = Generator<1, small>;
using D = MultiscaleDiscriminator<2, DiscriminatorShape{.in = 12, .width = 16, .layers = 2}>;

#if __has_include(<pix2pixhd/backend/cpu/cpu_backend-inl.hpp>)

bool equal(const BlockValues& a, const BlockValues& b) {
  return a.y == b.y && a.dx == b.dx && a.weight == b.weight && a.bias == b.bias && a.scale == b.scale &&
         a.shift == b.shift && a.mean == b.mean && a.variance == b.variance;
}

/// Output, gradient by the picture and gradients of the parameters of G, then of D on its picture.
std::vector<std::vector<double>> pass(Device device) {
  G g;
  D d;
  randomise(device, g, 1);
  randomise(device, d, 2);
  const SemanticMap map = MapArrays(1, 40, 56, 8).map(device, true);
  G::Context<Mode::train> of_g;
  D::Context<Mode::train> of_d;
  const Tensor picture = g.forward(device, map, of_g);
  D::Output dy, scores = d.forward(device, join(map, picture), of_d);
  for (auto& scale : dy)
    scale.back() = normal_tensor(device, scores[static_cast<std::size_t>(&scale - &dy[0])].back().shape());
  Tensor dx = d.backward(device, std::move(dy), of_d, Need::both);
  std::vector<std::vector<double>> result{detail::host_values(device, picture), detail::host_values(device, dx)};
  g.backward(device, std::move(dx), of_g, Need::parameters);
  const auto collect = [&](const std::string&, Parameter& parameter) {
    result.push_back(detail::host_values(device, parameter.grad));
  };
  for_each_parameter(g, collect);
  for_each_parameter(d, collect);
  return result;
}

#endif

/// Runs `work(0)` ... `work(count - 1)` at once.
void at_once(int count, const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

TEST_SUITE("threads") {
#if __has_include(<pix2pixhd/backend/cpu/cpu_backend-inl.hpp>)
  TEST_CASE("one, two and three threads give the same bits") {
    for (const Isa isa : available_isas()) {
      CAPTURE(to_string(isa));
      Device one = cpu({.threads = 1}, isa), two = cpu({.threads = 2}, isa), three = cpu({.threads = 3}, isa);
      for (std::uint64_t seed = 300; seed < 330; ++seed) {
        const RandomBlock block(seed);
        CAPTURE(block.text());
        const std::vector<double> dy = detail::normal_values(block.output().count(), seed, "dy");
        const BlockValues expected = run_block(one, block, &dy);
        CHECK(equal(run_block(two, block, &dy), expected));
        CHECK(equal(run_block(three, block, &dy), expected));
      }
      CHECK(pass(two) == pass(one));
    }
  }
#endif

  TEST_CASE("several threads infer with one network, whose derived weights nobody has made yet") {
    for (NamedDevice& on : all_devices()) {
      CAPTURE(on.name);
      G network;
      randomise(on.device, network, 1);
      const auto run = [&](int i) {
        Device device = on.device;
        const SemanticMap map = MapArrays(1, 33 + i, 41, 8, static_cast<std::uint64_t>(i)).map(device, true);
        return detail::host_values(device, infer(device, network, map));
      };
      constexpr int count = 4;
      std::vector<std::vector<double>> results(count);
      at_once(count, [&](int i) { results[static_cast<std::size_t>(i)] = run(i); });
      for (int i = 0; i < count; ++i) CHECK(results[static_cast<std::size_t>(i)] == run(i));
    }
  }

  TEST_CASE("several threads pass one input to one network and read one result") {
    for (NamedDevice& on : all_devices()) {
      CAPTURE(on.name);
      G network;
      randomise(on.device, network, 1);
      const Tensor x = normal_tensor(on.device, {1, 9, 32, 32});
      G::Context<Mode::infer> context;
      const Tensor y = network.forward(on.device, x, context);  // possibly still to be normalised when it is read
      const auto expected = detail::host_values(on.device, infer(on.device, network, x));
      std::vector<int> right(4, 0);
      at_once(4, [&](int i) {
        Device device = on.device;
        const bool same = detail::host_values(device, i % 2 == 0 ? y : infer(device, network, x)) == expected;
        right[static_cast<std::size_t>(i)] = same ? 1 : 0;
      });
      CHECK(right == std::vector<int>(4, 1));
    }
  }

  TEST_CASE("several threads take the gradient by their input through one discriminator") {
    for (NamedDevice& on : all_devices()) {
      CAPTURE(on.name);
      D network;
      randomise(on.device, network, 2);
      const auto run = [&](int i) {
        Device device = on.device;
        D::Context<Mode::train> context;
        const Tensor x = normal_tensor(device, {1, 12, 24 + i, 31}, static_cast<std::uint64_t>(i));
        D::Output dy, y = network.forward(device, x, context, {.need = Need::input});
        dy[1].back() = normal_tensor(device, y[1].back().shape());
        dy[0][1] = normal_tensor(device, y[0][1].shape());
        return detail::host_values(device, network.backward(device, std::move(dy), context, Need::input));
      };
      std::vector<std::vector<double>> results(3);
      at_once(3, [&](int i) { results[static_cast<std::size_t>(i)] = run(i); });
      for (int i = 0; i < 3; ++i) CHECK(results[static_cast<std::size_t>(i)] == run(i));
    }
  }
}
