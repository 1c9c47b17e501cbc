#pragma once
/// A network evaluated directly in bf16: what other ways of computing in bf16 are measured by.

#include <pix2pixhd/backend/cpu/cpu_backend.hpp>
#include <pix2pixhd/backend/cpu/element.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace tests {

using namespace pix2pixhd;

/// Hands every call on to a backend in f32 and rounds to bf16 what each operation stores, pictures aside. With weights
/// that are bf16 already this is a convolution of bf16 by bf16, summed in f32 and rounded once, then a normalisation of
/// bf16 that is rounded once: the arithmetic that a layer of a framework does in bf16. For inference only.
class DirectBf16Backend final : public Backend {
 public:
  explicit DirectBf16Backend(std::shared_ptr<Backend> target)
      : Backend(target->options()), target_(std::move(target)) {}

  std::string name() const override { return target_->name(); }
  std::string description() const override { return "direct bf16 on " + target_->description(); }
  Format format(const Shape& shape, Role role) const override { return target_->format(shape, role); }
  bool accepts(const Backend& other) const override { return this == &other || target_->accepts(other); }

  void write(Tensor& y, const void* values, DataType type) override { target_->write(y, values, type); }
  void read(const Tensor& x, void* values, DataType type) override { target_->read(x, values, type); }
  void write_bytes(Storage& y, const void* bytes, std::size_t count) override { target_->write_bytes(y, bytes, count); }
  void read_bytes(const Storage& x, void* bytes, std::size_t count) override { target_->read_bytes(x, bytes, count); }

  void convolve(const Convolution& call) override {
    target_->convolve(call);
    round(call.y);
  }
  void statistics(const Statistics& call) override { target_->statistics(call); }
  void normalise(const Normalise& call) override {
    target_->normalise(call);
    round(call.y);
  }
  void add(const Tensor& a, const Tensor& b, Tensor& y) override {
    target_->add(a, b, y);
    round(y);
  }
  void pool(const Tensor& x, Pooling pooling, Tensor& y) override {
    target_->pool(x, pooling, y);
    round(y);
  }
  void extend(const Tensor& x, Tensor& y) override { target_->extend(x, y); }
  void extend_plane(const Storage& x, const Shape& from, Storage& y, const Shape& to) override {
    target_->extend_plane(x, from, y, to);
  }
  void instance_mean(const Tensor& x, const InstanceMap& instances, Tensor& y) override {
    target_->instance_mean(x, instances, y);
  }

  void convolve_backward_data(const ConvolutionBackwardData&) override { refuse(); }
  void convolve_backward_weights(const ConvolutionBackwardWeights&) override { refuse(); }
  void normalise_backward(const NormaliseBackward&) override { refuse(); }
  void pool_backward(const Tensor&, const Tensor&, Pooling, Tensor&) override { refuse(); }

 protected:
  std::shared_ptr<void> allocate_bytes(std::size_t bytes) override {
    auto storage = target_->allocate(bytes);
    void* const memory = storage->mutable_data();
    return {std::move(storage), memory};
  }

 private:
  [[noreturn]] static void refuse() { throw Error("DirectBf16Backend knows no gradients"); }

  static void round(const Tensor& y) {
    if (y.shape().c < detail::cpu_blocked_from) return;
    auto* const values = static_cast<float*>(y.storage()->mutable_data());
    for (std::size_t i = 0; i < y.storage()->bytes() / sizeof(float); ++i)
      values[i] = detail::to_float(detail::to_bf16(values[i]));
  }

  std::shared_ptr<Backend> target_;
};

}  // namespace tests
