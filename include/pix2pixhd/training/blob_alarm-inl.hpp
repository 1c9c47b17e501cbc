#pragma once

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/core/pixel_position.hpp>
#include <pix2pixhd/training/blob_alarm.hpp>
#include <pix2pixhd/training/state_text.hpp>

#include <algorithm>
#include <cmath>

namespace pix2pixhd::inline v0 {
namespace detail {

PIX2PIXHD_INLINE std::string spots_text(const std::vector<PictureSpot>& spots) {
  std::string text = sentence(" spots ", spots.size());
  for (const PictureSpot& spot : spots)
    text += sentence(" ", spot.x, " ", spot.y, " ", spot.width, " ", spot.bright ? 1 : 0);
  return text;
}

PIX2PIXHD_INLINE std::vector<PictureSpot> read_spots(StateText& text, std::size_t most) {
  std::size_t count = 0;
  text.value("spots", count);
  text.check(count <= most);
  std::vector<PictureSpot> spots(count);
  for (PictureSpot& spot : spots) {
    int bright = 0;
    text.value(spot.x);
    text.value(spot.y);
    text.value(spot.width);
    text.value(bright);
    // Pictures are smaller than this; sums of such numbers do not overflow.
    for (const int number : {spot.x, spot.y, spot.width}) text.check(number >= 0 && number <= 1 << 28);
    spot.bright = bright == 1;
  }
  return spots;
}

}  // namespace detail

PIX2PIXHD_INLINE BlobAlarm::BlobAlarm(const BlobAlarmOptions& options) : options_(options) {
  detail::require(options.pictures >= 2 && options.over_part > 0 && options.over_part <= options.alarm_part &&
                      options.alarm_part <= 1,
                  "BlobAlarmOptions: at least 2 pictures, and parts of 0 to 1, are possible, over_part not above "
                  "alarm_part.");
}

PIX2PIXHD_INLINE std::size_t BlobAlarm::showing(const PictureSpot& spot) const {
  const auto shows = [&](const Seen& seen) {
    return std::any_of(seen.spots.begin(), seen.spots.end(), [&](const PictureSpot& o) { return same_spot(spot, o); });
  };
  return static_cast<std::size_t>(std::count_if(seen_.begin(), seen_.end(), shows));
}

PIX2PIXHD_INLINE std::vector<PictureSpot> BlobAlarm::lasting(double part) const {
  std::vector<PictureSpot> places;
  const double needed = part * static_cast<double>(options_.pictures);
  for (auto seen = seen_.rbegin(); seen != seen_.rend(); ++seen)
    for (const PictureSpot& spot : seen->spots) {
      const auto same = [&](const PictureSpot& other) { return same_spot(spot, other); };
      if (std::none_of(places.begin(), places.end(), same) && static_cast<double>(showing(spot)) >= needed)
        places.push_back(spot);
    }
  return places;
}

PIX2PIXHD_INLINE std::optional<std::string> BlobAlarm::add(std::int64_t step, const PictureArray& synthesised,
                                                           const PictureArray* real) {
  if (real) check_pictures(synthesised, *real);
  std::vector<PictureSpot> spots = find_spots(synthesised, options_.spots);
  if (real)
    std::erase_if(spots, [&](const PictureSpot& spot) {
      const std::vector<double> made = spot_colour(synthesised, spot), true_one = spot_colour(*real, spot);
      double difference = 0;
      for (std::size_t c = 0; c < made.size(); ++c) difference = std::max(difference, std::abs(made[c] - true_one[c]));
      return difference <= options_.same_colour;
    });
  seen_.push_back({.step = step, .spots = std::move(spots)});
  if (seen_.size() > options_.pictures) seen_.pop_front();

  // A place that is in alarm stays so until it is clearly over, so that nothing is said again and again.
  std::vector<PictureSpot> blobs = lasting(options_.alarm_part);
  const bool more = std::any_of(blobs.begin(), blobs.end(), [&](const PictureSpot& spot) {
    return std::none_of(blobs_.begin(), blobs_.end(), [&](const PictureSpot& old) { return same_spot(spot, old); });
  });
  for (const PictureSpot& old : blobs_) {
    const bool known =
        std::any_of(blobs.begin(), blobs.end(), [&](const PictureSpot& spot) { return same_spot(spot, old); });
    const double shown = static_cast<double>(showing(old)) / static_cast<double>(options_.pictures);
    if (!known && shown >= options_.over_part) blobs.push_back(old);
  }
  const bool was = active();
  if (!was && more) since_ = seen_.front().step;
  blobs_ = std::move(blobs);
  if (more) return message();
  if (was && !active())
    return detail::sentence("Step ", step, ": the spots that stayed in place since step ", since_, " have left.");
  return std::nullopt;
}

PIX2PIXHD_INLINE std::optional<std::int64_t> BlobAlarm::since() const {
  if (active()) return since_;
  if (seen_.empty()) return {};
  return seen_.front().step;
}

PIX2PIXHD_INLINE std::string BlobAlarm::message() const {
  if (!active()) return {};
  constexpr std::size_t most = 3;
  std::string places;
  for (std::size_t i = 0; i < std::min(most, blobs_.size()); ++i)
    places +=
        detail::sentence(i == 0 ? "" : ", ", blobs_[i].bright ? "bright" : "dark", " at ",
                         detail::PixelPosition{blobs_[i].x, blobs_[i].y}, ", about ", blobs_[i].width, " pixels wide");
  if (blobs_.size() > most) places += detail::sentence(" and ", blobs_.size() - most, " more");
  return detail::sentence(
      "Since step ", since_, " synthesised pictures have spots at the same places whatever they show: ", places,
      ". Such blobs seldom leave by themselves: begin a new run from the weights of a checkpoint before that step, "
      "with a lower learning rate (or a network of your own: with Upsampling::resize or another padding).");
}

PIX2PIXHD_INLINE std::string BlobAlarm::state() const {
  std::string text = detail::sentence("blobs 1 window ", options_.pictures, " since ", since_,
                                      detail::spots_text(blobs_), " pictures ", seen_.size());
  for (const Seen& seen : seen_) text += detail::sentence(" step ", seen.step, detail::spots_text(seen.spots));
  return text;
}

PIX2PIXHD_INLINE void BlobAlarm::restore(const std::string& state) {
  detail::StateText text(state, "The blob alarm");
  BlobAlarm other(options_);
  int version = 0;
  std::size_t window = 0, pictures = 0;
  text.value("blobs", version);
  text.check(version == 1);
  text.value("window", window);
  detail::require(window == options_.pictures, "The checkpoint's blob alarm looks at ", window,
                  " pictures together, this one at ", options_.pictures, ". Resume with the same options.");
  text.value("since", other.since_);
  other.blobs_ = detail::read_spots(text, window * options_.spots.most);
  text.value("pictures", pictures);
  text.check(pictures <= window);
  for (; pictures > 0; --pictures) {
    Seen seen;
    text.value("step", seen.step);
    seen.spots = detail::read_spots(text, options_.spots.most);
    other.seen_.push_back(std::move(seen));
  }
  text.check(other.state() == state);
  *this = std::move(other);
}

}  // namespace pix2pixhd::inline v0
