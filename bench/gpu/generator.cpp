// Pictures of Generator<1> on a GPU, timed: the program that compare.py holds beside PyTorch.
//
// Prints one line of JSON: seconds of every pass from labels in host memory to bytes in host memory, of the same in
// three parts, each waited for (the map to the device, the pass, the bytes to the host), seconds of a pass whose input
// and result stay on the device (the mean of a batch of passes), the most bytes that the library held, and then seconds
// per picture where two threads make them at once, each with a Session of its own.

#include <CLI/CLI.hpp>
#include <pix2pixhd/backend/cuda/cuda_backend.hpp>
#include <pix2pixhd/images/files.hpp>
#include <pix2pixhd/pix2pixhd.hpp>
#include <pix2pixhd/store/npy.hpp>
#include <pix2pixhd/store/state_dict.hpp>

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace pix2pixhd;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Per picture, of two threads that make `runs` each; `picture(session)` makes one.
template <class Network, class Picture>
double seconds_at_once(Device& device, const Network& network, int runs, const Picture& picture) {
  Session<Network> sessions[] = {Session<Network>(device, network), Session<Network>(device, network)};
  for (auto& session : sessions)
    for (int i = 0; i < 3; ++i) picture(session);
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (auto& session : sessions)
    threads.emplace_back([&] {
      for (int i = 0; i < runs; ++i) picture(session);
    });
  for (std::thread& thread : threads) thread.join();
  return seconds_since(start) / (2 * runs);
}

}  // namespace

int main(int argc, char** argv) {
  std::string weights, labels, instances, output, precision = "bf16";
  int runs = 20;
  CLI::App app("Times pictures of Generator<1> on a GPU.", "gpu_generator");
  app.add_option("--weights", weights)->required();
  app.add_option("--labels", labels)->required();
  app.add_option("--instances", instances)->required();
  app.add_option("--precision", precision)->check(CLI::IsMember({"f32", "tf32", "bf16", "f16"}));
  app.add_option("--runs", runs)->check(CLI::Range(1, 10000));
  app.add_option("--output", output, "The last picture, .npy");
  CLI11_PARSE(app, argc, argv);
  try {
    const Precision chosen = precision == "f32"    ? Precision::f32
                             : precision == "tf32" ? Precision::tf32
                             : precision == "f16"  ? Precision::f16
                                                   : Precision::bf16;
    Device device = cuda(0, {.precision = chosen});
    Generator<1> generator;
    load(device, generator, weights);
    const LabelArray label_array = read_labels(labels);
    const InstanceArray instance_array = read_instances(instances);
    Session session(device, generator);
    const auto synthesise = [&] { return session(semantic_map(device, label_array, instance_array, 35)); };
    for (int i = 0; i < 3; ++i) download_pixels(device, synthesise());  // plans, packs, records

    std::printf("{\"seconds\": [");
    for (int i = 0; i < runs; ++i) {
      const auto start = std::chrono::steady_clock::now();
      download_pixels(device, synthesise());
      std::printf("%s%.6f", i > 0 ? ", " : "", seconds_since(start));
    }
    backend_cuda::CudaQueue& queue = dynamic_cast<CudaBackend&>(device.backend()).queue();
    std::printf("], \"in_parts\": [");
    for (int i = 0; i < runs; ++i) {
      double done[3];
      const auto start = std::chrono::steady_clock::now();
      const SemanticMap map = semantic_map(device, label_array, instance_array, 35);
      queue.stream().synchronise();
      done[0] = seconds_since(start);
      const Tensor picture = session(map);
      queue.stream().synchronise();
      done[1] = seconds_since(start);
      download_pixels(device, picture);
      done[2] = seconds_since(start);
      std::printf("%s[%.6f, %.6f, %.6f]", i > 0 ? ", " : "", done[0], done[1] - done[0], done[2] - done[1]);
    }
    const SemanticMap map = semantic_map(device, label_array, instance_array, 35);
    queue.stream().synchronise();
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < runs; ++i) session(map);
    queue.stream().synchronise();
    const double on_device = seconds_since(start) / runs;
    const std::size_t peak = device.memory().peak();
    const double at_once = seconds_at_once(device, generator, runs, [&](Session<Generator<1>>& each) {
      download_pixels(device, each(semantic_map(device, label_array, instance_array, 35)));
    });
    std::printf("], \"on_device\": %.6f, \"at_once\": %.6f, \"peak_bytes\": %zu, \"device\": \"%s\"}\n", on_device,
                at_once, peak, device.description().c_str());
    if (!output.empty()) write_npy(output, download(device, session(map)));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "gpu_generator: %s\n", error.what());
    return 1;
  }
  return 0;
}
