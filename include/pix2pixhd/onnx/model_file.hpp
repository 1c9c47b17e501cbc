#pragma once
/// Graphs as .onnx files, by the libraries of ONNX (libonnx, protobuf): the component pix2pixhd::onnx.

#include <pix2pixhd/onnx/graph.hpp>
#include <pix2pixhd/ops/transfer.hpp>
#include <pix2pixhd/store/atomic_file.hpp>
#include <pix2pixhd/store/tensor_file_base.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#ifndef ONNX_NAMESPACE
#error "pix2pixhd/onnx is for programs that link pix2pixhd::onnx, which says where libonnx is and how it was built."
#endif
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <onnx/onnx_pb.h>
// ONNX has an enumerator of a name that <sys/mman.h> defines as a macro.
#pragma push_macro("MAP_TYPE")
#undef MAP_TYPE
#include <onnx/checker.h>
#pragma pop_macro("MAP_TYPE")

namespace pix2pixhd::inline v0 {

/// Version of the operators, and of the format that came with it (ONNX 1.8, November 2020).
inline constexpr std::int64_t onnx_operators = 13, onnx_format = 7;

namespace detail {

namespace onnx_pb = ::ONNX_NAMESPACE;

inline onnx_pb::TensorProto_DataType onnx_type(OnnxType type) {
  switch (type) {
    case OnnxType::u8:
      return onnx_pb::TensorProto_DataType_UINT8;
    case OnnxType::i32:
      return onnx_pb::TensorProto_DataType_INT32;
    case OnnxType::i64:
      return onnx_pb::TensorProto_DataType_INT64;
    case OnnxType::f32:
      break;
  }
  return onnx_pb::TensorProto_DataType_FLOAT;
}

inline void fill(onnx_pb::AttributeProto& to, const std::string& name, const OnnxAttribute& value) {
  to.set_name(name);
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    to.set_type(onnx_pb::AttributeProto_AttributeType_INT);
    to.set_i(*integer);
  } else if (const auto* type = std::get_if<OnnxType>(&value)) {
    to.set_type(onnx_pb::AttributeProto_AttributeType_INT);
    to.set_i(onnx_type(*type));
  } else if (const auto* number = std::get_if<float>(&value)) {
    to.set_type(onnx_pb::AttributeProto_AttributeType_FLOAT);
    to.set_f(*number);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    to.set_type(onnx_pb::AttributeProto_AttributeType_STRING);
    to.set_s(*text);
  } else {
    to.set_type(onnx_pb::AttributeProto_AttributeType_INTS);
    for (const std::int64_t one : std::get<OnnxIntegers>(value)) to.add_ints(one);
  }
}

inline void fill(onnx_pb::NodeProto& to, const OnnxNode& node) {
  to.set_name(node.outputs.front());
  to.set_op_type(node.operation);
  for (const std::string& input : node.inputs) to.add_input(input);
  for (const std::string& output : node.outputs) to.add_output(output);
  for (const auto& [name, value] : node.attributes) fill(*to.add_attribute(), name, value);
}

inline void fill(onnx_pb::ValueInfoProto& to, const OnnxPort& port) {
  to.set_name(port.name);
  to.set_doc_string(port.meaning);
  auto& tensor = *to.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(onnx_type(port.type));
  for (const auto& side : port.sides) {
    auto& dimension = *tensor.mutable_shape()->add_dim();
    if (const auto* name = std::get_if<std::string>(&side))
      dimension.set_dim_param(*name);
    else
      dimension.set_dim_value(std::get<std::int64_t>(side));
  }
}

inline void fill(onnx_pb::TensorProto& to, const OnnxConstant& constant) {
  to.set_name(constant.name);
  for (const std::int64_t side : constant.shape) to.add_dims(side);
  std::visit(
      [&](const auto& values) {
        constexpr bool integers = std::is_same_v<std::decay_t<decltype(values)>, OnnxIntegers>;
        to.set_data_type(onnx_type(integers ? OnnxType::i64 : OnnxType::f32));
        const auto bytes = std::as_bytes(std::span(values));
        to.set_raw_data(bytes.data(), bytes.size());
      },
      constant.values);
}

inline void fill(onnx_pb::TensorProto& to, Device& device, const OnnxWeight& weight, std::vector<float>& buffer) {
  to.set_name(weight.name);
  to.set_data_type(onnx_type(OnnxType::f32));
  const Shape& shape = weight.value.shape();
  const std::int64_t sides[4] = {shape.n, shape.c, shape.h, shape.w};
  for (const std::int64_t side : std::span(sides).first(static_cast<std::size_t>(weight.rank))) to.add_dims(side);
  buffer.resize(shape.count());
  download<float>(device, weight.value, buffer);
  to.set_raw_data(buffer.data(), buffer.size() * sizeof(float));
}

/// Hands protobuf's pieces to a file. Protobuf is told that it failed and the error is kept: its destructors write too.
class AtomicFileOutput final : public google::protobuf::io::CopyingOutputStream {
 public:
  explicit AtomicFileOutput(AtomicFile& file) : file_(file) {}
  bool Write(const void* bytes, int count) override {
    if (error_) return false;
    try {
      file_.write(std::span(static_cast<const std::byte*>(bytes), static_cast<std::size_t>(count)));
      return true;
    } catch (...) {
      error_ = std::current_exception();
      return false;
    }
  }
  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  AtomicFile& file_;
  std::exception_ptr error_;
};

/// Writes a graph whose weights are on `device`, whole or not at all, after ONNX's own checker has looked at it.
inline void write_onnx(Device& device, const OnnxGraph& graph, const std::filesystem::path& path,
                       const Metadata& metadata) {
  std::size_t bytes = std::size_t{1} << 20;  // of all but the weights, generously
  for (const OnnxWeight& weight : graph.weights()) bytes += weight.value.shape().count() * sizeof(float);
  constexpr std::size_t most = std::numeric_limits<std::int32_t>::max();
  require(bytes <= most, path.string(), " was not written: the weights have ", bytes, " bytes, an .onnx file can hold ",
          most, "; save the network as .safetensors.");
  AtomicFile file(path);  // before the work, so that a folder that is not there is said at once

  onnx_pb::ModelProto model;
  model.set_ir_version(onnx_format);
  model.set_producer_name("pix2pixhd");
  model.set_producer_version(
      sentence(PIX2PIXHD_VERSION_MAJOR, ".", PIX2PIXHD_VERSION_MINOR, ".", PIX2PIXHD_VERSION_PATCH));
  model.add_opset_import()->set_version(onnx_operators);
  for (const auto& [key, value] : metadata) {
    auto& property = *model.add_metadata_props();
    property.set_key(key);
    property.set_value(value);
  }
  auto& to = *model.mutable_graph();
  to.set_name("pix2pixhd");
  for (const OnnxNode& node : graph.nodes()) fill(*to.add_node(), node);
  for (const OnnxConstant& constant : graph.constants()) fill(*to.add_initializer(), constant);
  std::vector<float> buffer;
  for (const OnnxWeight& weight : graph.weights()) fill(*to.add_initializer(), device, weight, buffer);
  for (const OnnxPort& port : graph.inputs()) fill(*to.add_input(), port);
  for (const OnnxPort& port : graph.outputs()) fill(*to.add_output(), port);
  try {
    onnx_pb::checker::check_model(model);
  } catch (const std::exception& error) {
    throw Error(sentence(path.string(), " was not written: the graph is not as ONNX wants it: ", error.what(), "."));
  }

  AtomicFileOutput output(file);
  {
    google::protobuf::io::CopyingOutputStreamAdaptor stream(&output);
    const bool written = model.SerializeToZeroCopyStream(&stream) && stream.Flush();
    output.rethrow();
    require(written, path.string(), " was not written: its ", bytes, " bytes could not be put into ONNX's format.");
  }
  file.commit();
}

}  // namespace detail
}  // namespace pix2pixhd::inline v0
