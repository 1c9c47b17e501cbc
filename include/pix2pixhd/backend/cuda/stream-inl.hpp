#pragma once
/// Copying, measuring and recording.

#include <pix2pixhd/backend/cuda/stream.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <utility>

namespace pix2pixhd::inline v0::backend_cuda {

/// Pieces for tensors: each long enough that what a copy costs by itself does not count, and as many as hold a
/// photograph of 2048x1024 in f32 with its maps, so that the host can get ahead of the device by a batch of training.
inline constexpr std::size_t tensor_pieces = 18, tensor_piece_bytes = std::size_t{2} << 20;
/// Pieces for kernels' tables: more than a training step needs, so that the host gets ahead of the device by a step.
inline constexpr std::size_t table_pieces = 64, table_piece_bytes = std::size_t{16} << 10;

PIX2PIXHD_INLINE CudaStream::CudaStream(std::shared_ptr<CudaContext> context) : context_(std::move(context)) {
  const driver::Functions& f = driver::functions();
  const CudaContext::Use use(*context_);
  check(f.create_stream(&stream_, driver::stream_non_blocking), "making a stream");
  try {
    staging_ = std::make_unique<Staging>(context_, stream_, mutex_, tensor_pieces, tensor_piece_bytes);
    tables_ = std::make_unique<Staging>(context_, stream_, mutex_, table_pieces, table_piece_bytes);
  } catch (...) {
    staging_.reset();  // while the context is in use
    f.destroy_stream(stream_);
    throw;
  }
}

PIX2PIXHD_INLINE CudaStream::~CudaStream() {
  const driver::Functions& f = driver::functions();
  try {
    const CudaContext::Use use(*context_);
    f.synchronise(stream_);
    staging_.reset();
    tables_.reset();
    f.destroy_stream(stream_);
  } catch (const Error&) {  // a device that was lost has nothing left to destroy
  }
}

PIX2PIXHD_INLINE void CudaStream::require_not_recording() {
  const std::lock_guard lock(mutex_);  // of this thread: another one is waited for
  detail::require(!recording_, context_->name(),
                  ": a pass that is being recorded cannot exchange values with the host; it has to be put together "
                  "each time.");
}

PIX2PIXHD_INLINE void CudaStream::copy_to_device(void* to, const void* from, std::size_t bytes) {
  require_not_recording();
  const CudaContext::Use use(*context_);
  (bytes <= tables_->piece_bytes() ? *tables_ : *staging_).copy_to_device(to, from, bytes);
}

PIX2PIXHD_INLINE void CudaStream::copy_to_host(void* to, const void* from, std::size_t bytes) {
  require_not_recording();
  const CudaContext::Use use(*context_);
  staging_->copy_to_host(to, from, bytes);
}

PIX2PIXHD_INLINE void CudaStream::copy_pinned(void* to, const void* from, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  const CudaContext::Use use(*context_);
  check(driver::functions().copy_to_device(address_of(to), from, bytes, stream_), "copying to the device");
}

PIX2PIXHD_INLINE void CudaStream::copy(void* to, const void* from, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  const CudaContext::Use use(*context_);
  check(driver::functions().copy_on_device(address_of(to), address_of(from), bytes, stream_), "copying on the device");
}

PIX2PIXHD_INLINE void CudaStream::clear(void* to, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  const CudaContext::Use use(*context_);
  check(driver::functions().fill_bytes(address_of(to), 0, bytes, stream_), "clearing memory");
}

PIX2PIXHD_INLINE void CudaStream::synchronise() {
  const Moment now = mark();  // waited for by itself: meanwhile other threads may put work into the stream
  const CudaContext::Use use(*context_);
  check(driver::functions().wait_event(now.get()), "waiting for the device");
}

PIX2PIXHD_INLINE CudaStream::Moment CudaStream::mark() {
  const driver::Functions& f = driver::functions();
  const std::lock_guard lock(mutex_);
  require_not_recording();
  const CudaContext::Use use(*context_);
  driver::Event event = nullptr;
  check(f.create_event(&event, 0), "making an event");
  Moment moment(event, [kept = context_](driver::Event made) {
    try {
      const CudaContext::Use in_use(*kept);
      driver::functions().destroy_event(made);
    } catch (const Error&) {  // a device that was lost has nothing left to free
    }
  });
  check(f.record_event(event, stream_), "noting a moment");
  return moment;
}

PIX2PIXHD_INLINE double CudaStream::seconds_between(const Moment& earlier, const Moment& later) {
  const driver::Functions& f = driver::functions();
  require_not_recording();
  const CudaContext::Use use(*context_);
  check(f.wait_event(later.get()), "waiting for a moment");
  float milliseconds = 0;
  check(f.elapsed(&milliseconds, earlier.get(), later.get()), "measuring time");
  return static_cast<double>(milliseconds) / 1e3;
}

PIX2PIXHD_INLINE driver::GraphExec CudaStream::record(const std::function<void()>& pass) {
  const driver::Functions& f = driver::functions();
  const std::lock_guard lock(mutex_);
  const CudaContext::Use use(*context_);
  check(f.begin_capture(stream_, driver::capture_mode_relaxed), "recording a pass");
  driver::Graph graph = nullptr;
  recording_ = true;
  try {
    pass();
  } catch (...) {
    recording_ = false;
    if (f.end_capture(stream_, &graph) == driver::success && graph) f.destroy_graph(graph);
    throw;
  }
  recording_ = false;
  check(f.end_capture(stream_, &graph), "recording a pass");
  driver::GraphExec result = nullptr;
  const driver::Result made = f.instantiate(&result, graph, 0);
  f.destroy_graph(graph);
  check(made, "preparing a recorded pass");
  return result;
}

PIX2PIXHD_INLINE void CudaStream::repeat(driver::GraphExec work) {
  const std::lock_guard lock(mutex_);
  const CudaContext::Use use(*context_);
  check(driver::functions().launch_graph(work, stream_), "repeating a recorded pass");
}

PIX2PIXHD_INLINE void CudaStream::forget(driver::GraphExec work) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    const CudaContext::Use use(*context_);
    driver::functions().synchronise(stream_);
    driver::functions().destroy_exec(work);
  } catch (const Error&) {  // a device that was lost has forgotten it
  }
}

}  // namespace pix2pixhd::inline v0::backend_cuda
