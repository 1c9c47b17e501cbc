#pragma once
/// Python's pickle format, as far as tensor files need it.

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/store/pickle_value.hpp>
#include <pix2pixhd/store/torch_objects.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

namespace pix2pixhd::inline v0::detail {

/// Reads pickles of protocol 2 to 5 without executing anything: a global must stand in the table of pickle_globals.hpp,
/// a call makes at most the description of a tensor, attributes given to objects are dropped. Stack, memo and the
/// objects made are bounded by consumed(). Every failure is an Error naming the file.
class Unpickler {
 public:
  /// The bytes must outlive the unpickler and all values. `file` is for messages.
  Unpickler(std::span<const std::byte> bytes, std::filesystem::path file) : bytes_(bytes), file_(std::move(file)) {}

  /// Reads the pickle at the current position, up to its STOP, and returns its object.
  PickleValue load();

  /// The first byte behind what was read.
  std::size_t position() const { return position_; }
  /// Bytes that were read so far, of which a long text counts as a few thousand only: nobody has looked at the rest,
  /// which in a sparse file lies on no disk.
  std::size_t consumed() const { return consumed_; }

  const PickleHeap& heap() const { return heap_; }
  const TorchObjects& objects() const { return objects_; }

 private:
  using Kind = PickleValue::Kind;

  bool step();  ///< Executes one opcode; false for STOP.
  bool step_constant(std::uint8_t opcode);
  bool step_sequence(std::uint8_t opcode);
  bool step_memo(std::uint8_t opcode);
  bool step_object(std::uint8_t opcode);

  std::string_view take(std::uint64_t count);
  std::uint64_t take_unsigned(std::size_t bytes);
  std::string_view take_line();
  PickleValue take_long(std::uint64_t bytes);

  void push(PickleValue value);
  PickleValue pop();
  PickleValue& top();
  std::vector<PickleValue> pop_items(std::size_t count);
  std::vector<PickleValue> pop_to_mark();
  void remember(std::uint64_t slot);
  void recall(std::uint64_t slot);
  void extend(Kind kind, const std::vector<PickleValue>& items);
  void push_global(std::string_view module, std::string_view name);

  std::span<const std::byte> bytes_;
  std::filesystem::path file_;
  std::size_t position_ = 0;
  std::size_t consumed_ = 0;
  std::vector<PickleValue> stack_;
  std::vector<PickleValue> memo_;  ///< Kind::mark where nothing was stored.
  std::size_t memo_count_ = 0;
  PickleHeap heap_;
  TorchObjects objects_;
};

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/store/pickle-inl.hpp>
#endif
