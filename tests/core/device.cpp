/// Watching and stopping a pass, allocators, options.

#include <doctest/doctest.h>
#include <pix2pixhd/backend/reference/reference_backend.hpp>
#include <pix2pixhd/layers/blocks.hpp>
#include <pix2pixhd/layers/pool.hpp>
#include <pix2pixhd/networks/infer.hpp>
#include <pix2pixhd/networks/visit.hpp>

#include <memory>
#include <string>
#include <vector>

using namespace pix2pixhd;

namespace {

using Net = Sequential<ConvBlock<2, 3>, AveragePool, ConvBlock<3, 2>>;

struct Counting : Allocator {
  int calls = 0;
  std::shared_ptr<Storage> allocate(Backend& backend, std::size_t bytes) override {
    ++calls;
    return backend.allocate(bytes);
  }
};

}  // namespace

TEST_CASE("a pass reports how far it is and stops on request") {
  Device device = reference();
  Net network;
  initialize(device, network, 1);
  const Tensor x = upload<float>(device, {1, 2, 8, 8}, std::vector<float>(128, 0.5f));
  auto watch = std::make_shared<Watch>();
  watch->total = 8 * 8 * 3 * 2 * 9 + 4 * 4 * 2 * 3 * 9;
  std::vector<double> heard;
  watch->progress = [&](double fraction) { heard.push_back(fraction); };
  Device watched = device.with(nullptr, watch);
  infer(watched, network, x);
  REQUIRE(heard.size() == 2);
  CHECK(heard[0] == doctest::Approx(0.8));
  CHECK(heard[1] == 1);

  std::stop_source source;
  watch->stop = source.get_token();
  watch->progress = [&](double) { source.request_stop(); };  // in the middle
  const std::size_t before = device.memory().current();
  CHECK_THROWS_AS(infer(watched, network, x), Stopped);
  CHECK(device.memory().current() == before);
  CHECK_NOTHROW(infer(device, network, x));
}

TEST_CASE("an allocator serves results, but no gradients") {
  Device device = reference();
  ConvBlock<2, 3> block;
  initialize(device, block, 1);
  auto counting = std::make_shared<Counting>();
  Device with = device.with(counting, nullptr);
  ConvBlock<2, 3>::Context<Mode::train> context;
  const Tensor x = upload<float>(device, {1, 2, 4, 4}, std::vector<float>(32, 0.5f));
  const Tensor y = block.forward(with, x, context);
  CHECK(counting->calls > 0);
  const int forward = counting->calls;
  block.backward(with, y, context, Need::parameters);
  CHECK(counting->calls == forward + 1);  // the gradient at the convolution's output
}

TEST_CASE("options and names") {
  Device device = reference({.budget = 1 << 20});
  CHECK(device.name() == "reference");
  CHECK_FALSE(device.description().empty());
  CHECK(device.options().budget == 1 << 20);
  CHECK(device.keeps_derived());
  CHECK_FALSE(device.keeping_derived(false).keeps_derived());
  CHECK(std::string(to_string(Precision::bf16)) == "bf16");
  try {
    reference({.precision = Precision::f16});
    FAIL("no Error");
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find("f16") != std::string::npos);
  }
}
