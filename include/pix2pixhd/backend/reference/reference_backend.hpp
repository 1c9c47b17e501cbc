#pragma once
/// Plain loops in double: the definition that every other backend is held to.

#include <pix2pixhd/core/device.hpp>

#include <memory>
#include <string>

namespace pix2pixhd::inline v0 {

/// Stores everything as double in plain N, C, H, W order, expands semantic maps to dense tensors and computes with the
/// loops that stand in the formulas. For checking other backends and for gradient checks; of no use at real sizes.
class ReferenceBackend final : public Backend {
 public:
  using Backend::Backend;

  std::string name() const override { return "reference"; }
  std::string description() const override { return "plain loops in double, one thread"; }
  Format format(const Shape&, Role) const override {
    return {.type = DataType::f64, .layout = Layout::plain, .block = 1};
  }

  void write(Tensor& y, const void* values, DataType type) override;
  void read(const Tensor& x, void* values, DataType type) override;
  void write_bytes(Storage& y, const void* bytes, std::size_t count) override;
  void read_bytes(const Storage& x, void* bytes, std::size_t count) override;

  void convolve(const Convolution& call) override;
  void convolve_backward_data(const ConvolutionBackwardData& call) override;
  void convolve_backward_weights(const ConvolutionBackwardWeights& call) override;
  void statistics(const Statistics& call) override;
  void normalise(const Normalise& call) override;
  void normalise_backward(const NormaliseBackward& call) override;
  void add(const Tensor& a, const Tensor& b, Tensor& y) override;
  void pool(const Tensor& x, Pooling pooling, Tensor& y) override;
  void pool_backward(const Tensor& dy, const Tensor& x, Pooling pooling, Tensor& dx) override;
  void instance_mean(const Tensor& x, const InstanceMap& instances, Tensor& y) override;
  void extend(const Tensor& x, Tensor& y) override;
  void extend_plane(const Storage& x, const Shape& from, Storage& y, const Shape& to) override;

 protected:
  std::shared_ptr<void> allocate_bytes(std::size_t bytes) override;
};

/// Opens the reference backend. Precisions other than f32 are an Error (it computes in double whatever is asked).
Device reference(DeviceOptions options = {});

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/reference/convolution-inl.hpp>
#include <pix2pixhd/backend/reference/memory-inl.hpp>
#include <pix2pixhd/backend/reference/passes-inl.hpp>
#include <pix2pixhd/backend/reference/pooling-inl.hpp>
#endif
