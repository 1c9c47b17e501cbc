#pragma once
/// What a network is, in words that a file can carry.

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/networks/discriminator.hpp>
#include <pix2pixhd/networks/feature_encoder.hpp>
#include <pix2pixhd/networks/generator.hpp>
#include <pix2pixhd/networks/vgg19.hpp>

#include <map>
#include <string>

namespace pix2pixhd::inline v0 {
namespace detail {

inline std::map<std::string, std::string> description(const std::string& network, const std::string& shape) {
  return {{"format", "pt"},
          {"pix2pixhd.version",
           sentence(PIX2PIXHD_VERSION_MAJOR, ".", PIX2PIXHD_VERSION_MINOR, ".", PIX2PIXHD_VERSION_PATCH)},
          {"pix2pixhd.network", network},
          {"pix2pixhd.shape", shape}};
}

}  // namespace detail

/// Type and shape of a network as key and value; the shape is a JSON object. Networks of one's own are "custom".
template <class Net>
std::map<std::string, std::string> describe(const Net&) {
  return detail::description("custom", "{}");
}

template <int N, GeneratorShape S>
std::map<std::string, std::string> describe(const Generator<N, S>& network) {
  return detail::description(
      detail::sentence("Generator<", N, ">"),
      detail::sentence(R"({"enhancers":)", N, R"(,"in":)", input_channels(network), R"(,"out":)", S.out, R"(,"width":)",
                       S.width, R"(,"downsamples":)", S.downsamples, R"(,"blocks":)", S.blocks, R"(,"local_blocks":)",
                       S.local_blocks, R"(,"norm":")", to_string(S.norm), R"(","pad":")", to_string(S.pad),
                       R"(","up":")", to_string(S.up), R"("})"));
}

template <int Scales, DiscriminatorShape S>
std::map<std::string, std::string> describe(const MultiscaleDiscriminator<Scales, S>& network) {
  return detail::description(
      detail::sentence("MultiscaleDiscriminator<", Scales, ">"),
      detail::sentence(R"({"scales":)", Scales, R"(,"in":)", input_channels(network), R"(,"width":)", S.width,
                       R"(,"layers":)", S.layers, R"(,"norm":")", to_string(S.norm), R"("})"));
}

template <EncoderShape S>
std::map<std::string, std::string> describe(const FeatureEncoder<S>& network) {
  return detail::description(
      "FeatureEncoder",
      detail::sentence(R"({"in":)", input_channels(network), R"(,"out":)", S.out, R"(,"width":)", S.width,
                       R"(,"downsamples":)", S.downsamples, R"(,"norm":")", to_string(S.norm), R"("})"));
}

inline std::map<std::string, std::string> describe(const Vgg19&) { return detail::description("Vgg19", "{}"); }

}  // namespace pix2pixhd::inline v0
