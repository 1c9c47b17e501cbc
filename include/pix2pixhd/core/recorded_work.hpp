#pragma once
/// Passes that are recorded once and repeated without being put together again.

#include <pix2pixhd/core/tensor.hpp>

#include <functional>
#include <memory>

namespace pix2pixhd::inline v0 {

/// The operations of a pass, bound to the memory that they were recorded with.
class RecordedWork {
 public:
  virtual ~RecordedWork() = default;
  /// Does them again, in the order of the backend's other calls.
  virtual void repeat() = 0;
};

/// What a backend is besides, if it can record.
class RecordingBackend {
 public:
  virtual ~RecordingBackend() = default;
  /// Calls `pass`; the operations that it asks of this backend are recorded and not done. Everything that a pass makes
  /// at its first run (derived weights) must be there already, and nothing may be exchanged with the host but by
  /// write_constants. The memory that the operations use must live as long as the result, except for what the backend
  /// takes for itself. Throws what `pass` throws, and Error if the device refuses or `pass` exchanges values.
  virtual std::unique_ptr<RecordedWork> record(const std::function<void()>& pass) = 0;
  /// While the result lives, in this thread, no other thread's work comes between this one's: what was looked at before
  /// a repetition is as it was when that is done.
  [[nodiscard]] virtual std::shared_ptr<void> hold() = 0;
  /// Backend::write for a few numbers that are the same in every pass. While a pass is recorded it is a part of it.
  virtual void write_constants(Tensor& y, const float* values) = 0;
  /// Copies the bytes of one piece of memory of this backend into another of the same size.
  virtual void copy(const Storage& from, Storage& to) = 0;
};

}  // namespace pix2pixhd::inline v0
