#pragma once
/// Which of several plans of one convolution is taken.

#include <pix2pixhd/backend/cuda/convolution_plan.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <vector>

namespace pix2pixhd::inline v0::backend_cuda {

inline std::size_t bytes_of(const Shape& shape, DataType type) { return shape.count() * size_of(type); }

/// The largest workspace that is modest: see chosen_plan.
inline std::size_t modest_workspace(const ConvolutionProblem& problem) {
  return std::max(std::size_t{4} << 20,
                  std::min(bytes_of(problem.x(), problem.type), bytes_of(problem.y(), problem.type)));
}

/// Which of `candidates` is taken, where `seconds` is empty or says how long each takes. A workspace is modest if it is
/// no larger than the smaller of x and y, or than 4 MB.
///
/// Without times: the first with a modest workspace, else the one with the smallest. With times: the fastest with a
/// modest workspace, an earlier one before one that is hardly faster; or one with a workspace of up to x, y and the
/// filter together (as a copy of them in another layout needs), where that takes less than two thirds of the time.
inline std::size_t chosen_plan(const PlanCandidates& candidates, const std::vector<double>& seconds) {
  constexpr double hardly = 0.97;  // of an earlier one's time
  constexpr double worth = 0.67;   // of the time with a modest workspace
  const ConvolutionProblem& problem = candidates.front()->problem;
  const std::size_t modest = modest_workspace(problem);
  // A tenth for what an engine aligns.
  const std::size_t most = (bytes_of(problem.x(), problem.type) + bytes_of(problem.y(), problem.type) +
                            bytes_of(problem.filter(), problem.type)) /
                           10 * 11;
  const auto least_workspace = [&] {
    const auto smaller = [](const auto& a, const auto& b) { return a->workspace < b->workspace; };
    return static_cast<std::size_t>(std::min_element(candidates.begin(), candidates.end(), smaller) -
                                    candidates.begin());
  };
  std::optional<std::size_t> small, large;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const bool is_modest = candidates[i]->workspace <= modest;
    if (seconds.empty()) {
      if (is_modest) return i;
    } else if (std::isfinite(seconds[i]) && candidates[i]->workspace <= std::max(modest, most)) {
      std::optional<std::size_t>& best = is_modest ? small : large;
      if (!best || seconds[i] < hardly * seconds[*best]) best = i;
    }
  }
  if (small && large) return seconds[*large] < worth * seconds[*small] ? *large : *small;
  return small ? *small : large ? *large : least_workspace();
}

}  // namespace pix2pixhd::inline v0::backend_cuda
