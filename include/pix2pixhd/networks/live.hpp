#pragma once
/// Pictures of a map that is being edited: the whole, and soon after an edit the part that it changed.

#include <pix2pixhd/core/frozen_statistics.hpp>
#include <pix2pixhd/networks/session.hpp>
#include <pix2pixhd/networks/visit.hpp>

#include <cstdint>
#include <memory>
#include <set>
#include <stop_token>
#include <utility>

namespace pix2pixhd::inline v0 {

/// Sessions of one network. `whole` makes exact pictures and notes the statistics of their blocks; `part` makes
/// windows of a picture with the statistics of the last whole one as constants, so that a window looks as it does in
/// the whole, up to what lies outside of it. Its cost is in proportion to its pixels.
///
/// The windows of a generator must begin at multiples of its `alignment`, or its poolings fall on other pixels.
template <class Net>
class LiveSession {
 public:
  LiveSession(Device& device, const Net& network, const SessionOptions& options = {})
      : noted_(std::make_shared<FrozenStatistics>()),
        statistics_(std::make_shared<FrozenStatistics>()),
        recording_(device.recording(noted_)),
        freezing_(device.freezing(statistics_)),
        plain_(device),
        network_(network),
        whole_(recording_, network, options),
        part_(freezing_, network, options),
        other_(plain_, network, options) {}
  LiveSession(Device&, const Net&&, const SessionOptions& = {}) = delete;
  LiveSession(const LiveSession&) = delete;
  LiveSession& operator=(const LiveSession&) = delete;

  /// The exact picture, the bits of infer. Where it is stopped, the statistics of the one before stay.
  template <class X>
  auto whole(const X& input) {
    noted_->clear();
    auto y = run(whole_, input);
    *statistics_ = *noted_;
    ready_ = true;
    return y;
  }

  /// Whether there are statistics for part().
  bool ready() const { return ready_; }

  /// A window of the picture. Throws Error unless ready(), and if weights were given other memory since then: by load,
  /// initialize or assign.
  template <class X>
  auto part(const X& input) {
    detail::require(ready_, "a part of a picture was asked for before a whole one was made.");
    std::set<std::uint64_t> storages;
    for (const NamedArray& array : named_arrays(network_))
      if (array.value->storage()) storages.insert(array.value->storage()->id());
    detail::require(statistics_->are_of(storages),
                    "a part of a picture was asked for after the network's weights were "
                    "given other memory (load, initialize, assign); make a whole one.");
    return run(part_, input);
  }

  /// Another picture, such as the whole at a smaller size; the statistics stay.
  template <class X>
  auto other(const X& input) {
    return run(other_, input);
  }

  /// Passes from now on end when `stop` is triggered.
  void stop_on(const std::stop_token& stop) {
    whole_.stop_on(stop);
    part_.stop_on(stop);
    other_.stop_on(stop);
  }

 private:
  /// Under a budget the sessions give way to each other.
  template <class X>
  auto run(Session<Net>& session, const X& input) {
    try {
      return session(input);
    } catch (const OutOfMemory&) {
      for (Session<Net>* other : {&whole_, &part_, &other_})
        if (other != &session) other->release();
    }
    return session(input);
  }

  std::shared_ptr<FrozenStatistics> noted_, statistics_;
  bool ready_ = false;
  Device recording_, freezing_, plain_;
  const Net& network_;
  Session<Net> whole_, part_, other_;
};

}  // namespace pix2pixhd::inline v0
