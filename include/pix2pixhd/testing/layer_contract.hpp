#pragma once
/// The rules that every layer keeps, as a check for layers of one's own.

#include <pix2pixhd/testing/contract_contexts.hpp>
#include <pix2pixhd/testing/contract_gradients.hpp>
#include <pix2pixhd/testing/gradient_check.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {

/// How a layer is held to the rules, and from which of them it is exempt.
struct LayerContractOptions {
  std::uint64_t seed = 1;            ///< of parameters, input and output gradient
  double gradient_tolerance = 1e-6;  ///< see GradientCheckOptions::tolerance
  int probes = 3;                    ///< see GradientCheckOptions::probes
  /// The gradient by the input needs the input's values, as in max pooling or a product. Otherwise a pass with
  /// Need::input must not hold them.
  bool input_gradient_needs_input = false;
  /// False for a layer without running statistics that computes something else in training, such as dropout.
  bool train_equals_infer = true;
};

/// The rules that a layer broke, a sentence each.
struct LayerContractReport {
  std::vector<std::string> violations;

  bool passed() const { return violations.empty(); }
  std::string text() const {
    std::string result;
    for (const std::string& violation : violations) result += (result.empty() ? "" : "\n") + violation;
    return result;
  }
};

namespace detail {

inline LayerContractReport layer_contract(Device& device, LayerUnderTest& layer, const Shape& input,
                                          const LayerContractOptions& options) {
  ContractProbe probe(device, layer, input, options.seed);
  const auto rule = [&](const char* name, auto&& check) {
    const std::size_t before = probe.violations.size();
    try {
      check();
    } catch (const Error& error) {
      probe.violations.push_back(sentence("a pass that must succeed threw: ", error.what()));
    }
    for (std::size_t i = before; i < probe.violations.size(); ++i)
      probe.violations[i] = sentence(name, ": ", probe.violations[i]);
  };
  rule("names", [&] { check_names(probe); });
  rule("modes", [&] { check_modes(probe, options.train_equals_infer); });
  rule("adding", [&] { check_adding(probe); });
  rule("need", [&] { check_need(probe); });
  rule("contexts", [&] { check_contexts(probe); });
  rule("contexts", [&] { check_keeping(probe); });
  rule("sharing", [&] { check_sharing(probe); });
  rule("memory", [&] { check_memory(probe, options.input_gradient_needs_input); });
  rule("empty dy", [&] { check_empty_gradient(probe); });
  rule("freezing", [&] { check_frozen(probe); });
  rule("recompute", [&] { check_recomputation(probe); });
  if (probe.exact)
    rule("gradients", [&] {
      const GradientReport report =
          GradientCheck(device, layer, input,
                        {.seed = options.seed, .tolerance = options.gradient_tolerance, .probes = options.probes})
              .run();
      probe.expect(report.passed(), report.sentence());
    });
  return {std::move(probe.violations)};
}

}  // namespace detail

/// Runs `layer` on random inputs of size `input` and holds it to the rules of a layer:
///   gradients    equal central differences (on a device that computes in double)
///   adding       backward adds to gradients and overwrites cleared ones
///   need         Need::input touches no gradient, Need::parameters returns none, the values are those of Need::both
///   contexts     emptied by backward unless kept; Errors on misuse, which change nothing; may be moved
///   sharing      tensors that the caller holds are never changed, and sharing changes no bit
///   memory       a context holds no more than the stated need takes, and nothing after backward
///   modes        training and inference agree; running statistics move once in a training pass
///   empty dy     counts as zeros
///   freezing     a parameter that is not trainable gets no gradient, the others get the same
///   recompute    gives the same
///   names        are unique, arrays as large as announced
/// The layer gets random values; its gradients are replaced; what of it is frozen stays frozen. No other work may run
/// on `device` meanwhile.
template <class L>
LayerContractReport layer_contract(Device& device, L& layer, const Shape& input,
                                   const LayerContractOptions& options = {}) {
  randomise(device, layer, options.seed);
  detail::LayerHandle<L> handle(layer);
  return detail::layer_contract(device, handle, input, options);
}

/// The same, throwing Error with all sentences if a rule is broken.
template <class L>
void check_layer_contract(Device& device, L& layer, const Shape& input, const LayerContractOptions& options = {}) {
  const LayerContractReport report = layer_contract(device, layer, input, options);
  if (!report.passed()) throw Error("the layer breaks these rules:\n" + report.text());
}

}  // namespace pix2pixhd::inline v0
