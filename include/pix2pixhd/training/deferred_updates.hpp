#pragma once
/// Updates that an optimiser has put into a step whose findings are not known yet.

#include <pix2pixhd/core/deferred_step.hpp>
#include <pix2pixhd/core/parameter.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0::detail {

/// What an optimiser has asked of a DeferredStep, which makes no update from the first gradient on that is not finite.
class DeferredUpdates {
 public:
  /// Parameters that were given together.
  struct Together {
    std::vector<Parameter*> parameters;
    std::size_t first = 0;        ///< number of their first gradient in the step
    DeferredStep::Update update;  ///< searched = 0: they were only searched so far
  };

  bool empty() const { return all_.empty(); }
  const std::vector<Together>& all() const { return all_; }
  void add(std::vector<Parameter*> parameters, std::size_t first) {
    all_.push_back({std::move(parameters), first, {}});
  }
  void add(Together together) { all_.push_back(std::move(together)); }
  /// What became of those added last.
  void put(DeferredStep::Update update) { all_.back().update = update; }

  /// Calls undo(parameter) for each whose update was not made, given the number of the first gradient that is not
  /// finite. Returns the parameter that this gradient belongs to; null: it is not one of these.
  template <class Undo>
  const Parameter* settle(std::size_t first_bad, Undo&& undo) const {
    const Parameter* bad = nullptr;
    for (const Together& one : all_) {
      if (one.update.searched <= first_bad) continue;
      if (one.first <= first_bad && first_bad < one.first + one.parameters.size())
        bad = one.parameters[first_bad - one.first];
      for (const Parameter* parameter : one.parameters) undo(*parameter);
    }
    return bad;
  }

 private:
  std::vector<Together> all_;
};

}  // namespace pix2pixhd::inline v0::detail
