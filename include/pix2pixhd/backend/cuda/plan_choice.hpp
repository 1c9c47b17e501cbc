#pragma once
/// Which of several plans of one convolution is taken.

#include <pix2pixhd/backend/cuda/convolution_problem.hpp>

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

/// The largest workspace that a plan may need to be taken for its speed: see chosen_plan.
inline std::size_t largest_workspace(const ConvolutionProblem& problem) {
  const std::size_t operands = bytes_of(problem.x(), problem.type) + bytes_of(problem.y(), problem.type) +
                               bytes_of(problem.filter(), problem.type);
  return std::max(modest_workspace(problem), operands + operands / 10);  // a tenth for what an engine aligns
}

/// Which of several plans for `problem` is taken. They need these bytes of workspace; `seconds` is empty or says how
/// long each takes. A workspace is modest if it is no larger than the smaller of x and y, or than 4 MB.
///
/// Without times: the first with a modest workspace, else the one with the smallest. With times: the fastest with a
/// modest workspace, an earlier one before one that is hardly faster; or one with a workspace of up to x, y and the
/// filter together (as a copy of them in another layout needs), where that takes less than two thirds of the time.
inline std::size_t chosen_plan(const ConvolutionProblem& problem, const std::vector<std::size_t>& workspaces,
                               const std::vector<double>& seconds) {
  constexpr double hardly = 0.97;  // of an earlier one's time
  constexpr double worth = 0.67;   // of the time with a modest workspace
  const std::size_t modest = modest_workspace(problem);
  const std::size_t most = largest_workspace(problem);
  std::optional<std::size_t> small, large;
  for (std::size_t i = 0; i < workspaces.size(); ++i) {
    const bool is_modest = workspaces[i] <= modest;
    if (seconds.empty()) {
      if (is_modest) return i;
    } else if (std::isfinite(seconds[i]) && workspaces[i] <= most) {
      std::optional<std::size_t>& best = is_modest ? small : large;
      if (!best || seconds[i] < hardly * seconds[*best]) best = i;
    }
  }
  if (small && large) return seconds[*large] < worth * seconds[*small] ? *large : *small;
  if (small || large) return small ? *small : *large;
  return static_cast<std::size_t>(std::min_element(workspaces.begin(), workspaces.end()) - workspaces.begin());
}

}  // namespace pix2pixhd::inline v0::backend_cuda
