#pragma once
/// Asking cuDNN's heuristics for plans.

#include <pix2pixhd/backend/cuda/convolution_graph.hpp>
#include <pix2pixhd/backend/cuda/convolution_plan.hpp>
#include <pix2pixhd/backend/cuda/plan_choice.hpp>
#include <pix2pixhd/core/error.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0::backend_cuda {

/// The configurations that one mode of the heuristics proposes, the best first; none if it has nothing to say.
/// `device` is empty where the graph has a handle.
inline std::vector<cudnn::Descriptor> proposals(const ConvolutionGraph& graph, const cudnn::Descriptor& device,
                                                cudnn::Heuristics mode) try {
  using cudnn::Attribute, cudnn::Type;
  cudnn::Descriptor heuristics(cudnn::Kind::heuristics);
  heuristics.set(Attribute::heuristics_graph, graph.graph);
  heuristics.set(Attribute::heuristics_mode, Type::heuristics_mode, 1, &mode);
  if (device.raw()) heuristics.set(Attribute::heuristics_device_properties, device);
  heuristics.finalize();
  const std::int64_t count = heuristics.get(Attribute::heuristics_results, Type::descriptor, 0, nullptr);
  std::vector<cudnn::Descriptor> results;
  std::vector<cudnn::RawDescriptor> raw;
  for (std::int64_t i = 0; i < count; ++i) {
    results.emplace_back(cudnn::Kind::engine_config);
    raw.push_back(results.back().raw());
  }
  const std::int64_t given =
      count > 0 ? heuristics.get(Attribute::heuristics_results, Type::descriptor, count, raw.data()) : 0;
  results.resize(static_cast<std::size_t>(std::min(count, given)));
  return results;
} catch (const Error&) {
  return {};
}

/// The number of a configuration's engine, or nothing if that breaks the rules.
inline std::optional<std::int64_t> allowed_engine(const cudnn::Descriptor& config, DataType type,
                                                  const ConvolutionRules& rules) {
  using cudnn::Attribute, cudnn::Type;
  cudnn::Descriptor engine(cudnn::Kind::engine);
  cudnn::RawDescriptor raw = engine.raw();
  config.get(Attribute::engine_config_engine, Type::descriptor, 1, &raw);
  std::array<cudnn::NumericalNote, 16> notes{};
  const std::int64_t count = engine.get(Attribute::engine_numerical_notes, Type::numerical_note,
                                        static_cast<std::int64_t>(notes.size()), notes.data());
  const auto has = [&](cudnn::NumericalNote note) {
    const auto end = notes.begin() + std::min<std::ptrdiff_t>(count, static_cast<std::ptrdiff_t>(notes.size()));
    return std::find(notes.begin(), end, note) != end;
  };
  if (rules.deterministic && has(cudnn::NumericalNote::nondeterministic)) return {};
  if (has(cudnn::NumericalNote::winograd) || has(cudnn::NumericalNote::fft)) return {};  // other rounding errors
  if (type == DataType::f32 && !rules.tensor_cores_in_f32 &&
      (has(cudnn::NumericalNote::tensor_core) || has(cudnn::NumericalNote::down_converts)))
    return {};
  std::int64_t index = -1;
  engine.get(Attribute::engine_index, Type::int64, 1, &index);
  return index;
}

inline cudnn::Descriptor device_by_json(const std::string& json) {
  cudnn::Descriptor result(cudnn::Kind::device_properties);
  result.set(cudnn::Attribute::device_json, cudnn::Type::character, static_cast<std::int64_t>(json.size()),
             json.data());
  result.finalize();
  return result;
}

PIX2PIXHD_INLINE ConvolutionPlans::ConvolutionPlans(cudnn::Handle handle, std::string device_text,
                                                    ConvolutionRules rules, DiskCache cache, PlanTiming timing)
    : handle_(handle),
      device_text_(std::move(device_text)),
      rules_(rules),
      cache_(std::move(cache)),
      timing_(std::move(timing)) {}

PIX2PIXHD_INLINE ConvolutionPlans::ConvolutionPlans(const std::string& properties_json, ConvolutionRules rules,
                                                    DiskCache cache)
    : device_(device_by_json(properties_json)),
      device_text_(properties_json),
      rules_(rules),
      cache_(std::move(cache)) {}

PIX2PIXHD_INLINE void ConvolutionPlans::bind(cudnn::Descriptor& descriptor, cudnn::Attribute handle,
                                             cudnn::Attribute properties) const {
  if (handle_)
    descriptor.set(handle, cudnn::Type::handle, 1, &handle_);
  else
    descriptor.set(properties, device_);
}

PIX2PIXHD_INLINE std::string ConvolutionPlans::key(const ConvolutionProblem& problem) const {
  return detail::sentence("plan 3, cuDNN ", cudnn::functions().version_number, ", ", device_text_, ", ", problem.text(),
                          rules_.tensor_cores_in_f32 ? ", tf32" : "", rules_.deterministic ? ", deterministic" : "");
}

PIX2PIXHD_INLINE bool ConvolutionPlans::timed() const {
  return timing_ && (!rules_.deterministic || cache_.writable());
}

PIX2PIXHD_INLINE const ConvolutionPlan& ConvolutionPlans::plan(const ConvolutionProblem& problem) {
  std::unique_ptr<ConvolutionPlan>& entry = plans_[problem];
  if (!entry) entry = restore(problem);
  if (!entry) entry = build(problem);
  return *entry;
}

/// The plans that run here and keep to the rules: the first few if `several`, else up to the first with a modest
/// workspace.
PIX2PIXHD_INLINE PlanCandidates ConvolutionPlans::candidates(const ConvolutionProblem& problem, bool several) const {
  using cudnn::Attribute, cudnn::Type;
  constexpr std::size_t few = 8;  // of each mode; what comes later was not faster for any layer of these networks
  const ConvolutionGraph graph(problem, handle_);
  PlanCandidates result;
  std::string refusal;
  for (const cudnn::Heuristics mode : {cudnn::Heuristics::a, cudnn::Heuristics::fallback}) {
    if (result.size() >= few) break;
    const std::size_t before = result.size();
    for (const cudnn::Descriptor& config : proposals(graph, device_, mode)) try {
        const std::optional<std::int64_t> engine = allowed_engine(config, problem.type, rules_);
        if (!engine) continue;
        cudnn::Descriptor plan(cudnn::Kind::plan);
        plan.set(Attribute::plan_engine_config, config);
        bind(plan, Attribute::plan_handle, Attribute::plan_device_properties);
        plan.finalize();
        std::int64_t workspace = 0;
        plan.get(Attribute::plan_workspace_bytes, Type::int64, 1, &workspace);
        result.push_back(std::make_unique<ConvolutionPlan>(
            ConvolutionPlan{problem, std::move(plan), static_cast<std::size_t>(workspace), *engine}));
        if (several ? result.size() == before + few : result.back()->workspace <= modest_workspace(problem)) break;
      } catch (const Error& error) {  // this configuration does not run here; the next may
        if (refusal.empty()) refusal = error.what();
      }
    if (!several && !result.empty() && result.back()->workspace <= modest_workspace(problem)) break;
  }
  detail::require(!result.empty(), "cuDNN has no plan for ", problem.text(), " that keeps to the rules of this device",
                  refusal.empty() ? "" : " (" + refusal + ")", "; use another precision or another version of cuDNN.");
  return result;
}

PIX2PIXHD_INLINE std::unique_ptr<ConvolutionPlan> ConvolutionPlans::build(const ConvolutionProblem& problem) const {
  const bool several = timed();
  PlanCandidates found = candidates(problem, several);
  const bool timing = several && found.size() > 1;
  std::vector<double> seconds = timing ? timing_(found) : std::vector<double>();
  const bool refused =
      !seconds.empty() && std::none_of(seconds.begin(), seconds.end(), [](double one) { return std::isfinite(one); });
  if (refused) seconds.clear();
  std::vector<std::size_t> workspaces;
  for (const auto& plan : found) workspaces.push_back(plan->workspace);
  const std::size_t untimed = chosen_plan(problem, workspaces, {});
  const std::size_t chosen = chosen_plan(problem, workspaces, seconds);
  // Where runs are to be the same to the bit, a choice is for good even if memory was too short to time it; but not if
  // nothing ran, which is no choice.
  const bool for_good = !timing || !seconds.empty() || (rules_.deterministic && !refused);
  const bool kept = for_good && keep(*found[chosen]);
  if (!timing || !rules_.deterministic) return std::move(found[chosen]);
  // Another process may have kept another plan meanwhile; and where none is kept the next run could choose otherwise.
  auto agreed = kept ? restore(problem) : nullptr;
  return agreed ? std::move(agreed) : std::move(found[untimed]);
}

/// Writes a plan into the cache, unless there is one for its problem. Returns whether there is one now.
PIX2PIXHD_INLINE bool ConvolutionPlans::keep(const ConvolutionPlan& plan) const try {
  using cudnn::Attribute, cudnn::Type;
  std::vector<char> json(
      static_cast<std::size_t>(plan.descriptor.get(Attribute::plan_json, Type::character, 0, nullptr)));
  plan.descriptor.get(Attribute::plan_json, Type::character, static_cast<std::int64_t>(json.size()), json.data());
  return !json.empty() && cache_.add(key(plan.problem), json);
} catch (const Error&) {  // cuDNN cannot write this one down; it is built again next time
  return false;
}

PIX2PIXHD_INLINE std::unique_ptr<ConvolutionPlan> ConvolutionPlans::restore(const ConvolutionProblem& problem) const
    try {
  using cudnn::Attribute, cudnn::Type;
  const auto json = cache_.read(key(problem));
  if (!json) return nullptr;
  auto result = std::make_unique<ConvolutionPlan>();
  result->problem = problem;
  result->descriptor = cudnn::Descriptor(cudnn::Kind::plan);
  bind(result->descriptor, Attribute::plan_handle, Attribute::plan_device_properties);
  result->descriptor.set(Attribute::plan_json, Type::character, static_cast<std::int64_t>(json->size()), json->data());
  result->descriptor.finalize();
  std::int64_t workspace = 0;
  result->descriptor.get(Attribute::plan_workspace_bytes, Type::int64, 1, &workspace);
  result->workspace = static_cast<std::size_t>(workspace);
  return result;
} catch (const Error&) {
  return nullptr;
}

PIX2PIXHD_INLINE void execute(cudnn::Handle handle, const ConvolutionPlan& plan, const ConvolutionOperands& operands) {
  using cudnn::Attribute, cudnn::Type;
  try {
    const std::array<const void*, 3> pointers{operands.x, operands.filter, operands.y};
    cudnn::Descriptor pack(cudnn::Kind::variant_pack);
    pack.set(Attribute::pack_ids, Type::int64, 3, operand_ids.data());
    pack.set(Attribute::pack_pointers, Type::pointer, 3, pointers.data());
    pack.set(Attribute::pack_workspace, Type::pointer, 1, &operands.workspace);
    pack.finalize();
    const cudnn::Status status = cudnn::functions().execute(handle, plan.descriptor.raw(), pack.raw());
    if (status != cudnn::success) throw Error(cudnn::describe(status));
  } catch (const Error& error) {
    throw Error(detail::sentence("cuDNN failed in ", plan.problem.text(), ": ", error.what()));
  }
}

}  // namespace pix2pixhd::inline v0::backend_cuda
