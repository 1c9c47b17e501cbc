/// .onnx files: read again by ONNX's own library, and not written where that cannot be done.

#include "onnx_testing.hpp"

#include <cstdint>
#include <cstring>
#include <map>
#include <memory>

namespace {

using namespace onnx_testing;
using store_testing::TemporaryFolder;
using Small = Generator<1, GeneratorShape{.in = 9, .width = 8, .downsamples = 1, .blocks = 1}>;

TEST_CASE("a file holds the weights, what the network is, and inputs of any size") {
  const TemporaryFolder folder;
  Device& device = the_device();
  const auto generator = made<Small>();
  export_onnx(device, generator, folder / "g.onnx",
              {.classes = 8, .instances = true, .metadata = {{"pix2pixhd.origin", "a test"}}});
  const onnx::ModelProto model = read_model(folder / "g.onnx");
  CHECK(model.producer_name() == "pix2pixhd");
  REQUIRE(model.opset_import_size() == 1);
  CHECK(model.opset_import(0).version() == onnx_operators);

  std::map<std::string, std::string> metadata;
  for (const auto& property : model.metadata_props()) metadata[property.key()] = property.value();
  CHECK(metadata.at("pix2pixhd.network") == "Generator<1>");
  CHECK(metadata.at("pix2pixhd.origin") == "a test");
  CHECK_FALSE(metadata.contains("format"));

  std::map<std::string, const onnx::TensorProto*> arrays;
  for (const auto& array : model.graph().initializer()) arrays[array.name()] = &array;
  for (const NamedArray& array : named_arrays(generator)) {
    if (!arrays.contains(array.name)) {
      CHECK(array.info.role == ParameterRole::bias);  // cancelled by an instance norm
      continue;
    }
    const onnx::TensorProto& stored = *arrays.at(array.name);
    std::vector<float> values(array.value->shape().count());
    download<float>(device, *array.value, values);
    CHECK(stored.dims_size() == array.info.rank);
    REQUIRE(stored.raw_data().size() == values.size() * sizeof(float));
    CHECK(std::memcmp(stored.raw_data().data(), values.data(), stored.raw_data().size()) == 0);
  }

  const auto& labels = model.graph().input(0).type().tensor_type();
  CHECK(labels.elem_type() == onnx::TensorProto_DataType_UINT8);
  CHECK(labels.shape().dim(1).dim_param() == "height");
  const auto& output = model.graph().output(0).type().tensor_type();
  CHECK(output.shape().dim(1).dim_value() == 3);
  CHECK(output.shape().dim(3).dim_param() == "width");
}

TEST_CASE("ONNX infers the shapes that the graph states") {
  const TemporaryFolder folder;
  Device& device = the_device();
  export_onnx(device, made<MultiscaleDiscriminator<2, DiscriminatorShape{.in = 3, .width = 4, .layers = 1}>>(),
              folder / "d.onnx", {.sides = {24, 32}});
  onnx::ModelProto model;
  REQUIRE(model.ParseFromString(store_testing::slurp(folder / "d.onnx")));
  const onnx::GraphProto stated = model.graph();
  for (int i = 0; i < model.graph().output_size(); ++i)
    model.mutable_graph()->mutable_output(i)->mutable_type()->mutable_tensor_type()->clear_shape();
  onnx::shape_inference::InferShapes(model, onnx::OpSchemaRegistry::Instance(), {true, 1, true});
  REQUIRE(stated.output_size() == 6);
  for (int i = 0; i < stated.output_size(); ++i)
    for (int side = 0; side < 4; ++side) {
      const auto& inferred = model.graph().output(i).type().tensor_type().shape();
      REQUIRE(inferred.dim_size() == 4);
      CHECK(inferred.dim(side).dim_value() == stated.output(i).type().tensor_type().shape().dim(side).dim_value());
    }
}

TEST_CASE("what cannot be written leaves what was there") {
  const TemporaryFolder folder;
  Device& device = the_device();
  const auto generator = made<Small>();
  CHECK_THROWS_WITH_AS(export_onnx(device, generator, folder / "absent" / "g.onnx"), doctest::Contains("absent"),
                       Error);

  store_testing::spill(folder / "g.onnx", "before");
  CHECK_THROWS_AS(export_onnx(device, generator, folder / "g.onnx", {.classes = 3}), Error);
  CHECK(store_testing::slurp(folder / "g.onnx") == "before");
  CHECK(folder.count() == 1);
}

TEST_CASE("a graph that ONNX's checker refuses is not written") {
  const TemporaryFolder folder;
  Device& device = the_device();
  OnnxGraph graph;
  const OnnxPort port{"x", OnnxType::f32, {std::int64_t{1}}};
  graph.output(graph.add("Relu", {graph.input(port), "absent"}), {"y", OnnxType::f32, {std::int64_t{1}}});
  CHECK_THROWS_WITH_AS(detail::write_onnx(device, graph, folder / "wrong.onnx", {}),
                       doctest::Contains("not as ONNX wants it"), Error);
  CHECK(folder.count() == 0);
}

TEST_CASE("weights that an .onnx file cannot hold are refused before anything is copied") {
  const TemporaryFolder folder;
  Device planned(std::make_shared<MetaBackend>(the_device().shared_backend()));  // takes no memory
  OnnxGraph graph;
  graph.weight({"huge", planned.empty({30000, 20000, 1, 1}, Role::parameter)});
  CHECK_THROWS_WITH_AS(detail::write_onnx(planned, graph, folder / "huge.onnx", {}),
                       doctest::Contains("an .onnx file can hold 2147483647"), Error);
  CHECK(folder.count() == 0);
}

}  // namespace
