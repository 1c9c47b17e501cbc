/// The contract check finds each breach of a rule, and nothing in a layer that keeps them.

#include "faulty_layer.hpp"

#include <doctest/doctest.h>
#include <pix2pixhd/layers/conv_block.hpp>
#include <pix2pixhd/layers/sequential.hpp>
#include <pix2pixhd/testing/layer_contract.hpp>

#include <map>
#include <string>
#include <utility>

using namespace tests;

namespace {

/// Does not run with a frozen weight.
struct RefusesFrozen : FaultyLayer {
  template <Mode M>
  Tensor forward(Device& device, Tensor x, Context<M>& context, const Ask& ask = {}) const {
    if (!weight.trainable) throw Error("the weight is frozen.");
    return FaultyLayer::forward(device, std::move(x), context, ask);
  }
};

LayerContractReport report_of(Fault fault) {
  Device device = reference();
  FaultyLayer layer;
  layer.fault = fault;
  return layer_contract(device, layer, {2, 3, 4, 5});
}

}  // namespace

TEST_CASE("a layer that keeps the rules passes") {
  const LayerContractReport report = report_of(Fault::none);
  CHECK_MESSAGE(report.passed(), report.text());
  Device device = reference();
  FaultyLayer layer;
  CHECK_NOTHROW(check_layer_contract(device, layer, {1, 1, 2, 2}));
}

TEST_CASE("each broken rule is named") {
  const std::map<Fault, std::string> sentences{
      {Fault::wrong_weight_gradient, "gradients: the gradient of model.0.weight"},
      {Fault::wrong_input_gradient, "gradients: the gradient of input"},
      {Fault::assigns, "adding: backward must add to the gradient that is there: that of model.0.weight"},
      {Fault::ignores_cleared, "adding: after zero_gradients backward must overwrite"},
      {Fault::writes_for_input, "need: Need::input: backward must touch no gradient"},
      {Fault::returns_for_parameters, "need: Need::parameters: backward must return an empty tensor"},
      {Fault::keeps, "contexts: backward must empty the context"},
      {Fault::drops, "contexts: a pass that must succeed threw"},
      {Fault::takes_full, "contexts: forward into a full context must throw"},
      {Fault::takes_empty, "contexts: backward of an empty context must throw"},
      {Fault::takes_more, "contexts: asking for the input's gradient after a forward pass with Need::parameters"},
      {Fault::moves_shallowly, "contexts: backward of a context that was moved from"},
      {Fault::changes_input, "sharing: forward changed an input"},
      {Fault::changes_gradient, "sharing: backward changed an output gradient"},
      {Fault::holds_input, "memory: Need::input: the context must not hold the input"},
      {Fault::holds_for_none, "memory: a forward pass with Need::none must save nothing"},
      {Fault::other_in_training, "modes: forward with Ask::running_statistics and forward in Mode::infer"},
      {Fault::empty_gradient_as_ones, "empty dy: an empty dy counts as zeros"},
      {Fault::trains_frozen, "freezing: with model.0.weight frozen"},
      {Fault::other_when_recomputed, "recompute: with recompute: the output differs"},
      {Fault::never_moves, "modes: a training pass must move the running statistics"},
      {Fault::moves_in_inference, "modes: inference, Ask::running_statistics and Ask::replay must not move"},
      {Fault::moves_in_replay, "modes: inference, Ask::running_statistics and Ask::replay must not move"},
      {Fault::same_name_twice, "names: the name model.0.weight is used twice"},
      {Fault::wrong_size, "names: model.0.weight is announced as 2x1x1x1"},
  };
  for (int i = 1; i < static_cast<int>(Fault::last); ++i) {
    const auto fault = static_cast<Fault>(i);
    CAPTURE(i);
    REQUIRE(sentences.count(fault) == 1);
    const std::string text = report_of(fault).text();
    CHECK_MESSAGE(text.find(sentences.at(fault)) != std::string::npos, "not found: ", sentences.at(fault),
                  "; said: ", text);
  }
}

TEST_CASE("what the caller froze breaks no rule and stays frozen") {
  Device device = reference();
  Sequential<ConvBlock<2, 3>, ConvBlock<3, 2>> layer;
  auto& [first, second] = layer.layers;
  set_trainable(first, false);
  named_arrays(second).front().parameter->trainable = false;
  const LayerContractReport report = layer_contract(device, layer, {1, 2, 4, 5});
  CHECK_MESSAGE(report.passed(), report.text());
  std::string learning;
  for_each_parameter(layer, [&](const std::string& name, Parameter& p) { learning += p.trainable ? name + " " : ""; });
  CHECK(learning == "model.3.bias ");
}

TEST_CASE("a pass that throws leaves nothing frozen") {
  Device device = reference();
  RefusesFrozen layer;
  const std::string text = layer_contract(device, layer, {1, 2, 3, 4}).text();
  CHECK_MESSAGE(text.find("freezing: a pass that must succeed threw: the weight is frozen.") == 0, text);
  CHECK(layer.weight.trainable);
}

TEST_CASE("check_layer_contract throws with all sentences") {
  Device device = reference();
  FaultyLayer layer;
  layer.fault = Fault::assigns;
  try {
    check_layer_contract(device, layer, {1, 2, 2, 2});
    FAIL("no Error");
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find("backward must add") != std::string::npos);
  }
}
