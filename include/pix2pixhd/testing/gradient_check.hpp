#pragma once
/// Gradients against central differences.

#include <pix2pixhd/testing/layer_under_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {

/// How gradients are compared with central differences.
struct GradientCheckOptions {
  std::uint64_t seed = 1;   ///< of the input, of the output's gradient and of the choice of entries
  double tolerance = 1e-6;  ///< of the deviation relative to the largest entry of the same gradient
  int probes = 3;           ///< entries of each array that are checked by themselves
  Ask ask = {};             ///< `recompute` and `running_statistics` are passed on
};

/// How far one derivative is from its central difference.
struct GradientDeviation {
  std::string array;  ///< the parameter's name, or "input"
  std::optional<std::size_t>
      index;  ///< of the entry; none: the derivative along a random direction, all entries at once
  double backward = 0;
  double difference = 0;
  double relative = 0;  ///< |backward - difference| / the largest entry of the gradient
};

/// The outcome of a comparison: the derivative that is furthest from its central difference.
struct GradientReport {
  double tolerance = 0;
  std::size_t derivatives = 0;  ///< how many were compared
  GradientDeviation worst;

  bool passed() const { return worst.relative <= tolerance; }
  /// "the gradient of model.1.weight, entry 17, is 0.52 by backward and 0.26 by central differences ...".
  std::string sentence() const {
    return detail::sentence(
        "the gradient of ", worst.array,
        worst.index ? detail::sentence(", entry ", *worst.index, ",") : std::string(" along a random direction"),
        " is ", worst.backward, " by backward and ", worst.difference, " by central differences, a relative error of ",
        worst.relative, "; allowed is ", tolerance);
  }
};

namespace detail {

/// Compares backward with differences of f = sum of r * y, where r is random.
class GradientCheck {
 public:
  GradientCheck(Device& device, LayerUnderTest& layer, const Shape& input, const GradientCheckOptions& options)
      : device_(device), layer_(layer), input_(input), options_(options) {
    require(device.backend().format(input, Role::activation).type == DataType::f64,
            "central differences need a device that computes in double; use reference().");
    x_ = normal_values(input.count(), options.seed, "input");
  }

  GradientReport run() {
    report_.tolerance = options_.tolerance;
    const std::vector<NamedArray> arrays = layer_.arrays();
    std::vector<Target> targets{{"input", nullptr, input_, x_, {}}};
    for (const NamedArray& array : arrays)
      if (array.trainable && *array.trainable)
        targets.push_back({array.name, array.value, array.value->shape(), host_values(device_, *array.value), {}});
    backward(arrays, targets);
    double overall = 0;
    for (const Target& target : targets) overall = std::max(overall, largest(target.gradient));
    for (Target& target : targets) {
      // A gradient that is zero by definition is measured by the others: its difference is rounding.
      const double scale = std::max({largest(target.gradient), 1e-3 * overall, 1e-30});
      const RandomStream random(options_.seed, target.name + " probes");
      std::vector<double> direction(target.values.size());
      for (std::size_t i = 0; i < direction.size(); ++i) direction[i] = random.bits(i) % 2 == 0 ? 1 : -1;
      check(target, direction, {}, scale);
      for (int probe = 0; probe < options_.probes; ++probe) {
        const std::size_t index = random.bits(direction.size() + static_cast<std::size_t>(probe)) % direction.size();
        std::vector<double> one(direction.size(), 0.0);
        one[index] = 1;
        check(target, one, index, scale);
      }
    }
    return report_;
  }

 private:
  struct Target {
    std::string name;
    Tensor* parameter;  ///< null: the input
    Shape shape;
    std::vector<double> values, gradient;
  };

  /// The layer's running statistics stay where they are.
  Ask ask(Need need) const {
    Ask result = options_.ask;
    result.need = need;
    result.replay = true;
    return result;
  }

  void backward(const std::vector<NamedArray>& arrays, std::vector<Target>& targets) {
    for (const NamedArray& array : arrays)
      if (array.grad) *array.grad = {};
    const auto context = layer_.context();
    const Tensor y = layer_.forward(device_, device_values(device_, input_, x_), *context, ask(Need::both));
    r_ = normal_values(y.shape().count(), options_.seed, "output");
    const Tensor dx = layer_.backward(device_, device_values(device_, y.shape(), r_), *context, Need::both);
    require(!dx.empty() && dx.shape() == input_, "backward returned a gradient of ",
            dx.empty() ? "no size" : to_string(dx.shape()), " for an input of ", to_string(input_), ".");
    targets[0].gradient = host_values(device_, dx);
    std::size_t next = 1;
    for (const NamedArray& array : arrays) {
      if (!array.trainable || !*array.trainable) continue;
      require(!array.grad->empty() && array.grad->shape() == array.value->shape(), array.name,
              " got no gradient of its own size.");
      targets[next++].gradient = host_values(device_, *array.grad);
    }
  }

  /// f at target + step * direction.
  double value_at(const Target& target, const std::vector<double>& direction, double step) {
    std::vector<double> moved = target.values;
    for (std::size_t i = 0; i < moved.size(); ++i) moved[i] += step * direction[i];
    if (target.parameter) *target.parameter = device_values(device_, target.shape, moved, Role::parameter);
    const auto context = layer_.context();
    const std::vector<double> y =
        host_values(device_, layer_.forward(device_, device_values(device_, input_, target.parameter ? x_ : moved),
                                            *context, ask(Need::none)));
    double sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i) sum += r_[i] * y[i];
    return sum;
  }

  void check(const Target& target, const std::vector<double>& direction, std::optional<std::size_t> index,
             double scale) {
    GradientDeviation best{target.name, index, 0, 0, HUGE_VAL};
    for (std::size_t i = 0; i < direction.size(); ++i) best.backward += direction[i] * target.gradient[i];
    // A wrong derivative agrees at no step. A right one may disagree at some: a kink lies within a large step,
    // rounding spoils a small one.
    for (const double step : {1e-5, 1e-4, 1e-6, 1e-7}) {
      const double unit = step / std::sqrt(std::max(1.0, index ? 1.0 : static_cast<double>(direction.size())));
      const double difference = (value_at(target, direction, unit) - value_at(target, direction, -unit)) / (2 * unit);
      const double relative = std::abs(difference - best.backward) / scale;
      if (relative < best.relative) {
        best.relative = relative;
        best.difference = difference;
      }
      if (best.relative <= options_.tolerance) break;
    }
    if (target.parameter) *target.parameter = device_values(device_, target.shape, target.values, Role::parameter);
    if (!(best.relative <= report_.worst.relative) || report_.derivatives == 0) report_.worst = best;
    ++report_.derivatives;
  }

  Device& device_;
  LayerUnderTest& layer_;
  Shape input_;
  GradientCheckOptions options_;
  std::vector<double> x_, r_;
  GradientReport report_;
};

}  // namespace detail

/// Compares backward with central differences, in double: the gradient of every trainable parameter and of the input,
/// for a random input of size `input` and a random output gradient. Each array is checked along one random direction,
/// which no entry escapes, and in `probes` random entries. The layer keeps its values; its gradients are replaced.
/// Throws Error if the device does not compute in double, or if the layer has no values yet (see randomise).
template <class L>
GradientReport gradient_check(Device& device, L& layer, const Shape& input, const GradientCheckOptions& options = {}) {
  detail::LayerHandle<L> handle(layer);
  return detail::GradientCheck(device, handle, input, options).run();
}

}  // namespace pix2pixhd::inline v0
