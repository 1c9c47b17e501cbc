/// Poolings as layers.

#include "layer_case.hpp"

using namespace tests;

TEST_CASE("average pooling, even, odd and single sides") {
  check_contract<AveragePool>({2, 3, 6, 8});
  check_contract<AveragePool>({1, 3, 5, 7});
  check_contract<AveragePool>({1, 2, 1, 1});
  check_contract<AveragePool>({1, 2, 1, 4});
}

TEST_CASE("max pooling, even and odd sides") {
  check_contract<MaxPool>({2, 3, 6, 8}, {.input_gradient_needs_input = true});
  check_contract<MaxPool>({1, 3, 5, 7}, {.input_gradient_needs_input = true});
}

TEST_CASE("of equal values the first takes the gradient") {
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    MaxPool pool;
    MaxPool::Context<Mode::train> context;
    pool.forward(on.device, detail::device_values(on.device, {1, 1, 2, 4}, {1, 2, 3, 3, 2, 2, 3, 3}), context);
    const Tensor dx =
        pool.backward(on.device, detail::device_values(on.device, {1, 1, 1, 2}, {5, 7}), context, Need::input);
    CHECK(detail::host_values(on.device, dx) == std::vector<double>{0, 5, 7, 0, 0, 0, 0, 0});
  }
}

TEST_CASE("a pooling takes a slot and too small pictures are an Error") {
  Device device = reference();
  MaxPool pool;
  Names names;
  struct : Visitor {
    void parameter(const std::string&, Parameter&, const ParameterInfo&) override {}
    void buffer(const std::string&, Buffer&, const ParameterInfo&) override {}
  } visitor;
  pool.visit(names, visitor);
  CHECK(names.slot == 1);
  check_says(sentence_of([&] {
               infer(device, pool, normal_tensor(device, {1, 2, 1, 5}));
             }),
             {"5 x 1 pixels", "too small", "2 x 2"});
  MaxPool::Context<Mode::train> context;
  pool.forward(device, normal_tensor(device, {1, 2, 4, 4}), context);
  check_says(sentence_of([&] {
               pool.backward(device, normal_tensor(device, {1, 2, 3, 2}), context, Need::input);
             }),
             {"1x2x3x2", "1x2x2x2"});
}
