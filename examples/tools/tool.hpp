#pragma once
/// What the tools have in common: how they end, and the options by which they open a device.

#include <CLI/CLI.hpp>
#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/networks/presets.hpp>
#include <pix2pixhd/pix2pixhd.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <initializer_list>
#include <iostream>
#include <map>
#include <new>
#include <string>
#include <thread>
#include <vector>

namespace tools {

/// Options that were given but do not belong together.
struct UsageError : pix2pixhd::Error {
  using Error::Error;
};

/// Parses the command line and runs the tool. The exit status is 0, or 1 after an error that is named on stderr, or 2
/// after wrong usage.
template <class Body>
int run(CLI::App& app, int argc, char** argv, Body&& body) {
  app.set_version_flag("--version", pix2pixhd::detail::sentence(PIX2PIXHD_VERSION_MAJOR, ".", PIX2PIXHD_VERSION_MINOR,
                                                                ".", PIX2PIXHD_VERSION_PATCH));
  try {
    app.parse(argc, argv);
    body();
    std::cout.flush();
    pix2pixhd::detail::require(std::cout.good() && std::fflush(stdout) == 0 && std::ferror(stdout) == 0,
                               "the standard output cannot be written.");
    return 0;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;  // --help and --version end by such an exception too
  } catch (const UsageError& error) {
    std::cerr << app.get_name() << ": " << error.what() << "\nRun with --help for more information.\n";
    return 2;
  } catch (const std::bad_alloc&) {
    std::cerr << app.get_name() << ": error: the memory of the machine does not suffice\n";
  } catch (const std::exception& error) {
    std::cerr << app.get_name() << ": error: " << error.what() << '\n';
  }
  return 1;
}

/// UsageError if one of these options was given although it would have no effect. `why` follows its name.
inline void refuse(const CLI::App& app, std::initializer_list<const char*> options, const std::string& why) {
  for (const char* option : options)
    if (app.count(option) > 0) throw UsageError(std::string(option) + ' ' + why);
}

/// Checks of an option for a finite number. CLI11's own name limits of 309 digits, and 0 among what is allowed.
inline CLI::Validator finite_number(bool zero_allowed) {
  return {
      [zero_allowed](const std::string& text) -> std::string {
        double value = 0;
        if (CLI::detail::lexical_cast(text, value) && std::isfinite(value) && value >= 0 && (zero_allowed || value > 0))
          return "";
        return text + (zero_allowed ? " is no number from 0 on" : " is no number that is more than 0");
      },
      zero_allowed ? ">= 0" : "> 0"};
}
inline const CLI::Validator more_than_zero = finite_number(false), not_less_than_zero = finite_number(true);

/// What is wrong with a seed below zero, which CLI11 would take for a large one.
inline std::string seed_not_negative(const std::string& text) {
  return text.find('-') == std::string::npos ? "" : text + " is less than zero; seeds are whole numbers from 0 on";
}

/// Adds --seed. `what`: what it decides.
inline CLI::Option* add_seed(CLI::App& app, std::uint64_t& seed, const std::string& what) {
  return app.add_option("--seed", seed, what)->check(CLI::Validator(seed_not_negative, ""))->capture_default_str();
}

/// What is wrong with an amount of memory below zero, which CLI11 would take for a large one.
inline std::string not_negative(const std::string& text) {
  return text.find('-') == std::string::npos ? "" : text + " is less than zero; 0 is no limit";
}

/// --device, --precision, --threads and --budget.
struct DeviceChoice {
  std::string device = "auto";
  std::string precision = "f32";
  int threads = 0;
  std::uint64_t budget = 0;

  void add_to(CLI::App& app) {
    app.add_option("--device", device,
                   "auto: the fastest that is there; reference: plain loops in double, for comparisons")
        ->check(CLI::IsMember({"auto", "cpu", "cuda", "reference"}))
        ->capture_default_str();
    app.add_option("--precision", precision, "Type of the arithmetic; not every device has every one")
        ->check(CLI::IsMember({"f32", "tf32", "bf16", "f16"}))
        ->capture_default_str();
    app.add_option("--threads", threads, "Threads of the CPU; 0: as many as it has cores")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
    app.add_option("--budget,--memory-budget", budget,
                   "Memory that may be used at most, as in 3GB or 2560MiB; 0: no limit")
        ->transform(CLI::AsSizeValue(true))
        ->transform(CLI::Validator(not_negative, ""))  // before the other
        ->capture_default_str();
  }

  pix2pixhd::Device open() const {
    using pix2pixhd::Precision;
    const std::map<std::string, Precision> precisions = {
        {"f32", Precision::f32}, {"tf32", Precision::tf32}, {"bf16", Precision::bf16}, {"f16", Precision::f16}};
    const pix2pixhd::DeviceOptions options{
        .threads = threads, .precision = precisions.at(precision), .budget = static_cast<std::size_t>(budget)};
    if (device == "cpu") return pix2pixhd::cpu(options);
    if (device == "cuda") return pix2pixhd::cuda(0, options);
    if (device == "reference") return pix2pixhd::reference(options);
    return pix2pixhd::best_device(options);
  }
};

inline bool is_gpu(const pix2pixhd::Device& device) { return device.name().starts_with("cuda"); }

/// Threads that read and write files while pictures are made: none beside a CPU, whose cores have enough to do. A GPU
/// makes pictures faster than one thread reads and writes them.
inline int file_threads(const pix2pixhd::Device& device) {
  constexpr unsigned most = 8;
  if (!is_gpu(device)) return 0;
  return static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1u, most));
}

/// Adds --preset.
inline CLI::Option* add_preset(CLI::App& app, std::string& preset) {
  return app.add_option("--preset", preset, "The generator: demo, demo_enhanced, 512p, 1024p or 2048p")
      ->required()
      ->check(CLI::IsMember(std::vector<std::string>(pix2pixhd::preset_names.begin(), pix2pixhd::preset_names.end())));
}

}  // namespace tools
