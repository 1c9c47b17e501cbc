#include <images/made_files.hpp>
#include <pix2pixhd/images/sampler.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace pix2pixhd;

namespace {

std::vector<SampleKey> draw(Sampler& sampler, std::size_t count) {
  std::vector<SampleKey> keys;
  for (std::size_t i = 0; i < count; ++i) keys.push_back(sampler.next());
  return keys;
}

}  // namespace

TEST_CASE("an epoch is a permutation that seed and epoch decide") {
  std::set<std::vector<std::uint32_t>> orders;
  for (std::uint64_t epoch = 0; epoch < 20; ++epoch) {
    std::vector<std::uint32_t> order = epoch_order(50, epoch, {.seed = 1});
    CHECK(order == epoch_order(50, epoch, {.seed = 1}));
    CHECK(order != epoch_order(50, epoch, {.seed = 2}));
    orders.insert(order);
    std::sort(order.begin(), order.end());
    CHECK(order == epoch_order(50, epoch, {.seed = 1, .shuffle = false}));
  }
  CHECK(orders.size() == 20);
}

TEST_CASE("the order is the same on every machine") {
  CHECK(epoch_order(8, 0, {.seed = 0}) == std::vector<std::uint32_t>{0, 2, 7, 6, 5, 3, 1, 4});
  CHECK(epoch_order(8, 1, {.seed = 0}) == std::vector<std::uint32_t>{6, 0, 4, 2, 5, 1, 3, 7});
}

TEST_CASE("every sample comes first about equally often") {
  std::vector<int> first(5);
  for (std::uint64_t epoch = 0; epoch < 5000; ++epoch) ++first[epoch_order(5, epoch, {.seed = 3})[0]];
  for (const int count : first) {
    CHECK(count > 880);
    CHECK(count < 1120);
  }
}

TEST_CASE("epochs follow each other") {
  Sampler sampler(3, {.seed = 4});
  const std::vector<SampleKey> keys = draw(sampler, 7);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    CHECK(keys[i].seed == 4);
    CHECK(keys[i].epoch == i / 3);
    CHECK(keys[i].index == epoch_order(3, i / 3, {.seed = 4})[i % 3]);
  }
  CHECK(sampler.epoch() == 2);
  CHECK(sampler.position() == 1);
  sampler.start(1);
  CHECK(sampler.next() == keys[3]);
}

TEST_CASE("a restored sampler goes on with the same samples, wherever it was left") {
  for (std::size_t before = 0; before < 12; ++before) {
    Sampler sampler(5, {.seed = 9});
    draw(sampler, before);
    const std::string state = sampler.state();
    Sampler other(5, {.seed = 9});
    draw(other, 3);
    other.restore(state);
    CHECK(other.state() == state);
    CHECK(draw(other, 11) == draw(sampler, 11));
  }
}

TEST_CASE("states that do not fit are refused and change nothing") {
  Sampler sampler(5, {.seed = 9});
  draw(sampler, 7);
  const std::string state = sampler.state();
  const auto error = [&](const std::string& text) {
    const std::string message = made::error_of([&] { sampler.restore(text); });
    CHECK(sampler.state() == state);
    return message;
  };
  CHECK(made::has(error(Sampler(6, {.seed = 9}).state()), "6 samples", "the data has 5"));
  CHECK(made::has(error(Sampler(5, {.seed = 8}).state()), "seed 8", "seed 9"));
  CHECK(made::has(error(Sampler(5, {.seed = 9, .shuffle = false}).state()), "in order"));
  for (const std::string text :
       {"", "sampler", "sampler 1 samples 5", "sampler 2 samples 5 seed 9 shuffle 1 epoch 1 position 2",
        "sampler 1 samples 5 seed 9 shuffle 1 epoch 1 position 5",
        "sampler 1 samples 5 seed 9 shuffle 1 epoch 1 position -1",
        "sampler 1 samples 5 seed 9 shuffle 1 epoch -1 position 2",
        "sampler 1 samples 5 seed 9 shuffle 7 epoch 1 position 2",
        "sampler 1 samples 5 seed 9 shuffle 1 epoch 1 position 2 more",
        "sampler 1 samples 5 seed 99999999999999999999999 shuffle 1 epoch 1 position 2",
        "sampler 1 samples x seed 9 shuffle 1 epoch 1 position 2"}) {
    CAPTURE(text);
    CHECK(made::has(error(text), "damaged"));
  }
  CHECK(error("sampler 1 samples 5 seed 9 shuffle 1 epoch 1 position 2").empty());
}

TEST_CASE("a sampler needs samples") {
  CHECK(made::has(made::error_of([] { Sampler(0); }), "0 samples"));
  CHECK(made::has(made::error_of([] { Sampler(std::size_t{1} << 32); }), "4294967296"));
}
