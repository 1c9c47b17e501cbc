/// Sessions: results equal those of infer.

#include "../devices.hpp"
#include "scene.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

using namespace pix2pixhd;
using tests::scene;
using tests::Small;

namespace {

bool same_bits(const xt::xtensor<float, 4>& a, const xt::xtensor<float, 4>& b) { return a == b; }

}  // namespace

TEST_CASE("maps of one size at their level but not below are passes of their own") {
  Device device = reference();
  const auto pooled = [&](std::size_t side) {
    xt::xtensor<std::uint8_t, 2> labels(std::array<std::size_t, 2>{side, side}, 1);
    return pool(device, semantic_map(device, labels, std::nullopt, 5), Pooling::average3);
  };
  REQUIRE(pooled(7).shape() == pooled(8).shape());
  CHECK(detail::key_of(pooled(7)) != detail::key_of(pooled(8)));
}

TEST_CASE("a session gives the bits of infer at any size") {
  for (auto& on : tests::all_devices()) {
    CAPTURE(on.name);
    Small network;
    initialize(on.device, network, 1);
    Session session(on.device, network);
    for (const auto& [height, width] : {std::pair{45, 70}, std::pair{16, 16}, std::pair{64, 40}, std::pair{45, 70}}) {
      const SemanticMap map = scene(on.device, height, width);
      const auto result = download(on.device, session(map));
      CHECK(same_bits(result, download(on.device, infer(on.device, network, map))));
    }
  }
}

TEST_CASE("the first pass of a session reaches exactly the planned peak") {
  for (auto& on : tests::all_devices()) {
    CAPTURE(on.name);
    Small network;
    initialize(on.device, network, 1);
    const SemanticMap map = scene(on.device, 45, 70);
    Session session(on.device, network);
    const Plan planned = session.plan(map);
    on.device.memory().reset_peak();
    const Tensor y = session(map);
    CHECK(on.device.memory().peak() == planned.session_peak_bytes);
    CHECK(planned.arena_bytes > 0);
  }
}

TEST_CASE("results outlive the next pass and the session") {
  Device device = reference();
  Small network;
  initialize(device, network, 1);
  Tensor y;
  xt::xtensor<float, 4> before;
  {
    Session session(device, network);
    y = session(scene(device, 32, 32));
    before = download(device, y);
    session(scene(device, 40, 32));
  }
  CHECK(same_bits(before, download(device, y)));
}

TEST_CASE("a budget takes the smaller plan, or is refused with the figure") {
  for (auto& on : tests::all_devices()) {
    CAPTURE(on.name);
    Small network;
    initialize(on.device, network, 1);
    const SemanticMap map = scene(on.device, 45, 70);
    const std::size_t wide = plan(on.device, network, map, true).session_peak_bytes;
    const std::size_t narrow = plan(on.device, network, map, false).session_peak_bytes;
    CHECK(narrow <= wide);
    const auto expected = download(on.device, infer(on.device, network, map));

    Small fresh = clone(on.device, network);  // without packed weights
    const SemanticMap input = scene(on.device, 45, 70);
    const std::size_t need = plan(on.device, fresh, input, false).session_peak_bytes;
    Session session(on.device, fresh, {.budget = need});
    on.device.memory().reset_peak();
    CHECK(same_bits(expected, download(on.device, session(input))));
    CHECK(on.device.memory().peak() <= need);

    Small third = clone(on.device, network);
    const std::size_t too_little = plan(on.device, third, input, false).session_peak_bytes - 1;
    Session refused(on.device, third, {.budget = too_little});
    const std::size_t held = on.device.memory().current();
    std::string message;
    try {
      refused(input);
    } catch (const OutOfMemory& error) {
      message = error.what();
    }
    CHECK(message.find(std::to_string(too_little + 1)) != std::string::npos);
    CHECK(on.device.memory().current() == held);
  }
}

TEST_CASE("a pass can be stopped and is heard") {
  Device device = reference();
  Small network;
  initialize(device, network, 1);
  const SemanticMap map = scene(device, 32, 32);
  std::vector<double> heard;
  std::stop_source stop;
  Session session(device, network, {.stop = stop.get_token(), .progress = [&](double fraction) {
                                      heard.push_back(fraction);
                                      if (heard.size() == 20) stop.request_stop();
                                    }});
  session(map);
  REQUIRE(heard.size() > 5);
  CHECK(std::is_sorted(heard.begin(), heard.end()));
  CHECK(heard.back() == doctest::Approx(1.0));
  const std::size_t held = device.memory().current();
  CHECK_THROWS_AS(session(map), Stopped);
  CHECK(device.memory().current() == held);
  CHECK(heard.size() == 20);
}

TEST_CASE("a session that is asked for a pass by its own progress callback says so, and makes its picture") {
  Device device = cpu({.threads = 2});
  Small network;
  initialize(device, network, 1);
  const SemanticMap map = scene(device, 32, 48), small = scene(device, 32, 32);
  std::string said;
  Session<Small>* asked = nullptr;
  Session session(
      device, network, {.progress = [&](double) {
        for (const auto& again : {std::function([&] { (*asked)(small); }), std::function([&] { asked->plan(map); })})
          try {
            again();
          } catch (const Error& error) {
            said = error.what();
          }
      }});
  asked = &session;
  CHECK(same_bits(download(device, session(map)), download(device, infer(device, network, map))));
  CHECK(said.find("make a second Session") != std::string::npos);
  said.clear();
  asked->plan(small);
  asked->release();
  CHECK(said.empty());
}

TEST_CASE("weights in the place of earlier ones are seen to be others") {
  Device device = reference();
  std::optional<Storage> place;
  Small network;
  allocate_parameters(device, network);
  Tensor& weight = *named_arrays(network).front().value;
  const auto replaced = [&] {
    place.emplace(device.shared_backend(), nullptr, 0);
    weight = Tensor(weight.shape(), weight.format(), {&*place, [](Storage*) {}});
    return detail::fingerprint(network);
  };
  const std::uint64_t first = replaced();
  CHECK(detail::fingerprint(network) == first);
  CHECK(replaced() != first);
}

TEST_CASE("a session repeats passes, and sees other inputs, other weights and other sizes") {
  for (auto& on : tests::all_devices()) {
    CAPTURE(on.name);
    Small network;
    initialize(on.device, network, 1);
    Session session(on.device, network);
    const auto check = [&](const SemanticMap& map) {
      CHECK(same_bits(download(on.device, session(map)), download(on.device, infer(on.device, network, map))));
    };
    const SemanticMap small = scene(on.device, 16, 24), other = extend(on.device, scene(on.device, 16, 16), {16, 24});
    for (int pass = 0; pass < 4; ++pass) check(pass % 2 == 0 ? small : other);
    const Tensor kept = session(small);  // results of earlier passes stay what they are
    const auto before = download(on.device, kept);
    check(other);
    CHECK(same_bits(download(on.device, kept), before));
    for (int pass = 0; pass < 3; ++pass) check(scene(on.device, 40, 48));  // a larger arena
    check(small);
    initialize(on.device, network, 2);
    for (int pass = 0; pass < 3; ++pass) check(small);
  }
}

TEST_CASE("a session may compute in another precision than its device, on that device's memory") {
  Device device = cpu({.threads = 2}), bf16 = cpu({.threads = 2, .precision = Precision::bf16});
  Small network, same;
  initialize(device, network, 1);
  initialize(bf16, same, 1);
  const SemanticMap map = scene(device, 45, 70);
  const auto exact = download(device, infer(device, network, map));
  const auto expected = download(bf16, infer(bf16, same, scene(bf16, 45, 70)));
  REQUIRE_FALSE(same_bits(exact, expected));

  Session session(device, network, {.precision = Precision::bf16});
  const std::size_t held = device.memory().current();
  const Tensor y = session(map);
  CHECK(same_bits(download(device, y), expected));
  CHECK(device.memory().current() > held);  // its arena and its packed weights are counted here
  CHECK(session.plan(map).arena_bytes < Session(device, network).plan(map).arena_bytes);
  CHECK(same_bits(download(device, infer(device, network, map)), exact));  // the device is as it was

  // What is read and made is of many channels too: it is f32 on the device, bf16 in the session.
  using Wide = Generator<0, GeneratorShape{.in = 12, .out = 9, .width = 16, .downsamples = 1, .blocks = 1}>;
  Wide wide, same_wide;
  initialize(device, wide, 2);
  initialize(bf16, same_wide, 2);
  const xt::xtensor<float, 4> image =
      xt::eval(xt::sin(xt::reshape_view(xt::arange<float>(12 * 20 * 24), std::array<std::size_t, 4>{1, 12, 20, 24})));
  Session wide_session(device, wide, {.precision = Precision::bf16});
  const Tensor result = wide_session(upload(device, image));
  CHECK(result.format() == device.backend().format(result.shape(), Role::activation));
  CHECK(same_bits(download(device, result), download(bf16, infer(bf16, same_wide, upload(bf16, image)))));

  // The two results beside each other stay within what the pass was planned for.
  const Tensor x = upload(device, image);
  const std::size_t most = Session(device, wide, {.precision = Precision::bf16}).plan(x).session_peak_bytes;
  Session budgeted(device, wide, {.budget = most, .precision = Precision::bf16});
  device.memory().reset_peak();
  CHECK(same_bits(download(device, budgeted(x)), download(device, result)));
  CHECK(device.memory().peak() <= most);
}

TEST_CASE("several results of a session in another precision are stored as its device stores them") {
  Device device = cpu({.threads = 2});
  const Tensor x = upload(device, xt::xtensor<float, 4>(std::array<std::size_t, 4>{1, 3, 32, 32}, 0.5f));
  const auto check = [&](const auto& tensors) {
    for (const Tensor& y : tensors) CHECK(y.format() == device.backend().format(y.shape(), Role::activation));
    CHECK_NOTHROW(download(device, tensors.front()));
  };
  Vgg19 vgg;
  initialize(device, vgg, 1);
  Session taps(device, vgg, {.precision = Precision::bf16});
  check(taps(x));
  MultiscaleDiscriminator<2, DiscriminatorShape{.in = 3, .width = 8, .layers = 2}> discriminator;
  initialize(device, discriminator, 1);
  Session scales(device, discriminator, {.precision = Precision::bf16});
  for (const auto& stages : scales(x)) check(stages);
}

TEST_CASE("a precision that a device does not compute in is refused when the session is made") {
  Device exact = reference(), device = cpu({.threads = 1});
  Small network;
  const auto refusal = [&](Device& on, Precision precision) {
    try {
      Session session(on, network, {.precision = precision});
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(refusal(exact, Precision::bf16).find("reference was opened for f32 and does not compute in bf16") == 0);
  CHECK(refusal(device, Precision::f16).find("f32 or bf16") != std::string::npos);
  CHECK(refusal(exact, Precision::f32).empty());
  CHECK(refusal(device, Precision::bf16).empty());
}
