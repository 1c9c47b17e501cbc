#pragma once
/// A feature encoder whose shape is chosen at run time, for programs.

#include <pix2pixhd/networks/feature_encoder.hpp>

#include <map>
#include <memory>
#include <string>
#include <utility>

namespace pix2pixhd::inline v0 {
namespace detail {

/// What an encoder leaves to backward, whatever its shape.
struct EncoderRecord {
  virtual ~EncoderRecord() = default;
};

/// A FeatureEncoder behind virtual calls.
class EncoderOfAnyShape {
 public:
  virtual ~EncoderOfAnyShape() = default;
  virtual EncoderShape shape() const = 0;
  virtual std::map<std::string, std::string> description() const = 0;
  virtual Tensor infer(Device& device, EncoderInput x) const = 0;
  virtual Tensor forward(Device& device, EncoderInput x, std::unique_ptr<EncoderRecord>& record,
                         const Ask& ask) const = 0;
  virtual Tensor backward(Device& device, Tensor dy, std::unique_ptr<EncoderRecord>& record, Need need) = 0;
  virtual void visit(Names& names, Visitor& visitor) = 0;
  virtual bool has_trainable() const = 0;
};

/// Null where no encoder of this shape is compiled in.
std::unique_ptr<EncoderOfAnyShape> make_encoder(const EncoderShape& shape);

}  // namespace detail

/// An encoder of one of the shapes that presets use (see preset_encoder_shape() in presets.hpp), with 1 to
/// `most_features` features. It is used like a FeatureEncoder: with infer(), in a Session, with load() and save(), in
/// a Trainer.
class AnyEncoder {
 public:
  static constexpr int in_channels = 3, out_channels = any;
  static constexpr int most_features = 8;

  template <Mode M>
  struct Context {
    std::unique_ptr<detail::EncoderRecord> record = {};
  };

  /// Without a shape; only to be assigned to.
  AnyEncoder() = default;
  /// Throws Error for a shape that is none of those.
  explicit AnyEncoder(const EncoderShape& shape) : network_(detail::make_encoder(shape)) {
    detail::require(network_ != nullptr, "an encoder of ", shape.in, " channels, ", shape.out, " features, width ",
                    shape.width, ", ", shape.downsamples, " downsamples and ", to_string(shape.norm),
                    " norm was asked for; possible are 3 channels, 1 to ", most_features,
                    " features, width 16, 2 or 4 downsamples and instance norm.");
  }

  EncoderShape shape() const { return network().shape(); }
  std::map<std::string, std::string> description() const { return network().description(); }
  /// Another encoder of this shape, without values.
  AnyEncoder unfilled() const { return AnyEncoder(shape()); }

  /// In inference the picture may have any size, see infer(); in training its sides are those that FeatureEncoder
  /// takes.
  template <Mode M>
  Tensor forward(Device& device, EncoderInput x, Context<M>& context, const Ask& ask = {}) const {
    if constexpr (M == Mode::infer)
      return network().infer(device, std::move(x));
    else
      return network().forward(device, std::move(x), context.record, ask);
  }
  Tensor backward(Device& device, Tensor dy, Context<Mode::train>& context, Need need) {
    return network().backward(device, std::move(dy), context.record, need);
  }
  void visit(Names& names, Visitor& visitor) { network().visit(names, visitor); }
  bool has_trainable() const { return network().has_trainable(); }

 private:
  detail::EncoderOfAnyShape& network() const {
    detail::require(network_ != nullptr, "the encoder has no shape yet; make it of an EncoderShape.");
    return *network_;
  }

  std::unique_ptr<detail::EncoderOfAnyShape> network_;
};

inline std::map<std::string, std::string> describe(const AnyEncoder& encoder) { return encoder.description(); }

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/networks/any_encoder-inl.hpp>
#endif
