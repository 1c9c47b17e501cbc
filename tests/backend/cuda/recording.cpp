// Passes of a Session that are recorded as CUDA graphs.
#include "backend/cuda/control.hpp"

#include <pix2pixhd/backend/cuda/cuda_backend.hpp>
#include <pix2pixhd/backend/cuda/cuda_convolution.hpp>
#include <pix2pixhd/backend/cuda/cuda_device.hpp>
#include <pix2pixhd/networks/generator.hpp>
#include <pix2pixhd/networks/session.hpp>
#include <pix2pixhd/ops/maps.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

using namespace pix2pixhd;

namespace {

using Tiny = Generator<0, GeneratorShape{.in = 3, .width = 8, .downsamples = 1, .blocks = 1}>;

std::vector<float> values(Device& device, const Tensor& x) {
  std::vector<float> result(x.shape().count());
  download<float>(device, x, result);
  return result;
}

/// A map of four classes with boundaries.
SemanticMap street(Device& device) {
  auto labels = xt::xtensor<std::uint8_t, 3>::from_shape({1, 16, 24});
  auto ids = xt::xtensor<std::int32_t, 3>::from_shape({1, 16, 24});
  for (std::size_t i = 0; i < labels.size(); ++i) {
    labels.data()[i] = static_cast<std::uint8_t>(i / 7 % 4);
    ids.data()[i] = labels.data()[i];
  }
  return semantic_map(device, labels, ids, 4);
}

Tensor picture(Device& device, float scale) {
  const Shape shape{1, 3, 16, 24};
  std::vector<float> numbers(shape.count());
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = scale * static_cast<float>(i % 37) - 1;
  return upload<float>(device, shape, numbers);
}

}  // namespace

TEST_CASE("from the second pass on a session launches one graph and no kernel") {
  const tests::Control control;
  if (!control) return;
  Device device = cuda();
  Tiny network;
  initialize(device, network, 1);
  Session session(device, network);
  const Tensor a = picture(device, 0.05f), b = picture(device, 0.03f);
  const std::vector<float> expected_a = values(device, infer(device, network, a)),
                           expected_b = values(device, infer(device, network, b));
  const int before = control.calls("cuGraphLaunch");
  const auto graphs = [&] { return control.calls("cuGraphLaunch") - before; };
  CHECK(values(device, session(a)) == expected_a);
  CHECK(graphs() == 0);
  CHECK(values(device, session(b)) == expected_b);
  CHECK(graphs() == 1);
  const int kernels = control.calls("cuLaunchKernel"), convolutions = control.calls("cudnnBackendExecute");
  const Tensor y = session(a);
  CHECK(control.calls("cuLaunchKernel") == kernels);
  CHECK(control.calls("cudnnBackendExecute") == convolutions);
  CHECK(graphs() == 2);
  CHECK(values(device, y) == expected_a);
}

TEST_CASE("what a pass that is put together refuses of its input a repeated one refuses, and others follow") {
  const tests::Control control;
  if (!control) return;
  Device device = cuda(), other = cuda();
  Generator<0, GeneratorShape{.in = 5, .width = 8, .downsamples = 1, .blocks = 1}> network;
  initialize(device, network, 1);
  Session session(device, network);
  const SemanticMap map = street(device);
  const std::vector<float> expected = values(device, session(map));
  for (int turn = 0; turn < 2; ++turn) {  // a pass that would be recorded, one that would be repeated
    CHECK_THROWS_WITH_AS(session(street(other)), doctest::Contains("another device of that name"), Error);
    CHECK(values(device, session(map)) == expected);
  }
  // Labels in more memory than the recorded pass has for them.
  std::vector<std::uint8_t> labels(4096);
  device.backend().read_bytes(*map.labels(), labels.data(), map.plane().count());
  const auto more = device.backend().allocate(labels.size());
  device.backend().write_bytes(*more, labels.data(), labels.size());
  CHECK_THROWS_WITH_AS(session(SemanticMap(more, map.edges(), map.plane(), 4)),
                       doctest::Contains("reads 384 bytes of this device and was given 4096"), Error);
  CHECK(values(device, session(map)) == expected);
}

TEST_CASE("a session for which a picture was too large still makes smaller ones") {
  const tests::Control control;
  if (!control) return;
  Device device = cuda();
  Tiny network;
  initialize(device, network, 1);
  Session session(device, network);
  const Tensor x = picture(device, 0.05f), large = device.empty({1, 3, 1024, 1024});
  const std::vector<float> expected = values(device, session(x));
  control.set_memory(control.allocated() + (std::size_t{1} << 20));
  CHECK_THROWS_WITH_AS(session(large), doctest::Contains("the pass needs"), OutOfMemory);
  control.set_memory(std::size_t{4} << 30);
  for (int pass = 0; pass < 3; ++pass) CHECK(values(device, session(x)) == expected);
}

TEST_CASE("a session whose recorded pass finds no memory on the device puts it together") {
  const tests::Control control;
  if (!control) return;
  Device device = cuda();
  Tiny network;
  initialize(device, network, 1);
  const Tensor x = picture(device, 0.05f);
  Session session(device, network);
  const std::vector<float> expected = values(device, session(x));
  for (int pass = 0; pass < 2; ++pass) CHECK(values(device, session(x)) == expected);
  control.fail("cuGraphLaunch", 0, 2);
  const int launches = control.calls("cuGraphLaunch");
  for (int pass = 0; pass < 3; ++pass) CHECK(values(device, session(x)) == expected);
  CHECK(control.calls("cuGraphLaunch") == launches + 1);
}

TEST_CASE("a session whose pass cannot be recorded puts it together each time") {
  const tests::Control control;
  if (!control) return;
  Device device = cuda();
  Tiny network;
  initialize(device, network, 1);
  const Tensor x = picture(device, 0.05f);
  const std::vector<float> expected = values(device, infer(device, network, x));
  for (const char* function : {"cuStreamBeginCapture", "cuGraphInstantiate", "cuStreamEndCapture"}) {
    CAPTURE(function);
    Session session(device, network);
    CHECK(values(device, session(x)) == expected);
    control.fail(function, 0, 900);
    for (int pass = 0; pass < 3; ++pass) CHECK(values(device, session(x)) == expected);
  }
}

TEST_SUITE("threads") {
  TEST_CASE("sessions of several threads that share a network make what each makes alone") {
    const tests::Control control;
    if (!control) return;
    Device device = cuda();
    Tiny network;
    initialize(device, network, 1);
    std::vector<std::vector<float>> expected;
    for (int i = 0; i < 3; ++i)
      expected.push_back(values(device, infer(device, network, picture(device, 0.01f * static_cast<float>(i + 1)))));
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < expected.size(); ++i)
      threads.emplace_back([&, i] {
        Session session(device, network);
        for (int pass = 0; pass < 5; ++pass)  // put together, recorded, repeated
          CHECK(values(device, session(picture(device, 0.01f * static_cast<float>(i + 1)))) == expected[i]);
      });
    for (std::thread& thread : threads) thread.join();
  }

  TEST_CASE("a pass that packs a weight while it is recorded, and a thread that packs the same, do not wait for ever") {
    const tests::Control control;
    if (!control) return;
    Device device = cuda();
    auto& backend = dynamic_cast<CudaBackend&>(device.backend());
    const Shape shape{1, 8, 6, 6};
    const backend_cuda::ConvolutionDivision division({.kernel = 3, .padding = 1}, shape, shape, 0);
    const Tensor weight = upload<float>(device, {8, 8, 3, 3}, std::vector<float>(576, 0.5f), Role::parameter);
    const auto pack = [&] { backend_cuda::packed_filter(backend, division, weight, true); };
    std::thread other;
    const auto work = backend.record([&] {
      other = std::thread(pack);
      std::this_thread::sleep_for(std::chrono::milliseconds(20));  // it comes as far as it can
      pack();
    });
    other.join();
    CHECK(weight.storage()->has_derived(division.filter_key(DataType::f32)));
    work->repeat();
  }

  TEST_CASE("while a thread holds the device, others' work waits for its own") {
    const tests::Control control;
    if (!control) return;
    Device device = cuda();
    auto& backend = dynamic_cast<CudaBackend&>(device.backend());
    const std::vector<float> ones(64, 1.0f), twos(64, 2.0f);
    const Tensor x = upload<float>(device, {1, 1, 8, 8}, ones);
    Tensor written = device.empty(x.shape()), copied = device.empty(x.shape());
    backend.copy(*x.storage(), *written.storage());
    std::thread other;
    {
      const auto hold = backend.hold();
      other = std::thread([&] { backend.write(written, twos.data(), DataType::f32); });
      std::this_thread::sleep_for(std::chrono::milliseconds(20));  // it comes as far as it can
      backend.copy(*written.storage(), *copied.storage());
    }
    other.join();
    CHECK(values(device, copied) == ones);
    CHECK(values(device, written) == twos);
  }

  TEST_CASE("who lacks memory while another thread records gets what is kept, after it") {
    const tests::Control control;
    if (!control) return;
    Device device = cuda();
    auto& backend = dynamic_cast<CudaBackend&>(device.backend());
    constexpr std::size_t megabyte = std::size_t{1} << 20;
    backend.allocate(45 * megabyte);  // is kept
    control.set_memory(control.allocated() + 16 * megabyte);
    std::shared_ptr<Storage> got;
    std::thread other;
    const auto work = backend.record([&] {
      other = std::thread([&] {
        try {
          got = backend.allocate(52 * megabyte);
        } catch (const OutOfMemory&) {
        }
      });
      std::this_thread::sleep_for(std::chrono::milliseconds(20));  // it comes as far as it can
      // Who records cannot wait for itself.
      CHECK_THROWS_AS(backend.allocate(52 * megabyte), OutOfMemory);
    });
    other.join();
    CHECK(got != nullptr);
    control.set_memory(std::size_t{4} << 30);
  }
}

TEST_CASE("under a budget, with a stop token or a callback nothing is recorded") {
  const tests::Control control;
  if (!control) return;
  Device device = cuda();
  Tiny network;
  initialize(device, network, 1);
  const Tensor x = picture(device, 0.05f);
  const int launches = control.calls("cuGraphLaunch");
  std::stop_source stop;
  int heard = 0;
  for (const SessionOptions& options :
       {SessionOptions{.budget = std::size_t{1} << 30}, SessionOptions{.stop = stop.get_token()},
        SessionOptions{.progress = [&](double) { ++heard; }}}) {
    Session session(device, network, options);
    for (int pass = 0; pass < 3; ++pass) session(x);
  }
  CHECK(heard > 0);
  CHECK(control.calls("cuGraphLaunch") == launches);
}
