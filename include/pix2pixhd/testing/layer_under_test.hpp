#pragma once
/// A layer of any type behind one interface, so that the checks are compiled once and not once a layer.

#include <pix2pixhd/layers/concepts.hpp>
#include <pix2pixhd/networks/visit.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {
namespace detail {

/// The layer that is checked, and contexts for it.
class LayerUnderTest {
 public:
  /// A Context<Mode::train>.
  class Saved {
   public:
    virtual ~Saved() = default;
    /// Another context, to which the contents were moved.
    virtual std::unique_ptr<Saved> moved() = 0;
  };

  virtual ~LayerUnderTest() = default;
  virtual std::unique_ptr<Saved> context() const = 0;
  virtual Tensor forward(Device& device, Tensor x, Saved& saved, const Ask& ask) const = 0;
  virtual Tensor infer(Device& device, Tensor x) const = 0;
  virtual Tensor backward(Device& device, Tensor dy, Saved& saved, Need need) = 0;
  virtual std::vector<NamedArray> arrays() = 0;
};

template <class L>
class LayerHandle final : public LayerUnderTest {
  static_assert(check_layer<0, L>::value);
  struct Held final : Saved {
    typename L::template Context<Mode::train> context;
    std::unique_ptr<Saved> moved() override {
      auto result = std::make_unique<Held>();
      result->context = std::move(context);
      return result;
    }
  };

 public:
  explicit LayerHandle(L& layer) : layer_(layer) {}

  std::unique_ptr<Saved> context() const override { return std::make_unique<Held>(); }
  Tensor forward(Device& device, Tensor x, Saved& saved, const Ask& ask) const override {
    return std::as_const(layer_).forward(device, std::move(x), static_cast<Held&>(saved).context, ask);
  }
  Tensor infer(Device& device, Tensor x) const override {
    typename L::template Context<Mode::infer> context;
    return std::as_const(layer_).forward(device, std::move(x), context, Ask{});
  }
  Tensor backward(Device& device, Tensor dy, Saved& saved, Need need) override {
    return layer_.backward(device, std::move(dy), static_cast<Held&>(saved).context, need);
  }
  std::vector<NamedArray> arrays() override { return named_arrays(layer_); }

 private:
  L& layer_;
};

/// Standard normal values that a float holds exactly, so that every device sees the same ones.
inline std::vector<double> normal_values(std::size_t count, std::uint64_t seed, const std::string& name) {
  const RandomStream random(seed, name);
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<float>(random.normal(i));
  return values;
}

inline std::vector<double> host_values(Device& device, const Tensor& x) {
  std::vector<double> values(x.shape().count());
  download<double>(device, x, values);
  return values;
}

inline Tensor device_values(Device& device, const Shape& shape, const std::vector<double>& values,
                            Role role = Role::activation) {
  return upload<double>(device, shape, values, role);
}

inline double largest(const std::vector<double>& values) {
  double result = 0;
  for (const double value : values) result = std::abs(value) > result ? std::abs(value) : result;
  return result;
}

/// Random values for parameters and buffers, of a size that keeps activations near one.
inline void randomise_arrays(Device& device, const std::vector<NamedArray>& arrays, std::uint64_t seed) {
  for (const NamedArray& array : arrays) {
    require(!array.info.is_dynamic(), array.name,
            ": the number of input channels is not known; give it to the layer's constructor.");
    const Shape shape = array.info.sizes();
    std::vector<double> values = normal_values(shape.count(), seed, array.name);
    const double fan = static_cast<double>(shape.c) * shape.h * shape.w;
    for (double& value : values) {
      if (array.info.role == ParameterRole::weight)
        value /= std::sqrt(fan);
      else if (array.info.role == ParameterRole::scale || array.info.role == ParameterRole::variance)
        value = 1 + 0.5 * std::tanh(value);
      else
        value *= 0.3;
      value = static_cast<float>(value);
    }
    *array.value = device_values(device, shape, values, Role::parameter);
    if (array.grad) *array.grad = {};
  }
}

}  // namespace detail

/// Gives every parameter and buffer of `layer` random values of ordinary size (weights N(0, 1 / inputs), biases and
/// shifts N(0, 0.1), scales and variances around 1), which exercise a layer better than the small ones that training
/// starts from.
template <class L>
void randomise(Device& device, L& layer, std::uint64_t seed) {
  detail::randomise_arrays(device, named_arrays(layer), seed);
}

}  // namespace pix2pixhd::inline v0
