// The functions of cuDNN's graph interface that plan and run one convolution.
#include "convolution.hpp"
#include "device.hpp"

#include <pix2pixhd/backend/cuda/cudnn.hpp>

#include <algorithm>
#include <cstring>
#include <memory>
#include <type_traits>

using namespace pix2pixhd::backend_cuda::cudnn;

namespace {

constexpr int bad_parameter = 2000, not_supported = 3000;
constexpr std::int64_t workspace_bytes = 1000;

/// A descriptor: its attributes as bytes, and those that are descriptors themselves.
struct Object {
  Kind kind;
  bool finalized = false;
  std::int64_t engine = 0;  ///< of a configuration and of what it gives
  std::map<Attribute, std::vector<char>> bytes = {};
  std::map<Attribute, std::shared_ptr<Object>> parts = {};

  std::vector<std::int64_t> integers(Attribute name) const {
    const auto found = bytes.find(name);
    if (found == bytes.end()) return {};
    std::vector<std::int64_t> result(found->second.size() / sizeof(std::int64_t));
    std::memcpy(result.data(), found->second.data(), result.size() * sizeof(std::int64_t));
    return result;
  }
  const Object& part(Attribute name) const { return *parts.at(name); }
};
using Handle_ = std::shared_ptr<Object>;
Object& object(void* raw) { return **static_cast<Handle_*>(raw); }

std::size_t size_of(Type type) {
  return type == Type::int64 || type == Type::pointer ? 8 : type == Type::character ? 1 : 4;
}

/// What an operation says about its convolution.
struct Operation {
  stand_in::Result result{};
  int type = 0;
  stand_in::ConvolutionSizes sizes{};
  std::int64_t x_id = 0, filter_id = 0, y_id = 0;

  Operation() = default;
  explicit Operation(const Object& o) {
    const bool forward = o.kind == Kind::forward, data = o.kind == Kind::backward_data;
    result = forward ? stand_in::Result::y : data ? stand_in::Result::x : stand_in::Result::filter;
    const auto choose = [&](Attribute a, Attribute b, Attribute c) { return forward ? a : data ? b : c; };
    const Object& x = o.part(choose(Attribute::forward_x, Attribute::backward_data_dx, Attribute::backward_filter_x));
    const Object& w = o.part(choose(Attribute::forward_w, Attribute::backward_data_w, Attribute::backward_filter_dw));
    const Object& y = o.part(choose(Attribute::forward_y, Attribute::backward_data_dy, Attribute::backward_filter_dy));
    const Object& c = o.part(choose(Attribute::forward_convolution, Attribute::backward_data_convolution,
                                    Attribute::backward_filter_convolution));
    std::memcpy(&type, x.bytes.at(Attribute::tensor_type).data(), sizeof type);
    const auto xs = x.integers(Attribute::tensor_dimensions), ws = w.integers(Attribute::tensor_dimensions),
               ys = y.integers(Attribute::tensor_dimensions);
    sizes = {.n = xs[0],
             .in = xs[1],
             .h = xs[2],
             .w = xs[3],
             .out = ys[1],
             .out_h = ys[2],
             .out_w = ys[3],
             .kernel_h = ws[2],
             .kernel_w = ws[3],
             .padding = c.integers(Attribute::convolution_pre_paddings)[0],
             .stride = c.integers(Attribute::convolution_strides)[0]};
    x_id = x.integers(Attribute::tensor_id)[0];
    filter_id = w.integers(Attribute::tensor_id)[0];
    y_id = y.integers(Attribute::tensor_id)[0];
    valid = ws[0] == ys[1] && ws[1] == xs[1] && xs[0] == ys[0] && xs[1] % 8 == 0 && ys[1] % 8 == 0 &&
            side_fits(xs[2], ys[2], sizes.kernel_h) && side_fits(xs[3], ys[3], sizes.kernel_w);
  }
  std::int64_t valid = 0;  // not bool, which would leave bytes without a value in a plan's text

 private:
  bool side_fits(std::int64_t large, std::int64_t small, std::int64_t kernel) const {
    return (large + 2 * sizes.padding - kernel) / sizes.stride + 1 == small;
  }
};

/// What a plan does; as it is, also its text, which nobody but the stand-in reads.
struct Planned {
  Operation operation;
  std::int64_t engine = 0;

  Planned() = default;
  explicit Planned(const Object& plan) {
    if (const auto text = plan.bytes.find(Attribute::plan_json); text != plan.bytes.end()) {
      std::memcpy(static_cast<void*>(this), text->second.data(), sizeof *this);
      return;
    }
    const Object& config = plan.part(Attribute::plan_engine_config);
    operation = Operation(config.part(Attribute::heuristics_graph).part(Attribute::graph_operations));
    engine = config.engine;
  }
};
static_assert(std::has_unique_object_representations_v<Planned>);

}  // namespace

extern "C" {

std::size_t cudnnGetVersion() { return 91500; }
std::size_t cudnnGetCudartVersion() { return 13000; }  // as the driver's
const char* cudnnGetErrorString(int status) {
  return status == not_supported ? "CUDNN_STATUS_NOT_SUPPORTED" : "CUDNN_STATUS_OF_THE_STAND_IN";
}
void cudnnGetLastErrorString(char* text, std::size_t bytes) { std::strncpy(text, "from the tests' stand-in", bytes); }
int cudnnCreate(CUstream_st*** handle) {
  const stand_in::Call call("cudnnCreate");
  if (call.failure == 0) *handle = new CUstream_st*(nullptr);
  return call.failure;
}
int cudnnDestroy(CUstream_st** handle) {
  delete handle;
  return 0;
}
int cudnnSetStream(CUstream_st** handle, CUstream_st* stream) {
  *handle = stream;
  return 0;
}

int cudnnBackendCreateDescriptor(Kind kind, void** descriptor) {
  *descriptor = new Handle_(std::make_shared<Object>(Object{.kind = kind}));
  return 0;
}
int cudnnBackendDestroyDescriptor(void* descriptor) {
  delete static_cast<Handle_*>(descriptor);
  return 0;
}
int cudnnBackendSetAttribute(void* descriptor, Attribute name, Type type, std::int64_t count, const void* values) {
  Object& o = object(descriptor);
  if (o.finalized || (name == Attribute::plan_json && count != sizeof(Planned))) return bad_parameter;
  if (type == Type::descriptor) {
    o.parts[name] = **static_cast<Handle_* const*>(values);
  } else {
    const auto* first = static_cast<const char*>(values);
    o.bytes[name].assign(first, first + static_cast<std::size_t>(count) * size_of(type));
  }
  return 0;
}
int cudnnBackendFinalize(void* descriptor) {
  const stand_in::Call call("cudnnBackendFinalize", false);
  if (call.failure) return call.failure;
  Object& o = object(descriptor);
  if (o.kind == Kind::graph && !Operation(o.part(Attribute::graph_operations)).valid) return not_supported;
  o.finalized = true;
  return 0;
}
int cudnnBackendGetAttribute(void* descriptor, Attribute name, Type, std::int64_t room, std::int64_t* count,
                             void* values) {
  Object& o = object(descriptor);
  *count = 1;
  switch (name) {
    case Attribute::heuristics_results: {
      const auto& mode = o.bytes.at(Attribute::heuristics_mode);
      *count = mode[0] == static_cast<char>(Heuristics::a) ? stand_in::device().engines : 0;
      for (std::int64_t i = 0; i < std::min(room, *count); ++i) {
        Object& config = object(static_cast<void**>(values)[i]);
        config.parts[Attribute::heuristics_graph] = o.parts.at(Attribute::heuristics_graph);
        config.engine = i;
      }
      return 0;
    }
    case Attribute::engine_config_engine:
      object(*static_cast<void**>(values)).engine = o.engine;
      return 0;
    case Attribute::engine_index:
      std::memcpy(values, &o.engine, sizeof o.engine);
      return 0;
    case Attribute::engine_numerical_notes:
      *count = 0;
      return 0;
    case Attribute::plan_workspace_bytes:
      std::memcpy(values, &workspace_bytes, sizeof workspace_bytes);
      return 0;
    case Attribute::plan_json:
      *count = sizeof(Planned);
      if (const Planned planned(o); room >= *count) std::memcpy(values, &planned, sizeof planned);
      return 0;
    default:
      return not_supported;
  }
}
int cudnnBackendExecute(CUstream_st** handle, void* plan, void* pack) {
  const stand_in::Call call("cudnnBackendExecute");
  if (call.failure) return call.failure;
  const Planned planned(object(plan));
  const Operation& operation = planned.operation;
  const std::vector<std::int64_t> ids = object(pack).integers(Attribute::pack_ids),
                                  pointers = object(pack).integers(Attribute::pack_pointers);
  const auto pointer = [&](std::int64_t id) {
    const auto at = std::find(ids.begin(), ids.end(), id) - ids.begin();
    return reinterpret_cast<void*>(pointers[static_cast<std::size_t>(at)]);
  };
  void* const x = pointer(operation.x_id);
  void* const filter = pointer(operation.filter_id);
  void* const y = pointer(operation.y_id);
  void* const workspace = reinterpret_cast<void*>(object(pack).integers(Attribute::pack_workspace)[0]);
  const stand_in::ConvolutionSizes& s = operation.sizes;
  const std::int64_t bytes = operation.type == 0 ? 4 : 2;
  const auto aligned = [](void* memory, std::uintptr_t to) {
    return reinterpret_cast<std::uintptr_t>(memory) % to == 0;
  };
  if (!aligned(x, 16) || !aligned(y, 16) || !aligned(filter, 16) || !aligned(workspace, 256)) return bad_parameter;
  const auto held = [&](void* memory, std::int64_t count) {
    return stand_in::device().holds(reinterpret_cast<std::uintptr_t>(memory), static_cast<std::size_t>(count));
  };
  if (!held(x, s.n * s.h * s.w * s.in * bytes) || !held(y, s.n * s.out_h * s.out_w * s.out * bytes) ||
      !held(filter, s.out * s.kernel_h * s.kernel_w * s.in * bytes) || !held(workspace, workspace_bytes))
    return bad_parameter;
  stand_in::device().put(*handle, [=] {
    stand_in::Device& device = stand_in::device();
    device.milliseconds += static_cast<double>(device.engines - planned.engine);
    device.last_engine = static_cast<int>(planned.engine);
    std::memset(workspace, 0xee, static_cast<std::size_t>(workspace_bytes));
    stand_in::convolve(planned.operation.result, planned.operation.type, planned.operation.sizes, x, filter, y);
  });
  return 0;
}

}  // extern "C"
