// The backend's host code on the tests' stand-in for a device: memory, copies, errors.
#include "backend/cuda/control.hpp"

#include <doctest/doctest.h>
#include <pix2pixhd/backend/best_device.hpp>
#include <pix2pixhd/backend/cuda/cuda_backend.hpp>
#include <pix2pixhd/backend/cuda/cuda_device.hpp>
#include <pix2pixhd/backend/cuda/nvrtc.hpp>
#include <pix2pixhd/networks/generator.hpp>
#include <pix2pixhd/ops/conv_block.hpp>
#include <pix2pixhd/ops/transfer.hpp>

#include <numeric>
#include <string>
#include <vector>

using namespace pix2pixhd;

namespace {

std::string sentence_of(auto&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

void check_says(const std::string& sentence, const std::vector<std::string>& parts) {
  for (const std::string& part : parts)
    CHECK_MESSAGE(sentence.find(part) != std::string::npos, "it says \"", sentence, "\", not \"", part, "\"");
}

std::vector<float> ramp(std::size_t count) {
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), -7.0f);
  return values;
}

/// A 3x3 block of eight channels.
Tensor small_block(Device& device, int side = 8) {
  const ConvBlockSpec spec{.norm = Norm::instance};
  ConvBlockArrays arrays;
  arrays.weight.value = upload<float>(device, {8, 8, 3, 3}, ramp(576), Role::parameter);
  arrays.bias.value = upload<float>(device, {8, 1, 1, 1}, ramp(8), Role::parameter);
  const Shape shape{1, 8, side, side};
  return conv_block(device, upload<float>(device, shape, ramp(shape.count())), arrays, spec, {}, nullptr);
}

}  // namespace

TEST_CASE("the stand-in says what it is") {
  const tests::Control control;
  if (!control) return;
  REQUIRE(cuda_availability() == "");
  CHECK(cuda().description().find("stand-in for tests") != std::string::npos);
  CHECK(cuda().name() == "cuda:0");
}

TEST_CASE("values come back as they were written, in pieces of any size") {
  const tests::Control control;
  if (!control) return;
  Device device = cuda();
  // The last takes more pieces of staging memory than there are: nothing is done before the host waits.
  for (const Shape& shape :
       {Shape{1, 1, 1, 1}, Shape{2, 3, 5, 7}, Shape{1, 20, 9, 4}, Shape{1, 3, 1000, 1500}, Shape{1, 3, 1700, 2000}}) {
    const std::vector<float> values = ramp(shape.count());
    for (const Role role : {Role::activation, Role::parameter}) {
      std::vector<float> back(values.size());
      download<float>(device, upload<float>(device, shape, values, role), back);
      CHECK(back == values);
    }
  }
}

TEST_CASE("memory comes back: to later tensors, and with the device to the driver") {
  const tests::Control control;
  if (!control) return;
  const std::size_t before = control.allocated();
  {
    Device device = cuda();
    { const Tensor x = device.empty({1, 8, 512, 512}); }
    const int calls = control.calls("cuMemAlloc");
    for (int i = 0; i < 5; ++i) const Tensor x = device.empty({1, 8, 512, 512});
    CHECK(control.calls("cuMemAlloc") == calls);
    for (int side = 600; side < 1400; side += 100) const Tensor x = device.empty({1, 8, side, side});
    const auto& backend = dynamic_cast<const CudaBackend&>(device.backend());
    CHECK(backend.device_memory().held() == control.allocated() - before);
    const std::size_t most = std::size_t{8} * 4 * 1300 * 1300;
    CHECK(backend.device_memory().held() <= most + most / 4 + (std::size_t{64} << 20) + (std::size_t{1} << 20));
    backend.device_memory().release();
    CHECK(backend.device_memory().held() == 0);
  }
  CHECK(control.allocated() == before);
}

TEST_CASE("a device without enough memory says what was asked and what is free, and stays usable") {
  const tests::Control control;
  if (!control) return;
  Device device = cuda();
  control.set_memory(control.allocated() + (std::size_t{64} << 20));
  const Tensor kept = small_block(device);
  const std::string said = sentence_of([&] { device.empty({1, 8, 4096, 4096}); });
  check_says(said, {"cuda:0", "536870912 bytes were asked for", "are free", "smaller picture"});
  CHECK_THROWS_AS(device.empty({1, 8, 4096, 4096}), OutOfMemory);
  std::vector<float> a(kept.shape().count()), b(a.size());
  download<float>(device, kept, a);
  download<float>(device, small_block(device), b);
  CHECK(a == b);
  // What is kept for later is given back before anything is refused.
  { const Tensor x = device.empty({1, 8, 1024, 1400}); }
  CHECK_NOTHROW(device.empty({1, 8, 1024, 1600}));
  control.set_memory(std::size_t{4} << 30);
}

TEST_CASE("calls that fail are Errors that name them") {
  const tests::Control control;
  if (!control) return;
  Device device = cuda();
  small_block(device);
  control.fail("cuLaunchKernel", 0, 719);
  check_says(sentence_of([&] { small_block(device, 10); }), {"cuda:0", "kernel ImportTensor", "stand-in"});
  control.fail("cudnnBackendExecute", 0, 5000);
  check_says(sentence_of([&] { small_block(device, 12); }),
             {"cuDNN failed in the forward pass of a 3x3 convolution", "1x8x12x12", "f32", "stand-in"});
  control.fail("cuMemcpyHtoDAsync", 0, 700);
  check_says(sentence_of([&] { small_block(device); }), {"copying to the device"});
  control.fail("cuMemAlloc", 0, 999);
  check_says(sentence_of([&] { device.empty({1, 8, 77, 3000}); }), {"allocating memory"});
  control.fail("cudnnBackendFinalize", 6, 3000);  // after those of the graph: the heuristics
  check_says(sentence_of([&] { small_block(device, 14); }), {"cuDNN has no plan for", "1x8x14x14"});
  control.fail("", 0, 0);
  CHECK_NOTHROW(small_block(device, 14));
  control.fail("cuModuleLoadData", 0, 209);
  check_says(sentence_of([&] { cuda(); }), {"loading the kernels"});
  control.fail("cudnnCreate", 0, 1001);
  check_says(sentence_of([&] { cuda(); }), {"cuDNN could not be started"});
  CHECK_THROWS_WITH_AS(cuda(1), doctest::Contains("cuda:1 does not exist"), Error);
}

TEST_CASE("a device that cannot be used does not stand in the way of another") {
  const tests::Control control;
  if (!control) return;
  control.set_old_devices(1);
  CHECK(cuda_availability() == "");
  CHECK(first_cuda_device() == 1);
  CHECK(cuda(1).name() == "cuda:1");
  CHECK(best_device().name() == "cuda:1");
  check_says(sentence_of([] { cuda(0); }), {"cuda:0", "has compute capability 7", "8.0 or higher is needed"});
  control.set_old_devices(0);
}

TEST_CASE("a device that cannot be opened does not stand in the way of the CPU") {
  const tests::Control control;
  if (!control) return;
  control.fail("cuDevicePrimaryCtxRetain", 0, 46);
  CHECK(best_device().name() == "cpu");
  CHECK(best_device().name() == "cuda:0");
  control.fail("cuDevicePrimaryCtxRetain", 0, 2);
  CHECK_THROWS_AS(cuda(), OutOfMemory);
}

TEST_CASE("code is compiled for what NVRTC knows") {
  const tests::Control control;
  if (!control) return;
  using backend_cuda::nvrtc::target;
  CHECK(target(90, "sm_90a") == "sm_90a");
  CHECK(target(89, "sm_89") == "compute_80");
  CHECK(target(120, "sm_120") == "compute_90");
  check_says(sentence_of([] { target(79, "sm_79"); }), {"no device like sm_79", "install a newer one"});
}

TEST_CASE("a device that could not be opened leaves no pinned memory behind") {
  const tests::Control control;
  if (!control) return;
  const int before = control.pinned();
  for (int first : {0, 1}) {
    control.fail("cuMemAllocHost", first, 2);
    check_says(sentence_of([] { cuda(); }), {"allocating pinned host memory"});
    CHECK(control.pinned() == before);
  }
}

TEST_CASE("only errors that last are answered by a restart") {
  const tests::Control control;
  if (!control) return;
  Device device = cuda();
  small_block(device);
  for (const int result : {226, 700, 702, 714, 719, 721}) {
    control.fail("cuLaunchKernel", 0, result);
    check_says(sentence_of([&] { small_block(device); }), {"restart it or use the cpu device"});
  }
  for (const int result : {1, 209, 701, 713, 720, 999}) {
    control.fail("cuLaunchKernel", 0, result);
    const std::string said = sentence_of([&] { small_block(device); });
    CHECK(said.find("kernel") != std::string::npos);
    CHECK_MESSAGE(said.find("restart") == std::string::npos, said);
  }
}

TEST_CASE("more threads than an int counts are refused") {
  using backend_cuda::grid_of;
  const std::size_t most = (std::size_t{1} << 31) - 256;
  CHECK(grid_of(most).x == (1u << 23) - 1);
  CHECK(grid_of(1).x == 1);
  CHECK_THROWS_WITH_AS(grid_of(most + 1), doctest::Contains("2147483393 threads, at most 2147483392"), Error);
  CHECK_THROWS_WITH_AS(grid_of(std::size_t{1} << 40), doctest::Contains("smaller picture"), Error);
}

TEST_CASE("more pixels or values than an int counts are refused, though fewer threads take them") {
  const tests::Control control;
  if (!control) return;
  Device device = cuda();
  Backend& backend = device.backend();
  const int launches = control.calls("cuLaunchKernel");
  const auto large = [&](const Shape& shape, Role role) {  // its memory is never touched
    return Tensor(shape, backend.format(shape, role), device.allocate(16));
  };
  Tensor pictures = large({256, 3, 2048, 4096}, Role::activation), half = large({256, 3, 1024, 2048}, Role::activation),
         weights = large({1 << 15, 1 << 16, 1, 1}, Role::parameter);
  const auto refused = [](const char* what, auto&& call) {
    CHECK_THROWS_WITH_AS(call(), doctest::Contains(("needs 2147483648 " + std::string(what) + ", at most").c_str()),
                         Error);
  };
  refused("pixels", [&] { backend.normalise({.x = &pictures, .y = pictures}); });
  refused("pixels", [&] { backend.normalise_backward({.dy = &pictures, .z = &pictures, .dx = pictures}); });
  refused("pixels", [&] { backend.extend(half, pictures); });
  refused("pixels", [&] { backend.extend(pictures, half); });
  refused("pixels", [&] { backend.pool_backward(half, pictures, Pooling::max2, pictures); });
  refused("values", [&] { backend.all_finite(weights); });
  CHECK(control.calls("cuLaunchKernel") == launches);
}

TEST_CASE("a download that failed leaves no copy under way into memory that the next upload takes") {
  const tests::Control control;
  if (!control) return;
  Device device = cuda();
  const Shape shape{1, 1, 100, 100};  // more than a table's staging memory
  const std::vector<float> first = ramp(shape.count()), second(shape.count(), 0.5f);
  const Tensor x = upload<float>(device, shape, first, Role::parameter);
  std::vector<float> back(shape.count());
  control.fail("cuEventRecord", 0, 999);
  check_says(sentence_of([&] { download<float>(device, x, back); }), {"copying to the host"});
  download<float>(device, upload<float>(device, shape, second, Role::parameter), back);
  CHECK(back == second);
}

TEST_CASE("a failing call names the layer of the network") {
  const tests::Control control;
  if (!control) return;
  Device device = cuda();
  using Net = Generator<0, GeneratorShape{.in = 3, .width = 8, .downsamples = 1, .blocks = 1}>;
  Net network;
  initialize(device, network, 1);
  const Shape shape{1, 3, 16, 16};
  const Tensor x = upload<float>(device, shape, ramp(shape.count()));
  Net::Context<Mode::train> context;
  const auto forward = [&] { return network.forward(device, x, context); };
  const int before = control.calls("cudnnBackendExecute");
  Tensor dy = forward();
  const int convolutions = control.calls("cudnnBackendExecute") - before;
  control.fail("cudnnBackendExecute", 0, 5000);  // the last layer's weight gradient comes first
  check_says(sentence_of([&] { network.backward(device, dy, context, Need::both); }),
             {"layer model.", "a 7x7 block of 8 to 3 channels", "the weight gradient", "f32"});
  context = {};
  control.fail("cudnnBackendExecute", 1, 5000);
  check_says(sentence_of(forward), {"layer model.4, a 3x3 block of 8 to 16 channels", "cuDNN failed", "16x16"});
  context = {};
  control.fail("cudnnBackendExecute", convolutions - 1, 5000);
  check_says(sentence_of(forward), {"layer model.", "a 7x7 block of 8 to 3 channels", "the forward pass"});
  context = {};
  CHECK_NOTHROW(forward());
}
