#pragma once
/// What the measured programs have in common: the device they open, a clock, and the line that they print.

#include <CLI/CLI.hpp>
#include <pix2pixhd/backend/cuda/cuda_backend.hpp>
#include <pix2pixhd/pix2pixhd.hpp>
#include <pix2pixhd/version.hpp>

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace measuring {

/// --device, --threads, --precision and --isa.
struct DeviceChoice {
  int threads = 2;
  std::string device = "cpu", precision = "f32", isa;

  void add_to(CLI::App& app) {
    app.add_option("--device", device)->check(CLI::IsMember({"cpu", "cuda"}));
    app.add_option("--threads", threads)->check(CLI::Range(1, 1024));
    app.add_option("--precision", precision)->check(CLI::IsMember({"f32", "tf32", "bf16", "f16"}));
    app.add_option("--isa", isa, "Instruction set of the CPU's kernels; default: the best of this machine");
  }

  bool on_gpu() const { return device == "cuda"; }

  pix2pixhd::Device open() const {
    using pix2pixhd::Precision;
    const pix2pixhd::DeviceOptions options{.threads = threads,
                                           .precision = precision == "bf16"   ? Precision::bf16
                                                        : precision == "f16"  ? Precision::f16
                                                        : precision == "tf32" ? Precision::tf32
                                                                              : Precision::f32};
    if (on_gpu()) return pix2pixhd::cuda(0, options);
    if (isa.empty()) return pix2pixhd::cpu(options);
    std::string names;
    for (const pix2pixhd::Isa one : pix2pixhd::available_isas(options.precision)) {
      if (isa == to_string(one)) return pix2pixhd::cpu(options, one);
      names += std::string(names.empty() ? "" : ", ") + to_string(one);
    }
    throw pix2pixhd::Error("this machine has no \"" + isa + "\"; it has " + names);
  }
};

/// Returns when the device has done all that it was asked for.
inline void finish(const pix2pixhd::Device& device) {
  if (const auto* gpu = dynamic_cast<const pix2pixhd::CudaBackend*>(&device.backend())) gpu->queue().stream().synchronise();
}

class Stopwatch {
 public:
  /// Seconds since the last call, or since this object was made.
  double restart() {
    const auto now = Clock::now();
    const std::chrono::duration<double> taken = now - std::exchange(start_, now);
    return taken.count();
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
};

/// The most memory that this process had at once, as the system counts it. (getrusage would count the one that started
/// this one too.)
inline std::size_t peak_bytes() {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);)
    if (line.rfind("VmHWM:", 0) == 0) return std::stoull(line.substr(6)) * 1024;
  return 0;
}

/// The figures of a run, as a line of JSON. The memory is taken when this is made.
class Report {
 public:
  Report(const pix2pixhd::Device& device, double load_seconds, const std::vector<double>& seconds) {
    text_ = "\"load_seconds\": " + std::to_string(load_seconds) + ", \"seconds\": [";
    for (std::size_t i = 0; i < seconds.size(); ++i) text_ += (i > 0 ? ", " : "") + std::to_string(seconds[i]);
    text_ += "], \"peak_bytes\": " + std::to_string(peak_bytes()) +
             ", \"library_bytes\": " + std::to_string(device.memory().peak()) + ", \"device\": \"" +
             device.description() + "\", \"version\": \"pix2pixhd " + std::to_string(PIX2PIXHD_VERSION_MAJOR) + "." +
             std::to_string(PIX2PIXHD_VERSION_MINOR) + "." + std::to_string(PIX2PIXHD_VERSION_PATCH) + "\"";
  }
  /// Adds numbers under a name.
  void add(const std::string& name, const std::vector<double>& values) {
    text_ += ", \"" + name + "\": [";
    for (std::size_t i = 0; i < values.size(); ++i) text_ += (i > 0 ? ", " : "") + std::to_string(values[i]);
    text_ += "]";
  }
  void print() const { std::printf("{%s}\n", text_.c_str()); }

 private:
  std::string text_;
};

/// Runs a program's body; what it throws goes to stderr, and the exit status is then 1.
template <class Body>
int guarded(const char* name, Body&& body) {
  try {
    body();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", name, error.what());
    return 1;
  }
}

}  // namespace measuring
