#pragma once
/// Whether the discriminator has become too good for the generator to learn from it.

#include <pix2pixhd/training/objective.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace pix2pixhd::inline v0 {

/// Which losses DiscriminatorAlarm looks at, and from where on it speaks.
struct DiscriminatorAlarmOptions {
  Gan gan = Gan::least_squares;
  /// Of the discriminator: losses are sums over its scales.
  int scales = 2;
  /// Steps over which losses are averaged (the time constant of an exponential mean).
  int smoothing = 50;
  /// Steps that the means must be beyond the limits before the alarm, and back before it is over.
  int steps = 200;
  /// The discriminator is saturated where both of its mean losses are below the first limit and the generator's
  /// adversarial one is above the second, each a scale. Nothing: 0.05 and 0.8 for least squares, where a discriminator
  /// that knows nothing has 0.25, 0.25 and 0.25, and a perfect one 0, 0 and 1; 0.1 and 2 for cross entropy (0.69 each;
  /// 0, 0 and no bound); 0.1 and 0.9 for hinge (1, 1 and 0; 0, 0 and at least 1).
  std::optional<double> discriminator_below = {};
  std::optional<double> generator_above = {};
};

/// The losses of a step that the alarm looks at, as Losses has them.
struct AdversarialLosses {
  float gan = 0;
  float real = 0;
  float fake = 0;
};

/// Says when the discriminator is saturated: it tells all pictures apart, and what it tells the generator is hardly
/// more than that. A function of the losses alone; a run that goes on from state() says the same.
class DiscriminatorAlarm {
 public:
  /// Error where an option is out of its range.
  explicit DiscriminatorAlarm(const DiscriminatorAlarmOptions& options = {});

  /// Takes the losses of a step. A sentence when the alarm begins and when it is over; nothing at other steps. Losses
  /// that are not finite are passed over.
  std::optional<std::string> add(std::int64_t step, const AdversarialLosses& losses);

  bool active() const { return active_; }
  /// What is wrong now, in a sentence; empty where nothing is.
  std::string message() const;

  /// Text for a checkpoint, in one line.
  std::string state() const;
  /// Error, before anything is changed, where the text is damaged or of other options.
  void restore(const std::string& state);

 private:
  bool beyond() const;
  std::string limits() const;

  DiscriminatorAlarmOptions options_;
  double low_, high_;
  std::array<double, 3> means_ = {};  ///< gan, real, fake, each a scale
  std::int64_t seen_ = 0;             ///< losses so far
  std::int64_t count_ = 0;            ///< steps running that speak for a change
  std::int64_t since_ = 0;            ///< first step of the alarm
  bool active_ = false;
};

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/training/discriminator_alarm-inl.hpp>
#endif
