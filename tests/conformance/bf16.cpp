/// The CPU backend in bf16: blocks against the reference, networks against f32, and what is promised of memory and
/// threads.

#include "direct_bf16.hpp"
#include "random_block.hpp"

#include <pix2pixhd/networks/generator.hpp>
#include <pix2pixhd/networks/session.hpp>

using namespace tests;

#if __has_include(<pix2pixhd/backend/cpu/cpu_backend-inl.hpp>)

namespace {

using G = Generator<1, GeneratorShape{.in = 9, .width = 64, .downsamples = 2, .blocks = 3, .local_blocks = 2}>;

Device bf16_device(Isa isa, int threads = 2) { return cpu({.threads = threads, .precision = Precision::bf16}, isa); }

/// sqrt(sum (a - b)^2 / sum b^2).
double relative_rms(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) return HUGE_VAL;
  double difference = 0, sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    sum += b[i] * b[i];
  }
  return sum > 0 ? std::sqrt(difference / sum) : std::sqrt(difference);
}

/// The peak signal-to-noise ratio of pictures in [-1, 1], in dB.
double psnr(const std::vector<double>& a, const std::vector<double>& b) {
  double square = 0;
  for (std::size_t i = 0; i < a.size(); ++i) square += (a[i] - b[i]) * (a[i] - b[i]);
  return 10 * std::log10(4 * static_cast<double>(a.size()) / square);
}

/// Multiplies every weight and every output channel's weights by a random factor, most of them near 1 and some large.
void add_heavy_tails(Device& device, G& network) {
  for_each_parameter(network, [&](const std::string& name, Parameter& parameter) {
    xt::xtensor<float, 4> values = download(device, parameter.value);
    const std::vector<double> each = detail::normal_values(values.size(), 3, name.c_str());
    const std::size_t channel = values.size() / values.shape()[0];
    for (std::size_t i = 0; i < values.size(); ++i)
      values.data()[i] *= static_cast<float>(std::exp(0.7 * each[i] + 0.7 * each[i / channel]));
    assign(device, parameter, values);
  });
}

void round_weights(Device& device, G& network) {
  for_each_parameter(network, [&](const std::string&, Parameter& parameter) {
    xt::xtensor<float, 4> values = download(device, parameter.value);
    for (float& value : values) value = detail::to_float(detail::to_bf16(value));
    assign(device, parameter, values);
  });
}

std::vector<double> picture(Device& device, bool heavy, bool rounded = false) {
  G network;
  initialize(device, network, 7);
  if (heavy) add_heavy_tails(device, network);
  if (rounded) round_weights(device, network);
  return detail::host_values(device, infer(device, network, MapArrays(1, 96, 160, 8, 5).map(device, true)));
}

}  // namespace

TEST_CASE("blocks in bf16, forward and backward, are as close to the reference as bf16 allows") {
  constexpr double tolerance = 0.015;  // relative rms; a number is rounded by up to 0.004 of itself
  Device exact = reference();
  std::vector<Device> devices;
  for (const Isa isa : available_isas(Precision::bf16)) devices.push_back(bf16_device(isa));
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const RandomBlock block(seed);
    CAPTURE(block.text());
    const std::vector<double> dy = output_gradient(block);
    const BlockValues expected = run_block(exact, block, &dy);
    for (Device& device : devices) {
      CAPTURE(device.description());
      const BlockValues got = run_block(device, block, &dy);
      CHECK(relative_rms(got.y, expected.y) <= tolerance);
      // Where the mask of an activation is another, a whole term is missing.
      CHECK(relative_rms(got.dx, expected.dx) <= 8 * tolerance);
      CHECK(relative_rms(got.weight, expected.weight) <= 8 * tolerance);
      CHECK(relative_rms(got.mean, expected.mean) <= tolerance);
      CHECK(relative_rms(got.variance, expected.variance) <= tolerance);
    }
  }
}

TEST_CASE(
    "a generator's picture in bf16 is that of f32 to 42 dB, on any weights to what direct evaluation has, less 1 dB") {
  Device exact = cpu({.threads = 2});
  Device direct(std::make_shared<DirectBf16Backend>(exact.shared_backend()));
  for (const bool heavy : {false, true}) {
    CAPTURE(heavy);
    const std::vector<double> expected = picture(exact, heavy);
    const double directly = psnr(picture(direct, heavy, true), expected);
    CAPTURE(directly);
    for (const Isa isa : available_isas(Precision::bf16)) {
      CAPTURE(std::string(to_string(isa)));
      Device device = bf16_device(isa);
      const double decibels = psnr(picture(device, heavy), expected);
      if (!heavy) CHECK(decibels >= 42);
      CHECK(decibels >= directly - 1);
    }
  }
}

TEST_CASE("in bf16 the number of threads changes no bit, and plan and session hold what they promise") {
  for (const Isa isa : available_isas(Precision::bf16)) {
    CAPTURE(std::string(to_string(isa)));
    Device one = bf16_device(isa, 1), two = bf16_device(isa, 2);
    CHECK(picture(one, false) == picture(two, false));

    G network;
    initialize(two, network, 7);
    const SemanticMap map = MapArrays(1, 45, 70, 8).map(two, true);
    const Plan planned = plan(two, network, map);
    two.memory().reset_peak();
    const auto result = download(two, infer(two, network, map));
    CHECK(two.memory().peak() == planned.peak_bytes);
    CHECK(two.memory().current() == planned.held_bytes + planned.derived_bytes);
    Session session(two, network, {.precision = Precision::bf16});
    CHECK(download(two, session(map)) == result);

    Device single = cpu({.threads = 2}, std::min(isa, Isa::avx512));
    G same;
    initialize(single, same, 7);
    const auto arena = [](Device& device, const G& of) {
      return plan(device, of, MapArrays(1, 512, 1024, 8).map(device, true)).arena_bytes;
    };
    CHECK(arena(two, network) < arena(single, same) * 3 / 4);  // G1's front end is stored as floats
  }
}

TEST_CASE("tensors of bf16 go to other devices and back as their rounded values") {
  Device device = bf16_device(Isa::baseline), exact = reference();
  for (const int channels : {3, 20}) {
    const Tensor x = normal_tensor(device, {2, channels, 5, 7}, 1);
    CHECK(x.format().type == (channels < 8 ? DataType::f32 : DataType::bf16));
    const Tensor there = to(exact, x), back = to(device, there);
    CHECK(detail::host_values(exact, there) == detail::host_values(device, x));
    CHECK(detail::host_values(device, back) == detail::host_values(device, x));
  }
}

#endif
