#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/core/random.hpp>
#include <pix2pixhd/features/kmeans.hpp>

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

namespace pix2pixhd::inline v0 {
namespace detail {

/// One run after the other on the same samples, which are columns, moved so that their mean is zero: squared distances
/// are then differences of numbers of their own size.
class Lloyd {
 public:
  using Index = Eigen::Index;

  Lloyd(Eigen::MatrixXd samples, const KMeansOptions& options) : samples_(std::move(samples)), options_(options) {}

  /// A run. Returns its inertia and leaves centres and assignment.
  double run(int number) {
    seed(RandomStream(options_.seed, "k-means run " + std::to_string(number)));
    assignment_.assign(static_cast<std::size_t>(samples_.cols()), -1);
    for (int i = 0; i < options_.iterations && assign(); ++i) move_centres();
    inertia_ = 0;
    for (Index i = 0; i < samples_.cols(); ++i) inertia_ += squared_distance(i);
    return inertia_;
  }

  const Eigen::MatrixXd& centres() const { return centres_; }
  const std::vector<Index>& assignment() const { return assignment_; }

 private:
  double squared_distance(Index sample) const {
    return (samples_.col(sample) - centres_.col(assignment_[static_cast<std::size_t>(sample)])).squaredNorm();
  }

  /// Greedy k-means++: each next centre is a sample drawn with a probability in proportion to its squared distance to
  /// the nearest centre so far; of 2 + log K such draws the one that lowers the sum of distances most. It ends early
  /// when every sample is a centre.
  void seed(const RandomStream& random) {
    std::uint64_t drawn = 0;
    const Index count = samples_.cols();
    const int draws = 2 + static_cast<int>(std::log(options_.clusters));
    centres_.resize(samples_.rows(), 0);
    Eigen::VectorXd nearest = Eigen::VectorXd::Constant(count, std::numeric_limits<double>::infinity());
    const auto add = [&](Index sample) {
      centres_.conservativeResize(Eigen::NoChange, centres_.cols() + 1);
      centres_.rightCols(1) = samples_.col(sample);
      nearest = nearest.cwiseMin(distances_to(sample));
    };
    add(std::min(static_cast<Index>(random.uniform(drawn++) * static_cast<double>(count)), count - 1));
    while (centres_.cols() < options_.clusters) {
      const double sum = nearest.sum();
      if (!(sum > 0)) return;
      Index best = -1;
      double best_sum = std::numeric_limits<double>::infinity();
      for (int draw = 0; draw < draws; ++draw) {
        const Index sample = draw_in_proportion(nearest, random.uniform(drawn++) * sum);
        const double left = nearest.cwiseMin(distances_to(sample)).sum();
        if (left >= best_sum) continue;
        best = sample;
        best_sum = left;
      }
      add(best);
    }
  }

  Eigen::VectorXd distances_to(Index sample) const {
    return (samples_.colwise() - samples_.col(sample)).colwise().squaredNorm().transpose();
  }

  /// The sample at which the running sum of the weights passes `point`; never one of weight 0.
  static Index draw_in_proportion(const Eigen::VectorXd& weights, double point) {
    Index last = 0;
    for (Index i = 0; i < weights.size(); ++i) {
      if (!(weights[i] > 0)) continue;
      last = i;
      point -= weights[i];
      if (point < 0) break;
    }
    return last;
  }

  /// Gives each sample to its nearest centre; of two as near, to the first. Returns whether any changed.
  bool assign() {
    // |x - c|^2 = |x|^2 - 2 x.c + |c|^2, of which |x|^2 does not matter to the choice.
    const Eigen::VectorXd centre_squares = centres_.colwise().squaredNorm().transpose();
    bool changed = false;
    for (Index i = 0; i < samples_.cols(); ++i) {
      Index cluster = 0;
      (centre_squares - 2 * (centres_.transpose() * samples_.col(i))).minCoeff(&cluster);
      Index& mine = assignment_[static_cast<std::size_t>(i)];
      changed = changed || mine != cluster;
      mine = cluster;
    }
    return changed;
  }

  void move_centres() {
    counts_.assign(static_cast<std::size_t>(centres_.cols()), 0);
    for (const Index cluster : assignment_) ++counts_[static_cast<std::size_t>(cluster)];
    fill_empty_clusters();
    centres_.setZero();
    for (Index i = 0; i < samples_.cols(); ++i)
      centres_.col(assignment_[static_cast<std::size_t>(i)]) += samples_.col(i);
    for (Index c = 0; c < centres_.cols(); ++c)
      centres_.col(c) /= static_cast<double>(counts_[static_cast<std::size_t>(c)]);
  }

  void fill_empty_clusters() {
    for (std::size_t c = 0; c < counts_.size(); ++c) {
      if (counts_[c] > 0) continue;
      Index farthest = -1;
      double distance = -1;
      for (Index i = 0; i < samples_.cols(); ++i) {
        if (counts_[static_cast<std::size_t>(assignment_[static_cast<std::size_t>(i)])] < 2) continue;
        if (const double its = squared_distance(i); its > distance) {
          farthest = i;
          distance = its;
        }
      }
      Index& mine = assignment_[static_cast<std::size_t>(farthest)];
      --counts_[static_cast<std::size_t>(mine)];
      mine = static_cast<Index>(c);
      ++counts_[c];
    }
  }

  Eigen::MatrixXd samples_;
  KMeansOptions options_;
  Eigen::MatrixXd centres_;
  std::vector<Index> assignment_;
  std::vector<std::int64_t> counts_;
  double inertia_ = 0;
};

}  // namespace detail

PIX2PIXHD_INLINE KMeans kmeans(std::span<const float> samples, std::size_t dimensions, const KMeansOptions& options) {
  detail::require(dimensions > 0 && !samples.empty() && samples.size() % dimensions == 0, "kmeans: ", samples.size(),
                  " values are no samples of ", dimensions, " values each.");
  detail::require(options.clusters > 0 && options.restarts > 0 && options.iterations > 0, "kmeans: ", options.clusters,
                  " clusters, ", options.restarts, " restarts and ", options.iterations,
                  " iterations were asked for; each must be at least 1.");
  detail::require(std::all_of(samples.begin(), samples.end(), [](float value) { return std::isfinite(value); }),
                  "kmeans: a sample holds a value that is infinite or not a number.");
  const auto rows = static_cast<Eigen::Index>(dimensions);
  const auto count = static_cast<Eigen::Index>(samples.size() / dimensions);
  Eigen::MatrixXd moved = Eigen::Map<const Eigen::MatrixXf>(samples.data(), rows, count).cast<double>();
  const Eigen::VectorXd mean = moved.rowwise().mean();
  moved.colwise() -= mean;

  KMeans result{.dimensions = dimensions, .inertia = std::numeric_limits<double>::infinity()};
  result.total = moved.squaredNorm();
  Eigen::MatrixXd centres;
  std::vector<Eigen::Index> assignment;
  detail::Lloyd lloyd(std::move(moved), options);
  for (int run = 0; run < options.restarts; ++run) {
    const double inertia = lloyd.run(run);
    if (inertia >= result.inertia) continue;
    result.inertia = inertia;
    centres = lloyd.centres();
    assignment = lloyd.assignment();
  }

  std::vector<std::int64_t> counts(static_cast<std::size_t>(centres.cols()), 0);
  for (const Eigen::Index cluster : assignment) ++counts[static_cast<std::size_t>(cluster)];
  std::vector<std::size_t> order(counts.size()), place(counts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return counts[a] > counts[b]; });
  for (std::size_t i = 0; i < order.size() && counts[order[i]] > 0; ++i) {
    place[order[i]] = i;
    result.counts.push_back(counts[order[i]]);
    const Eigen::VectorXd centre = centres.col(static_cast<Eigen::Index>(order[i])) + mean;
    for (const double value : centre) result.centres.push_back(static_cast<float>(value));
  }
  for (const Eigen::Index cluster : assignment) result.assignment.push_back(place[static_cast<std::size_t>(cluster)]);
  return result;
}

}  // namespace pix2pixhd::inline v0
