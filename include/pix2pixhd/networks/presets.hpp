#pragma once
/// Generators by name, for programs that choose one at run time.

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/networks/discriminator.hpp>
#include <pix2pixhd/networks/generator.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

namespace pix2pixhd::inline v0 {

/// The paper's generators with N enhancers; the number of input channels is that of the weights.
template <int N>
using PresetGenerator = Generator<N, GeneratorShape{.in = dynamic}>;

/// A generator that is small enough to be trained on a CPU within minutes. It resizes and convolves where the paper's
/// back end has transposed convolutions: their grid takes longer to go away than there is time.
using DemoGenerator =
    Generator<0, GeneratorShape{.in = dynamic, .width = 16, .downsamples = 2, .blocks = 3, .up = Upsampling::resize}>;

/// The same with an enhancer around it.
using EnhancedDemoGenerator = Generator<1, DemoGenerator::shape>;

/// The discriminators that the presets are trained against: three scales as in the paper, or for the demo two of a
/// size that suits it. The number of input channels is that of the data.
using PresetDiscriminator = MultiscaleDiscriminator<3, DiscriminatorShape{.in = dynamic}>;
using DemoDiscriminator = MultiscaleDiscriminator<2, DiscriminatorShape{.in = dynamic, .width = 32}>;
template <class Generator>
using DiscriminatorOf =
    std::conditional_t<std::is_same_v<Generator, DemoGenerator> || std::is_same_v<Generator, EnhancedDemoGenerator>,
                       DemoDiscriminator, PresetDiscriminator>;

/// The encoder that a preset's generator is trained with, of so many features an instance: the published one, or for
/// the demo one that halves its pictures as often as the generator does. AnyEncoder has these shapes.
inline EncoderShape preset_encoder_shape(std::string_view preset, int features) {
  const bool demo = preset == "demo" || preset == "demo_enhanced";
  return {.out = features, .downsamples = demo ? DemoGenerator::shape.downsamples : EncoderShape{}.downsamples};
}

/// The names that with_preset() knows.
inline constexpr std::array<std::string_view, 5> preset_names = {"demo", "demo_enhanced", "512p", "1024p", "2048p"};

/// The preset of the generator within that of another, `enhancers` further in: "1024p" has "512p" within.
/// Throws Error if there is none of that name.
inline std::string_view preset_within(std::string_view preset, int enhancers) {
  constexpr std::array<std::string_view, 3> published = {"512p", "1024p", "2048p"};
  constexpr std::array<std::string_view, 2> demo = {"demo", "demo_enhanced"};
  const auto within = [&](const auto& names) -> std::string_view {
    for (std::size_t i = 0; i < names.size(); ++i)
      if (names[i] == preset && enhancers >= 0 && static_cast<std::size_t>(enhancers) <= i)
        return names[i - static_cast<std::size_t>(enhancers)];
    return {};
  };
  const std::string_view found = within(published).empty() ? within(demo) : within(published);
  detail::require(!found.empty(), "there is no preset ", enhancers, " enhancers within \"", preset, "\".");
  return found;
}

/// Calls f(std::type_identity<Net>{}) with the network of that name and returns what it returns: "512p" is
/// PresetGenerator<0>, made for pictures of 1024x512, "1024p" PresetGenerator<1> for 2048x1024, "2048p"
/// PresetGenerator<2> for 4096x2048, "demo" the DemoGenerator, "demo_enhanced" the EnhancedDemoGenerator. A network is
/// not bound to the size that it was made for. Throws Error for any other name.
template <class F>
decltype(auto) with_preset(std::string_view name, F&& f) {
  if (name == "demo") return f(std::type_identity<DemoGenerator>{});
  if (name == "demo_enhanced") return f(std::type_identity<EnhancedDemoGenerator>{});
  if (name == "512p") return f(std::type_identity<PresetGenerator<0>>{});
  if (name == "1024p") return f(std::type_identity<PresetGenerator<1>>{});
  if (name == "2048p") return f(std::type_identity<PresetGenerator<2>>{});
  std::string names;
  for (const std::string_view known : preset_names) names += (names.empty() ? "" : ", ") + std::string(known);
  throw Error(detail::sentence("there is no preset \"", name, "\"; the presets are ", names, "."));
}

}  // namespace pix2pixhd::inline v0
