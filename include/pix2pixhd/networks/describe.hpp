#pragma once
/// What a network is, in words that a file can carry.

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/networks/discriminator.hpp>
#include <pix2pixhd/networks/feature_encoder.hpp>
#include <pix2pixhd/networks/generator.hpp>
#include <pix2pixhd/networks/vgg19.hpp>

#include <map>
#include <optional>
#include <string>

namespace pix2pixhd::inline v0 {
namespace detail {

/// Pictures as read_image() and write_image() take them, with so many channels; nothing: it depends on the data.
inline std::string preprocessing(std::optional<int> channels) {
  if (!channels) return R"({"range":[-1,1]})";
  if (*channels == 1 || *channels == 3)
    return sentence(R"({"range":[-1,1],"channels":")", *channels == 3 ? "RGB" : "grey", R"("})");
  return sentence(R"({"range":[-1,1],"channels":)", *channels, "}");
}

inline std::map<std::string, std::string> description(const std::string& network, const std::string& shape) {
  return {{"format", "pt"},
          {"pix2pixhd.version",
           sentence(PIX2PIXHD_VERSION_MAJOR, ".", PIX2PIXHD_VERSION_MINOR, ".", PIX2PIXHD_VERSION_PATCH)},
          {"pix2pixhd.network", network},
          {"pix2pixhd.shape", shape}};
}

}  // namespace detail

/// What a network is, as key and value:
///   pix2pixhd.version        of this library
///   pix2pixhd.network        its type; networks of one's own are "custom"
///   pix2pixhd.shape          its shape, a JSON object
///   pix2pixhd.preprocessing  how it takes and gives pictures, a JSON object, of networks whose purpose is known:
///                            {"range":[-1,1],"channels":"RGB"}. The range is that of the samples, whose least value
///                            (0) is -1 and whose largest (255 of 8 bits) is 1; channels are "RGB", "grey", or a
///                            number. A discriminator, which sees them behind those of a map, says nothing of channels.
template <class Net>
std::map<std::string, std::string> describe(const Net&) {
  return detail::description("custom", "{}");
}

template <int N, GeneratorShape S>
std::map<std::string, std::string> describe(const Generator<N, S>& network) {
  auto result = detail::description(
      detail::sentence("Generator<", N, ">"),
      detail::sentence(R"({"enhancers":)", N, R"(,"in":)", input_channels(network), R"(,"out":)", S.out, R"(,"width":)",
                       S.width, R"(,"downsamples":)", S.downsamples, R"(,"blocks":)", S.blocks, R"(,"local_blocks":)",
                       S.local_blocks, R"(,"norm":")", to_string(S.norm), R"(","pad":")", to_string(S.pad),
                       R"(","up":")", to_string(S.up), R"("})"));
  result["pix2pixhd.preprocessing"] = detail::preprocessing(S.out);
  return result;
}

template <int Scales, DiscriminatorShape S>
std::map<std::string, std::string> describe(const MultiscaleDiscriminator<Scales, S>& network) {
  auto result = detail::description(
      detail::sentence("MultiscaleDiscriminator<", Scales, ">"),
      detail::sentence(R"({"scales":)", Scales, R"(,"in":)", input_channels(network), R"(,"width":)", S.width,
                       R"(,"layers":)", S.layers, R"(,"norm":")", to_string(S.norm), R"("})"));
  result["pix2pixhd.preprocessing"] = detail::preprocessing(std::nullopt);
  return result;
}

template <EncoderShape S>
std::map<std::string, std::string> describe(const FeatureEncoder<S>& network) {
  auto result = detail::description(
      "FeatureEncoder",
      detail::sentence(R"({"in":)", input_channels(network), R"(,"out":)", S.out, R"(,"width":)", S.width,
                       R"(,"downsamples":)", S.downsamples, R"(,"norm":")", to_string(S.norm), R"("})"));
  result["pix2pixhd.preprocessing"] = detail::preprocessing(input_channels(network));
  return result;
}

inline std::map<std::string, std::string> describe(const Vgg19&) { return detail::description("Vgg19", "{}"); }

}  // namespace pix2pixhd::inline v0
