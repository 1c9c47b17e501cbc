#pragma once
/// One stream of a device: what is put into it is done in order.

#include <pix2pixhd/backend/cuda/context.hpp>
#include <pix2pixhd/backend/cuda/staging.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <type_traits>

namespace pix2pixhd::inline v0::backend_cuda {

/// Copies, moments and recordings of a stream. Backends of one device in several precisions share it.
class CudaStream {
 public:
  explicit CudaStream(std::shared_ptr<CudaContext> context);
  CudaStream(const CudaStream&) = delete;
  CudaStream& operator=(const CudaStream&) = delete;
  ~CudaStream();

  const CudaContext& context() const { return *context_; }
  driver::Stream get() const { return stream_; }

  /// Keeps other threads' work out of the stream while it is held. Who locks something else and then puts work into
  /// the stream takes this first, as record() does.
  std::unique_lock<std::recursive_mutex> hold() { return std::unique_lock(mutex_); }

  /// Host memory may be reused when copy_to_device returns, and is filled when copy_to_host returns. These two, and
  /// whatever waits or makes a moment, throw Error while a pass is recorded: the driver would take them into the
  /// recording, each repetition would copy what the staging memory holds by then, and its events could never be waited
  /// for again. Other threads may put work into the stream while one waits.
  void copy_to_device(void* to, const void* from, std::size_t bytes);
  void copy_to_host(void* to, const void* from, std::size_t bytes);
  /// From pinned memory, which must stay as it is until the copy is done; if it is recorded, at each repetition.
  void copy_pinned(void* to, const void* from, std::size_t bytes);
  void copy(void* to, const void* from, std::size_t bytes);
  void clear(void* to, std::size_t bytes);

  /// Waits until everything so far is done. Throws Error if any of it failed.
  void synchronise();

  /// A moment in the stream: when everything before it is done.
  using Moment = std::shared_ptr<std::remove_pointer_t<driver::Event>>;
  Moment mark();
  /// Seconds from one moment to a later one, as the device counts them; waits for it.
  double seconds_between(const Moment& earlier, const Moment& later);

  /// The work that `pass` puts into this stream, recorded and not done; other threads' work waits meanwhile.
  driver::GraphExec record(const std::function<void()>& pass);
  /// Whether that is going on.
  bool recording() const { return recording_; }
  void repeat(driver::GraphExec work);
  void forget(driver::GraphExec work) noexcept;

 private:
  void require_not_recording();
  void check(driver::Result result, const char* what) const { check_driver(result, context_->name(), what); }

  std::shared_ptr<CudaContext> context_;
  driver::Stream stream_ = nullptr;
  std::unique_ptr<Staging> staging_;  ///< for tensors, and whatever is read
  std::unique_ptr<Staging> tables_;   ///< for what is small and written between launches
  bool recording_ = false;
  /// Of what is put into the stream, and of cuDNN's handles; held by one thread while it records.
  std::recursive_mutex mutex_;
};

}  // namespace pix2pixhd::inline v0::backend_cuda

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cuda/stream-inl.hpp>
#endif
