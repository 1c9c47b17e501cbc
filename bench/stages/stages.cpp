// The time of every block of a picture, or of a step of training, beside what the machine can do at most.
//
// Prints one object of JSON: the roofline (of a CPU; bench/gpu/stages.py measures that of a GPU), the seconds of a
// whole pass measured without looking into it, and the calls of the backend in their order, each with the least time of
// all passes.

#include <CLI/CLI.hpp>
#include <pix2pixhd/images/files.hpp>
#include <pix2pixhd/pix2pixhd.hpp>
#include <pix2pixhd/training/trainer.hpp>

#include <algorithm>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "peers/measuring.hpp"
#include "stages/roofline.hpp"
#include "stages/timing_backend.hpp"

namespace {

using namespace pix2pixhd;
using stages::TimedCall;

constexpr int classes = 35;

struct Options {
  std::string work = "picture", labels, instances, image;
  int scales = 2, runs = 3;
  measuring::DeviceChoice device;
};

/// "model.1" for the weight of that name.
using BlockNames = std::map<const Storage*, std::string>;

void collect_names(BlockNames& names, auto& network, const std::string& prefix) {
  for_each_parameter(network, [&](const std::string& name, Parameter& parameter) {
    const std::size_t dot = name.rfind('.');
    names[parameter.value.storage().get()] = prefix + name.substr(0, dot);
  });
}

/// What was measured of one kind of pass.
struct Measured {
  double seconds = 0;            ///< of a pass on the backend itself
  std::vector<TimedCall> calls;  ///< of a pass through the timing backend
  double outside = 0;            ///< seconds of such a pass between its calls
  BlockNames names;
};

/// `make(device)` makes everything ready and returns the pass as a function without arguments. It is run on the device
/// itself, then on one that times its calls. The function keeps what the pass needs alive.
template <class Make>
Measured measure(const Options& options, Make&& make) {
  Measured result;
  {
    Device device = options.device.open();
    const auto pass = make(device, result.names);
    pass();
    measuring::finish(device);
    for (int run = 0; run < options.runs; ++run) {
      measuring::Stopwatch watch;
      pass();
      measuring::finish(device);
      const double taken = watch.restart();
      result.seconds = run == 0 ? taken : std::min(result.seconds, taken);
    }
  }
  const Device target = options.device.open();
  const auto timing = std::make_shared<stages::TimingBackend>(target.shared_backend());
  Device device(timing);
  result.names.clear();
  const auto pass = make(device, result.names);
  pass();
  timing->take();
  for (int run = 0; run < options.runs; ++run) {
    measuring::Stopwatch watch;
    pass();
    measuring::finish(target);
    double outside = watch.restart();
    const std::vector<TimedCall> calls = timing->take();
    for (const TimedCall& call : calls) outside -= call.seconds;
    result.outside = run == 0 ? outside : std::min(result.outside, outside);
    if (run == 0) result.calls = calls;
    detail::require(calls.size() == result.calls.size(), "two passes made different calls: ", result.calls.size(),
                    " and ", calls.size());
    for (std::size_t i = 0; i < calls.size(); ++i)
      result.calls[i].seconds = std::min(result.calls[i].seconds, calls[i].seconds);
  }
  return result;
}

auto picture_pass(const Options& options) {
  using Net = Generator<1>;
  return [&options](Device& device, BlockNames& names) -> std::function<void()> {
    auto generator = std::make_shared<Net>();
    initialize(device, *generator, 1);
    collect_names(names, *generator, "");
    auto session = std::make_shared<Session<Net>>(device, *generator);
    const SemanticMap map =
        semantic_map(device, read_labels(options.labels), read_instances(options.instances), classes);
    return [generator, session, map] { (*session)(map); };
  };
}

template <int Scales>
auto step_pass(const Options& options) {
  using G = Generator<1>;
  using D = MultiscaleDiscriminator<Scales>;
  return [&options](Device& device, BlockNames& names) -> std::function<void()> {
    auto generator = std::make_shared<G>();
    auto discriminator = std::make_shared<D>();
    initialize(device, *generator, 1);
    initialize(device, *discriminator, 2);
    collect_names(names, *generator, "G ");
    collect_names(names, *discriminator, "D ");
    auto trainer = std::make_shared<Trainer<G, D>>(device, *generator, *discriminator);
    const Batch batch{
        .map = semantic_map(device, read_labels(options.labels), read_instances(options.instances), classes),
        .image = upload(device, read_image(options.image))};
    return [generator, discriminator, trainer, batch] { trainer->step(batch); };
  };
}

nlohmann::json to_json(const Shape& shape) { return {shape.n, shape.c, shape.h, shape.w}; }

nlohmann::json to_json(const TimedCall& call, const BlockNames& names) {
  const auto name = names.find(call.weight);
  return {{"kind", call.kind},
          {"name", name == names.end() ? "" : name->second},
          {"kernel", call.geometry.kernel},
          {"stride", call.geometry.stride},
          {"transposed", call.geometry.transposed},
          {"input", to_json(call.input)},
          {"output", to_json(call.output)},
          {"flops", 2 * call.multiply_adds},
          {"bytes", call.bytes},
          {"seconds", call.seconds}};
}

nlohmann::json to_json(const stages::Roofline& roofline) {
  nlohmann::json result;
  for (const auto& peak : roofline.arithmetic) result["gflops"][peak.name] = peak.gflops;
  const stages::MemoryPeak& memory = roofline.memory;
  result["gigabytes"] = {{"read", memory.read}, {"write", memory.write}, {"copy", memory.copy}};
  return result;
}

Measured measured_work(const Options& options) {
  if (options.work == "picture") return measure(options, picture_pass(options));
  return options.scales == 2 ? measure(options, step_pass<2>(options)) : measure(options, step_pass<3>(options));
}

void print(const Options& options) {
  nlohmann::json result;
  Measured measured;
  if (options.device.on_gpu()) {
    measured = measured_work(options);
  } else {
    const stages::Roofline before = stages::measure_roofline(options.device.threads);
    measured = measured_work(options);
    result["roofline"] = to_json(higher(before, stages::measure_roofline(options.device.threads)));
  }
  const Device device = options.device.open();
  if (const auto* cpu = dynamic_cast<const CpuBackend*>(&device.backend())) result["isa"] = to_string(cpu->isa());
  result["device"] = device.description();
  result["precision"] = options.device.precision;
  result["seconds"] = measured.seconds;
  result["outside"] = measured.outside;
  result["calls"] = nlohmann::json::array();
  for (const TimedCall& call : measured.calls) result["calls"].push_back(to_json(call, measured.names));
  std::cout << result << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Times every block of a picture or of a step of training.", "stages");
  app.add_option("--work", options.work)->check(CLI::IsMember({"picture", "step"}))->capture_default_str();
  app.add_option("--scales", options.scales, "Discriminators of a step")->check(CLI::IsMember({2, 3}));
  app.add_option("--labels", options.labels)->required();
  app.add_option("--instances", options.instances)->required();
  app.add_option("--image", options.image, "The real picture of a step");
  app.add_option("--runs", options.runs)->check(CLI::Range(1, 100000));
  options.device.add_to(app);
  CLI11_PARSE(app, argc, argv);
  return measuring::guarded("stages", [&] { print(options); });
}
