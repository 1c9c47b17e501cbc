#pragma once

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/training/csv_file.hpp>
#include <pix2pixhd/training/discriminator_alarm.hpp>
#include <pix2pixhd/training/state_text.hpp>

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <locale>
#include <sstream>

namespace pix2pixhd::inline v0 {

PIX2PIXHD_INLINE DiscriminatorAlarm::DiscriminatorAlarm(const DiscriminatorAlarmOptions& options) : options_(options) {
  detail::require(options.scales >= 1 && options.smoothing >= 1 && options.steps >= 1,
                  "DiscriminatorAlarmOptions: scales, smoothing and steps must be at least 1.");
  low_ = options.discriminator_below.value_or(options.gan == Gan::least_squares ? 0.05 : 0.1);
  high_ = options.generator_above.value_or(options.gan == Gan::least_squares ? 0.8
                                           : options.gan == Gan::vanilla     ? 2.0
                                                                             : 0.9);
}

PIX2PIXHD_INLINE bool DiscriminatorAlarm::beyond() const {
  // Losses that swing around a limit must not raise the alarm again and again.
  const double low = active_ ? 1.5 * low_ : low_, high = active_ ? 0.9 * high_ : high_;
  return means_[0] > high && means_[1] < low && means_[2] < low;
}

PIX2PIXHD_INLINE std::optional<std::string> DiscriminatorAlarm::add(std::int64_t step,
                                                                    const AdversarialLosses& losses) {
  const float values[] = {losses.gan, losses.real, losses.fake};
  for (const float value : values)
    if (!std::isfinite(value)) return std::nullopt;
  ++seen_;
  // The first losses count as an ordinary mean, so that none of them counts for too much.
  const double weight = 1.0 / static_cast<double>(std::min<std::int64_t>(seen_, options_.smoothing));
  for (std::size_t i = 0; i < means_.size(); ++i)
    means_[i] += weight * (double{values[i]} / options_.scales - means_[i]);
  count_ = beyond() != active_ ? count_ + 1 : 0;
  if (count_ < options_.steps) return std::nullopt;
  active_ = !active_;
  count_ = 0;
  if (active_) {
    since_ = step - options_.steps + 1;
    return message();
  }
  return detail::sentence("Step ", step, ": the discriminator, saturated since step ", since_, ", has recovered.");
}

PIX2PIXHD_INLINE std::string DiscriminatorAlarm::message() const {
  if (!active_) return {};
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text << std::setprecision(2) << "The discriminator has been saturated since step " << since_ << ": its losses are "
       << means_[1] << " on real and " << means_[2]
       << " on synthesised pictures a scale, the generator's adversarial loss is " << means_[0]
       << ". It tells all pictures apart, so the generator learns little from it; if the held-out figures no longer "
          "get better, go back to a checkpoint before that step, with more varied data (flips, crops) or a lower "
          "learning rate.";
  return text.str();
}

PIX2PIXHD_INLINE std::string DiscriminatorAlarm::limits() const {
  return detail::sentence(to_string(options_.gan), " scales ", options_.scales, " smoothing ", options_.smoothing,
                          " steps ", options_.steps, " limits ", detail::csv_text(low_), " ", detail::csv_text(high_));
}

PIX2PIXHD_INLINE std::string DiscriminatorAlarm::state() const {
  std::string text = detail::sentence("discriminator 1 ", limits(), " means");
  for (const double mean : means_) text.append(" ").append(detail::csv_text(mean));
  return text + detail::sentence(" seen ", seen_, " count ", count_, " since ", since_, " active ", active_ ? 1 : 0);
}

PIX2PIXHD_INLINE void DiscriminatorAlarm::restore(const std::string& state) {
  const std::string begin = "discriminator 1 ";
  detail::StateText text(state, "The discriminator's alarm");
  text.check(state.starts_with(begin));
  detail::require(state.starts_with(begin + limits() + " "), "The checkpoint's alarm has other options (",
                  state.substr(0, state.find(" means")), ") than this one (", begin, limits(),
                  "). Resume with the same options.");
  detail::StateText rest(state.substr(begin.size() + limits().size()), "The discriminator's alarm");
  DiscriminatorAlarm other(options_);
  rest.name("means");
  for (double& mean : other.means_) rest.value(mean);
  int active = 0;
  rest.value("seen", other.seen_);
  rest.value("count", other.count_);
  rest.value("since", other.since_);
  rest.value("active", active);
  other.active_ = active == 1;
  rest.check(other.state() == state);
  *this = other;
}

}  // namespace pix2pixhd::inline v0
