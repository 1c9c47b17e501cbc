#include <images/made_files.hpp>
#include <pix2pixhd/images/loader.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <memory>

using namespace pix2pixhd;

namespace {

/// A sample of one pixel that tells its index.
Sample made_sample(const SampleKey& key) {
  Sample sample{.name = std::to_string(key.epoch) + "/" + std::to_string(key.index)};
  sample.labels = LabelArray::from_shape({2, 3});
  sample.labels->fill(static_cast<std::uint8_t>(key.index));
  return sample;
}

std::vector<std::string> names(const LoadedBatch& batch) {
  std::vector<std::string> result;
  for (const Sample& sample : batch.samples) result.push_back(sample.name);
  return result;
}

/// Waits until `done()`; fails the test where that never comes.
template <class Done>
void wait_for(const Done& done) {
  for (int i = 0; i < 60000 && !done(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  REQUIRE(done());
}

}  // namespace

TEST_SUITE("threads") {
  TEST_CASE("batches come in the sampler's order, none mixes epochs") {
    Sampler expected(5, {.seed = 2});
    Loader loader(made_sample, Sampler(5, {.seed = 2}), {.batch = 2, .ahead = 2});
    for (int i = 0; i < 9; ++i) {
      const LoadedBatch batch = loader.next();
      const std::size_t size = i % 3 == 2 ? 1 : 2;
      REQUIRE(batch.samples.size() == size);
      CHECK(batch.epoch == static_cast<std::uint64_t>(i / 3));
      CHECK(batch.ends_epoch == (i % 3 == 2));
      for (const std::string& name : names(batch)) {
        const SampleKey key = expected.next();
        CHECK(name == std::to_string(key.epoch) + "/" + std::to_string(key.index));
      }
    }
  }

  TEST_CASE("several threads give the same batches in the same order, however long each takes") {
    const auto slow = [](const SampleKey& key) {
      std::this_thread::sleep_for(std::chrono::microseconds(key.index * 97 % 13 * 60));
      return made_sample(key);
    };
    Loader one(made_sample, Sampler(11, {.seed = 4}), {.batch = 2, .ahead = 1});
    Loader many(slow, Sampler(11, {.seed = 4}), {.batch = 2, .ahead = 3, .threads = 5});
    for (int i = 0; i < 60; ++i) {
      const LoadedBatch expected = one.next(), got = many.next();
      CHECK(names(got) == names(expected));
      CHECK(got.state == expected.state);
      CHECK(got.epoch == expected.epoch);
      CHECK(got.ends_epoch == expected.ends_epoch);
    }
  }

  TEST_CASE("as many batches are loaded at once as there are threads") {
    auto at_once = std::make_shared<std::atomic<int>>(0);
    Loader loader(
        [at_once](const SampleKey& key) {
          ++*at_once;
          wait_for([&] { return *at_once >= 3; });
          return made_sample(key);
        },
        Sampler(100), {.ahead = 1, .threads = 3});
    CHECK(loader.next().samples.size() == 1);
  }

  TEST_CASE("the state is that of what was taken, not of what was loaded ahead") {
    Loader loader(made_sample, Sampler(7, {.seed = 3}), {.batch = 3, .ahead = 4});
    CHECK(loader.state() == Sampler(7, {.seed = 3}).state());
    for (int taken = 0; taken < 8; ++taken) {
      Sampler sampler(7, {.seed = 3});
      sampler.restore(loader.state());
      Loader resumed(made_sample, sampler, {.batch = 3, .ahead = 1});
      const LoadedBatch here = loader.next(), there = resumed.next();
      CHECK(names(here) == names(there));
      CHECK(here.state == there.state);
      CHECK(loader.state() == here.state);
    }
  }

  TEST_CASE("no more is held ready than was asked for, and it is loaded ahead") {
    auto loaded = std::make_shared<std::atomic<int>>(0);
    Loader loader(
        [loaded](const SampleKey& key) {
          ++*loaded;
          return made_sample(key);
        },
        Sampler(100), {.batch = 2, .ahead = 3});
    // Three batches in the queue, and one in the loading thread's hands.
    wait_for([&] { return *loaded == 8; });
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    CHECK(*loaded == 8);
    loader.next();
    wait_for([&] { return *loaded == 10; });
  }

  TEST_CASE("what loading throws arrives after the batches before it, and stays") {
    Loader loader(
        [](const SampleKey& key) {
          detail::require(key.index != 4, "Sample 4 is broken.");
          return made_sample(key);
        },
        Sampler(9, {.shuffle = false}), {.batch = 2, .ahead = 8, .threads = 3});
    CHECK(names(loader.next()) == std::vector<std::string>{"0/0", "0/1"});
    CHECK(names(loader.next()) == std::vector<std::string>{"0/2", "0/3"});
    const std::string state = loader.state();
    CHECK(made::error_of([&] { loader.next(); }) == "Sample 4 is broken.");
    CHECK(made::error_of([&] { loader.next(); }) == "Sample 4 is broken.");
    CHECK(loader.state() == state);
  }

  TEST_CASE("exceptions of every type arrive") {
    Loader loader([](const SampleKey&) -> Sample { throw std::bad_alloc(); }, Sampler(1));
    CHECK_THROWS_AS(loader.next(), std::bad_alloc);
  }

  TEST_CASE("a loader ends with a full queue, in the middle of a batch, and when nothing was taken") {
    auto loaded = std::make_shared<std::atomic<int>>(0);
    for (const std::size_t batch : {std::size_t{1}, std::size_t{1000000}}) {
      *loaded = 0;
      {
        Loader loader(
            [=](const SampleKey& key) {
              ++*loaded;
              return made_sample(key);
            },
            Sampler(4000000), {.batch = batch, .ahead = 2});
        wait_for([&] { return *loaded >= 3; });
      }
      // The thread has ended: the count stays, and a batch of a million was not waited for.
      const int count = *loaded;
      CHECK(count < 1000000);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      CHECK(*loaded == count);
    }
    { const Loader unused(made_sample, Sampler(3)); }
  }

  TEST_CASE("many loaders at once") {
    std::vector<std::unique_ptr<Loader>> loaders;
    for (std::uint64_t i = 0; i < 6; ++i)
      loaders.push_back(std::make_unique<Loader>(made_sample, Sampler(11, {.seed = i}), LoaderOptions{.batch = 2}));
    for (int step = 0; step < 40; ++step)
      for (const auto& loader : loaders) CHECK(!loader->next().samples.empty());
  }
}

TEST_CASE("a loader needs a batch and a place for it") {
  CHECK(made::has(made::error_of([] { Loader(made_sample, Sampler(3), {.batch = 0}); }), "batches of 0"));
  CHECK(made::has(made::error_of([] { Loader(made_sample, Sampler(3), {.ahead = 0}); }), "hold 0"));
  CHECK(made::has(made::error_of([] { Loader(made_sample, Sampler(3), {.threads = 0}); }), "for 0 threads"));
}

TEST_CASE("samples are stacked to batches") {
  std::vector<Sample> samples = {made_sample({.index = 4}), made_sample({.index = 5})};
  for (std::size_t i = 0; i < 2; ++i) {
    samples[i].image = ImageArray::from_shape({1, 3, 2, 3});
    for (std::size_t j = 0; j < 18; ++j) samples[i].image->data()[j] = static_cast<float>(18 * i + j);
    samples[i].instances = InstanceArray::from_shape({2, 3});
    samples[i].instances->fill(static_cast<std::int32_t>(i));
  }
  const StackedSamples stacked = stack(samples);
  REQUIRE(stacked.labels->shape() == xt::xtensor<std::uint8_t, 3>::shape_type{2, 2, 3});
  CHECK((*stacked.labels)(0, 1, 2) == 4);
  CHECK((*stacked.labels)(1, 0, 0) == 5);
  CHECK((*stacked.instances)(1, 1, 1) == 1);
  REQUIRE(stacked.image->shape() == ImageArray::shape_type{2, 3, 2, 3});
  for (std::size_t j = 0; j < 36; ++j) CHECK(stacked.image->data()[j] == static_cast<float>(j));
  CHECK(!stacked.input);
}

TEST_CASE("samples that do not fit together are refused by name") {
  CHECK(made::has(made::error_of([] { stack({}); }), "no samples"));
  std::vector<Sample> samples = {made_sample({.index = 4}), made_sample({.index = 5})};
  samples[1].labels = LabelArray::from_shape({3, 3});
  CHECK(made::has(made::error_of([&] { stack(samples); }), "0/4", "0/5", "3x2", "3x3"));
  samples[1].labels.reset();
  CHECK(made::has(made::error_of([&] { stack(samples); }), "0/4", "0/5", "label maps"));
  samples = {made_sample({.index = 4}), made_sample({.index = 5})};
  samples[1].image = ImageArray::from_shape({1, 3, 2, 3});
  CHECK(made::has(made::error_of([&] { stack(samples); }), "photographs"));
}
