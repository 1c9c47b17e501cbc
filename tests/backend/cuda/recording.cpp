// Passes of a Session that are recorded as CUDA graphs.
#include "backend/cuda/control.hpp"

#include <pix2pixhd/backend/cuda/cuda_backend.hpp>
#include <pix2pixhd/backend/cuda/cuda_convolution.hpp>
#include <pix2pixhd/backend/cuda/cuda_device.hpp>
#include <pix2pixhd/networks/generator.hpp>
#include <pix2pixhd/networks/session.hpp>

#include <chrono>
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
  CHECK_THROWS_AS(session(large), OutOfMemory);
  control.set_memory(std::size_t{4} << 30);
  for (int pass = 0; pass < 3; ++pass) CHECK(values(device, session(x)) == expected);
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
