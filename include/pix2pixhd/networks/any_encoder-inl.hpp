#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/networks/any_encoder.hpp>
#include <pix2pixhd/networks/describe.hpp>
#include <pix2pixhd/networks/infer.hpp>

namespace pix2pixhd::inline v0::detail {

template <EncoderShape S>
class EncoderOfShape final : public EncoderOfAnyShape {
 public:
  EncoderShape shape() const override { return S; }
  std::map<std::string, std::string> description() const override { return describe(network_); }
  Tensor infer(Device& device, EncoderInput x) const override { return pix2pixhd::infer(device, network_, x); }
  Tensor forward(Device& device, EncoderInput x, std::unique_ptr<EncoderRecord>& record,
                 const Ask& ask) const override {
    require(!record,
            "the context of an encoder's forward pass is still full; run backward first, or use another "
            "context.");
    auto made = std::make_unique<Record>();
    Tensor y = network_.forward(device, std::move(x), made->context, ask);
    record = std::move(made);
    return y;
  }
  Tensor backward(Device& device, Tensor dy, std::unique_ptr<EncoderRecord>& record, Need need) override {
    auto* made = dynamic_cast<Record*>(record.get());
    require(made != nullptr,
            "AnyEncoder: backward follows a forward pass in training that has not been used up; there "
            "was none.");
    Tensor dx = network_.backward(device, std::move(dy), made->context, need);
    if (!wants(need, Need::keep)) record.reset();
    return dx;
  }
  void visit(Names& names, Visitor& visitor) override { network_.visit(names, visitor); }
  bool has_trainable() const override { return network_.has_trainable(); }

 private:
  using Network = FeatureEncoder<S>;
  struct Record : EncoderRecord {
    typename Network::template Context<Mode::train> context;
  };
  Network network_;
};

/// The shapes with one number of downsamples and 1, 2, ... features.
template <int Downsamples, std::size_t... I>
std::unique_ptr<EncoderOfAnyShape> encoder_of_features(int features, std::index_sequence<I...>) {
  std::unique_ptr<EncoderOfAnyShape> made;
  ((features == static_cast<int>(I) + 1
        ? (void)(made = std::make_unique<
                     EncoderOfShape<EncoderShape{.out = static_cast<int>(I) + 1, .downsamples = Downsamples}>>())
        : void()),
   ...);
  return made;
}

PIX2PIXHD_INLINE std::unique_ptr<EncoderOfAnyShape> make_encoder(const EncoderShape& shape) {
  const EncoderShape published;
  if (shape.in != published.in || shape.width != published.width || shape.norm != published.norm) return nullptr;
  constexpr auto counts = stages<AnyEncoder::most_features>{};
  if (shape.downsamples == 2) return encoder_of_features<2>(shape.out, counts);
  if (shape.downsamples == 4) return encoder_of_features<4>(shape.out, counts);
  return nullptr;
}

}  // namespace pix2pixhd::inline v0::detail
