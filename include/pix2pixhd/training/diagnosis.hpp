#pragma once
/// Where a value that is not finite came from.

#include <pix2pixhd/core/need.hpp>
#include <pix2pixhd/networks/visit.hpp>
#include <pix2pixhd/ops/maps.hpp>

#include <memory>
#include <string>
#include <vector>

namespace pix2pixhd::inline v0 {
namespace detail {

/// The name of the first array of a network that holds a value that is not finite; empty if there is none.
template <class Net>
std::string first_non_finite_array(Device& device, const Net& network) {
  for (const NamedArray& array : named_arrays(network))
    if (!array.value->empty() && !device.backend().all_finite(*array.value)) return array.name;
  return {};
}

/// Runs `pass(device)` and names the first block of `network` whose convolution made a value that is not finite, by
/// the name of its weight; empty if there is none.
template <class Net, class Pass>
std::string first_non_finite_block(Device& device, const Net& network, Pass&& pass) {
  const Storage* culprit = nullptr;
  const auto watch = std::make_shared<Watch>();
  watch->block = [&](const Tensor& weight, const Tensor& raw) {
    if (!culprit && !device.backend().all_finite(raw)) culprit = weight.storage().get();
  };
  Device watched = device.with(nullptr, watch);
  pass(watched);
  if (!culprit) return {};
  for (const NamedArray& array : named_arrays(network))
    if (array.value->storage().get() == culprit) return array.name.substr(0, array.name.rfind('.'));
  return {};
}

}  // namespace detail

/// Says in words where in a step something became infinite or not a number: in the photograph or the map, in a weight,
/// or at which layer of which network. `input` is what the generator sees. For messages: it runs the networks once
/// more, as inference does, and changes nothing.
template <class G, class D>
std::string describe_non_finite(Device& device, const G& generator, const D& discriminator, const SemanticMap& input,
                                const SemanticMap& map, const Tensor& image) {
  using detail::sentence;
  if (!device.backend().all_finite(image)) return "the photograph holds such a value";
  for (const Tensor& part : map.parts())
    if (!device.backend().all_finite(part))
      return sentence(map.classes() > 0 ? "what is joined to the map" : "the input picture", " holds such a value");
  if (const auto name = detail::first_non_finite_array(device, generator); !name.empty())
    return sentence("the generator's ", name, " holds such a value");
  if (const auto name = detail::first_non_finite_array(device, discriminator); !name.empty())
    return sentence("the discriminator's ", name, " holds such a value");
  for (const Tensor& part : input.parts())
    if (!device.backend().all_finite(part)) return "the encoder's features hold such a value";
  Tensor fake;
  const auto in_generator = detail::first_non_finite_block(device, generator, [&](Device& watched) {
    typename G::template Context<Mode::infer> context;
    fake = resolve(watched, generator.forward(watched, input, context));
  });
  if (!in_generator.empty()) return sentence("it arises in the generator's layer ", in_generator);
  for (const bool synthesised : {true, false}) {
    const auto in_discriminator = detail::first_non_finite_block(device, discriminator, [&](Device& watched) {
      typename D::template Context<Mode::infer> context;
      discriminator.forward(watched, join(map, synthesised ? fake : image), context);
    });
    if (!in_discriminator.empty())
      return sentence("it arises in the discriminator's layer ", in_discriminator, " on the ",
                      synthesised ? "synthesised" : "real", " picture");
  }
  return "it arises in the loss itself, from values that are too large";
}

}  // namespace pix2pixhd::inline v0
