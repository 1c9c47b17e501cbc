#pragma once
/// Blobs: spots that a generator paints at the same place whatever its input, and that never leave by themselves.

#include <pix2pixhd/training/picture_spots.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace pix2pixhd::inline v0 {

/// What BlobAlarm takes for a blob, and in how many pictures.
struct BlobAlarmOptions {
  /// The newest pictures that are looked at together.
  std::size_t pictures = 12;
  /// The part of them that must show a spot at the same place for an alarm, and the part below which it is over.
  double alarm_part = 0.75;
  double over_part = 0.4;
  /// A spot is no blob where the real picture has about the same colour: the greatest difference of a channel.
  double same_colour = 0.4;
  PictureSpotOptions spots = {};
};

/// Looks for spots at the same place over the newest pictures. Give it pictures of different inputs and of one size,
/// every so many steps; with the real pictures, what stays in place in the scenes themselves is no alarm. A function of
/// the pictures alone; a run that goes on from state() says the same.
class BlobAlarm {
 public:
  /// Error where an option is out of its range.
  explicit BlobAlarm(const BlobAlarmOptions& options = {});

  /// Takes a synthesised picture (1, C, H, W) in [-1, 1], with the real one of the same scene if there is one. A
  /// sentence when the alarm begins, when it tells of another place, and when it is over; nothing else.
  /// Error for a real picture of another shape.
  std::optional<std::string> add(std::int64_t step, const PictureArray& synthesised,
                                 const PictureArray* real = nullptr);

  bool active() const { return !blobs_.empty(); }
  /// What is wrong now, in a sentence; empty where nothing is.
  std::string message() const;
  /// The step of the first picture that the alarm is about; where there is none, of the oldest picture that one would
  /// be about: a checkpoint from before it is what the advice of message() needs. Nothing before the first picture.
  std::optional<std::int64_t> since() const;
  /// The places of the alarm.
  const std::vector<PictureSpot>& blobs() const { return blobs_; }

  /// Text for a checkpoint, in one line.
  std::string state() const;
  /// Error, before anything is changed, where the text is damaged or of another number of pictures.
  void restore(const std::string& state);

 private:
  struct Seen {
    std::int64_t step = 0;
    std::vector<PictureSpot> spots = {};
  };

  std::size_t showing(const PictureSpot& spot) const;
  std::vector<PictureSpot> lasting(double part) const;

  BlobAlarmOptions options_;
  std::deque<Seen> seen_ = {};
  std::vector<PictureSpot> blobs_ = {};
  std::int64_t since_ = 0;
};

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/training/blob_alarm-inl.hpp>
#endif
