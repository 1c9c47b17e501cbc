#pragma once
/// Repeated inference.

#include <pix2pixhd/networks/on_device.hpp>
#include <pix2pixhd/networks/pass_key.hpp>
#include <pix2pixhd/networks/plan.hpp>
#include <pix2pixhd/networks/recorded_pass.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <utility>

namespace pix2pixhd::inline v0 {

/// How a Session works.
struct SessionOptions {
  std::stop_token stop = {};                  ///< a pass throws Stopped soon after this is triggered
  std::function<void(double)> progress = {};  ///< hears the finished fraction of a pass after each block, up to 1
  std::size_t budget = 0;                   ///< bytes that may be held on the device, weights included; 0: the device's
  std::optional<Precision> precision = {};  ///< of the passes; empty: the device's
};

/// One network, ready for many pictures: it plans a pass for each size of input, before anything is allocated, and
/// keeps one arena for all temporaries and the packed weights. Results are those of `infer` on a device of the passes'
/// precision, bit for bit, and do not lie in the arena. Plans of a few dozen sizes are kept; one size more, and all are
/// made anew. One Session serves one thread; several may share a network, which must outlive them. Two threads keep a
/// GPU busier than one: while the result of one is brought to the host the device works for the other.
///
/// A device that can record passes (CUDA) records the second pass of a size and repeats it from the third on, for
/// networks with one output and unless there is a budget, a stop token, a progress callback or frozen statistics; each
/// recorded size holds one more input and result. A pass after a change of weights is put together and recorded anew.
///
/// Under a budget it plans each pass anew, by what is held then, and takes the first of these plans that fits: packed
/// weights kept; packed weights made for each block and dropped after it. For them it lets go of an arena that is
/// larger than it has to be, and of packed weights of earlier passes. If none fits, the call throws OutOfMemory with
/// the figures before it begins a pass.
template <class Net>
class Session {
 public:
  /// Throws Error if the device does not compute in the precision asked for (Backend::in_precision).
  Session(Device& device, const Net& network, SessionOptions options = {})
      : given_(device),
        device_(device.in_precision(options.precision.value_or(device.options().precision))),
        network_(network),
        options_(std::move(options)) {
    const std::size_t of_device = device.options().budget;
    if (of_device != 0 && (options_.budget == 0 || of_device < options_.budget)) options_.budget = of_device;
  }
  Session(Device&, const Net&&, SessionOptions = {}) = delete;  // a temporary network would not live long enough

  /// The network's output for `input`, of any size that infer takes. Throws Error if a pass of this session is running:
  /// a progress callback may use another one.
  template <class X>
  auto operator()(const X& input) {
    const Running running(running_);
    auto y = pass(detail::on_device(device_, input));
    // The result in the precision of the device is beside the other for a while; under a budget in the arena's place.
    if (options_.budget != 0 && &given_.backend() != &device_.backend()) release_arena();
    return detail::on_device(given_, std::move(y));
  }

  /// Lets go of the arena and of what was recorded, until the next pass.
  void release() {
    const Running running(running_);
    release_arena();
  }

  /// Passes from now on end when `stop` is triggered: a token can be triggered once only.
  void stop_on(std::stop_token stop) { options_.stop = std::move(stop); }

  /// The plan of a pass on `input`, made now if there is none yet or if there is a budget.
  template <class X>
  const Plan& plan(const X& input) {
    const Running running(running_);
    return plan_for(detail::on_device(device_, input)).plan;
  }

 private:
  /// Marks the session as in use while it lives.
  class Running {
   public:
    explicit Running(bool& running) : running_(running) {
      detail::require(!running,
                      "Session: a pass was asked for while another of this session is running, as from its "
                      "progress callback; make a second Session for it.");
      running_ = true;
    }
    ~Running() { running_ = false; }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

   private:
    bool& running_;
  };

  template <class X>
  auto pass(const X& input) {
    Planned& planned = plan_for(input);
    provide_arena(planned.plan);
    if constexpr (std::is_same_v<decltype(infer(device_, network_, input)), Tensor> &&
                  requires { detail::storages_of(input); })
      if (Tensor y = recorded(planned, input); !y.empty()) return y;
    auto watch = std::make_shared<Watch>();
    watch->stop = options_.stop;
    watch->progress = options_.progress;
    watch->total = planned.plan.multiply_adds;
    Device device = device_.with(std::make_shared<ArenaAllocator>(planned.plan.arena, arena_), std::move(watch))
                        .keeping_derived(planned.keep_derived);
    auto y = infer(device, network_, input);
    planned.weights = planned.next_weights;
    return y;
  }

  /// Makes the arena as large as a pass needs it. Where that fails there is none, and the next pass makes its own.
  void provide_arena(const Plan& plan) try {
    if (plan.arena_bytes <= (arena_ ? arena_->bytes() : 0)) return;
    release_arena();  // first, so that old and new are never held at once
    arena_ = device_.backend().allocate(plan.arena_bytes);
  } catch (const OutOfMemory& error) {
    throw OutOfMemory(detail::sentence("Session: the pass needs ", plan.session_peak_bytes,
                                       " bytes, weights included, of them ", plan.arena_bytes,
                                       " for intermediate results: ", error.what()));
  }

  void release_arena() {
    for (auto& [key, planned] : plans_) planned.recording.reset();  // they are bound to the arena's memory
    arena_.reset();
  }

  /// Of as many sizes; a recorded one holds memory.
  static constexpr std::size_t most_plans = 32;

  struct Planned {
    Plan plan;
    bool keep_derived = true;
    std::uint64_t weights = 0, next_weights = 0;  ///< fingerprints: of the last finished pass and of the next
    std::unique_ptr<detail::RecordedPass> recording;
    bool recordable = true;
  };

  /// The result of a recorded pass, or an empty tensor if the pass has to be put together.
  template <class X>
  Tensor recorded(Planned& planned, const X& input) {
    auto* recorder = dynamic_cast<RecordingBackend*>(&device_.backend());
    if (!recorder || !planned.recordable || !planned.keep_derived || options_.budget != 0 ||
        options_.stop.stop_possible() || options_.progress || device_.frozen_statistics() ||
        device_.recorded_statistics() || detail::storages_of(input).empty())
      return {};
    // Another thread may have the weights forget what is derived of them (first_that_fits), which the recorded pass
    // reads: it is seen here, or that memory serves nobody else before the pass is done.
    const std::shared_ptr<void> hold = recorder->hold();
    const std::uint64_t weights = detail::fingerprint(network_);
    if (weights != planned.weights) {  // the next pass derives what it needs of them
      planned.recording.reset();
      planned.weights = 0;
      planned.next_weights = weights;
      return {};
    }
    if (!planned.recording) try {
        Device device = device_.with(std::make_shared<ArenaAllocator>(planned.plan.arena, arena_), nullptr);
        planned.recording = std::make_unique<detail::RecordedPass>(
            device_, *recorder, input, [&](const X& x) { return infer(device, network_, x); });
      } catch (const Error&) {  // what could not be recorded is put together each time
        planned.recordable = false;
        return {};
      }
    try {
      return (*planned.recording)(device_, input);
    } catch (const OutOfMemory&) {  // the device needs more for a graph than for what is in it
      planned.recording.reset();
      planned.recordable = false;
      return {};
    }
  }

  /// Under a budget a plan holds for one pass: results that the caller keeps count as well.
  template <class X>
  Planned& plan_for(const X& input) {
    const detail::PassKey key = detail::key_of(input);
    const auto found = plans_.find(key);
    if (found != plans_.end() && options_.budget == 0) return found->second;
    Planned planned = first_that_fits(input);
    if (found == plans_.end() && plans_.size() == most_plans) plans_.clear();
    return plans_.insert_or_assign(key, std::move(planned)).first->second;
  }

  template <class X>
  Planned first_that_fits(const X& input) {
    std::size_t needed = 0;
    if (auto planned = planned_within_budget(input, true, needed)) return std::move(*planned);
    // A recorded pass of another thread reads what is derived from the weights: not between its look at them and its
    // end.
    auto* const recorder = dynamic_cast<RecordingBackend*>(&device_.backend());
    std::shared_ptr<void> hold = recorder ? recorder->hold() : nullptr;
    for (const NamedArray& array : named_arrays(network_))
      if (!array.value->empty()) array.value->storage()->forget_derived();
    hold.reset();
    for (const bool keep : {true, false})
      if (auto planned = planned_within_budget(input, keep, needed)) return std::move(*planned);
    const Shape shape = input.shape();
    throw OutOfMemory(detail::sentence("Session: a picture of ", shape.w, " x ", shape.h, " pixels needs ", needed,
                                       " bytes on ", device_.name(),
                                       ", weights included, which is more than the budget of ", options_.budget,
                                       "; use a smaller picture or a larger budget."));
  }

  /// Empty, and `needed` says what it takes, if the pass does not fit even without the arena that is there.
  template <class X>
  std::optional<Planned> planned_within_budget(const X& input, bool keep, std::size_t& needed) {
    Planned planned{pix2pixhd::plan(device_, network_, input, keep), keep, 0, 0, nullptr, true};
    if (options_.budget == 0) return planned;
    // The plan counts the arena that is there among what is held, and beside it one that is as large as the pass needs.
    const std::size_t peak = planned.plan.session_peak_bytes, there = arena_ ? arena_->bytes() : 0;
    if (peak - std::min(there, planned.plan.arena_bytes) <= options_.budget) return planned;
    needed = peak - there;
    if (needed > options_.budget) return {};
    release_arena();
    return planned_within_budget(input, keep, needed);
  }

  Device given_, device_;  ///< the device of inputs and results; the same in the precision of the passes
  const Net& network_;
  SessionOptions options_;
  std::map<detail::PassKey, Planned> plans_;
  std::shared_ptr<Storage> arena_;
  bool running_ = false;
};

}  // namespace pix2pixhd::inline v0
