/// Copies by way of pinned memory while other threads use the device too.
#include "backend/cuda/control.hpp"

#include <pix2pixhd/backend/cuda/cuda_backend.hpp>
#include <pix2pixhd/backend/cuda/cuda_device.hpp>
#include <pix2pixhd/backend/cuda/host_copy.hpp>
#include <pix2pixhd/ops/transfer.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

using namespace pix2pixhd;

namespace {

/// Values that differ between threads and rounds.
std::vector<float> numbers(std::size_t count, int seed) {
  std::vector<float> result(count);
  for (std::size_t i = 0; i < count; ++i)
    result[i] = static_cast<float>((i * 7 + static_cast<std::size_t>(seed)) % 8191);
  return result;
}

/// Runs body(0), ... body(count - 1), each in a thread of its own.
template <class Body>
void in_threads(int count, const Body& body) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back([&body, i] { body(i); });
  for (std::thread& thread : threads) thread.join();
}

/// Staging with as few pieces as it may have, of a stream of its own; its context is in use here.
struct TwoPieces {
  static constexpr std::size_t bytes = 1000;  ///< of a piece

  std::shared_ptr<backend_cuda::CudaContext> context = std::make_shared<backend_cuda::CudaContext>(0);
  backend_cuda::CudaContext::Use use{*context};
  std::shared_ptr<std::remove_pointer_t<backend_cuda::driver::Stream>> stream = made_stream();
  std::shared_ptr<backend_cuda::DeviceMemory> memory = std::make_shared<backend_cuda::DeviceMemory>(context);
  std::recursive_mutex of_stream = {};
  backend_cuda::Staging staging{context, stream.get(), of_stream, 2, bytes};

 private:
  static decltype(stream) made_stream() {
    namespace driver = backend_cuda::driver;
    driver::Stream made = nullptr;
    REQUIRE(driver::functions().create_stream(&made, driver::stream_non_blocking) == 0);
    return {made, [](driver::Stream done_with) { driver::functions().destroy_stream(done_with); }};
  }
};

}  // namespace

TEST_SUITE("threads") {
  TEST_CASE("who waits for a result keeps no other thread out of the stream") {
    const tests::Control control;
    if (!control) return;
    Device device = cuda();
    const Shape shape{1, 3, 64, 64};
    const std::vector<float> first = numbers(shape.count(), 1), second = numbers(shape.count(), 2);
    const Tensor x = upload<float>(device, shape, first);
    std::vector<float> got(first.size());
    for (const bool whole : {false, true}) {
      const int waits = control.calls("cuEventSynchronize");
      control.await("cuMemcpyHtoDAsync");
      std::thread other([&] {
        if (whole) dynamic_cast<CudaBackend&>(device.backend()).queue().stream().synchronise();
        download<float>(device, x, got);
      });
      while (control.calls("cuEventSynchronize") == waits) std::this_thread::yield();
      const Tensor y = upload<float>(device, shape, second);
      other.join();
      CHECK(control.came());
      CHECK(got == first);
      download<float>(device, y, got);
      CHECK(got == second);
    }
  }

  TEST_CASE("copies of several threads come back as they were written") {
    const tests::Control control;
    if (!control) return;
    Device device = cuda();
    in_threads(3, [&](int thread) {
      const Shape shape{1, 3, 600 + 100 * thread, 1000};
      for (int round = 0; round < 3; ++round) {
        const std::vector<float> values = numbers(shape.count(), 10 * thread + round);
        std::vector<float> back(values.size());
        download<float>(device, upload<float>(device, shape, values, Role::parameter), back);
        CHECK(back == values);
      }
    });
  }

  TEST_CASE("two pieces of pinned memory are enough for four threads") {
    const tests::Control control;
    if (!control) return;
    TwoPieces two;
    in_threads(4, [&](int thread) {
      const backend_cuda::CudaContext::Use here(*two.context);
      const std::size_t count = 5000 + 100 * static_cast<std::size_t>(thread);
      const std::shared_ptr<void> memory = two.memory->allocate(count * sizeof(float));
      for (int round = 0; round < 20; ++round) {
        const std::vector<float> values = numbers(count, 100 * thread + round);
        std::vector<float> back(count);
        two.staging.copy_to_device(memory.get(), values.data(), count * sizeof(float));
        two.staging.copy_to_host(back.data(), memory.get(), count * sizeof(float));
        CHECK(back == values);
      }
    });
  }

  TEST_CASE("who waits for a piece keeps no other thread from taking one") {
    const tests::Control control;
    if (!control) return;
    TwoPieces two;
    const std::shared_ptr<void> memory = two.memory->allocate(TwoPieces::bytes);
    const std::vector<float> values = numbers(TwoPieces::bytes / sizeof(float), 1);
    for (int piece = 0; piece < 2; ++piece)  // both are under way then
      two.staging.copy_to_device(memory.get(), values.data(), TwoPieces::bytes);
    const int waits = control.calls("cuEventSynchronize");
    control.await("cuMemcpyDtoHAsync");
    std::thread other([&] {
      const backend_cuda::CudaContext::Use here(*two.context);
      two.staging.copy_to_device(memory.get(), values.data(), TwoPieces::bytes);
    });
    while (control.calls("cuEventSynchronize") == waits) std::this_thread::yield();
    std::vector<float> back(values.size());
    two.staging.copy_to_host(back.data(), memory.get(), TwoPieces::bytes);
    other.join();
    CHECK(control.came());
    CHECK(back == values);
  }

  TEST_CASE("a copy that is shared out to threads is the same") {
    backend_cuda::HostCopy copy;
    in_threads(2, [&](int thread) {
      for (const std::size_t count : {std::size_t{1}, std::size_t{131072}, std::size_t{131073}, std::size_t{700001}}) {
        const std::vector<float> values = numbers(count, thread);
        std::vector<float> to(count + 1, -1.0f);
        copy(to.data(), values.data(), count * sizeof(float));
        CHECK(to.back() == -1.0f);
        to.pop_back();
        CHECK(to == values);
      }
    });
  }
}
