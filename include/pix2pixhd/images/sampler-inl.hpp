#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/core/random.hpp>
#include <pix2pixhd/images/sampler.hpp>

#include <limits>
#include <locale>
#include <numeric>
#include <sstream>
#include <utility>

namespace pix2pixhd::inline v0 {

PIX2PIXHD_INLINE std::vector<std::uint32_t> epoch_order(std::size_t count, std::uint64_t epoch,
                                                        const SamplerOptions& options) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), std::uint32_t{0});
  if (!options.shuffle) return order;
  // Fisher and Yates. A range of less than 2^32 takes the upper half of 64 bits, evenly to one part in 2^32.
  const RandomStream stream(options.seed, "epoch " + std::to_string(epoch));
  for (std::size_t left = count; left > 1; --left) {
    const std::uint64_t place = ((stream.bits(left) >> 32) * left) >> 32;
    std::swap(order[left - 1], order[place]);
  }
  return order;
}

PIX2PIXHD_INLINE Sampler::Sampler(std::size_t count, const SamplerOptions& options) : count_(count), options_(options) {
  detail::require(count >= 1 && count <= std::numeric_limits<std::uint32_t>::max(), "A sampler was asked for ", count,
                  " samples; 1 to ", std::numeric_limits<std::uint32_t>::max(), " are possible.");
}

PIX2PIXHD_INLINE SampleKey Sampler::next() {
  if (order_.empty()) order_ = epoch_order(count_, epoch_, options_);
  const SampleKey key{.seed = options_.seed, .epoch = epoch_, .index = order_[position_]};
  if (++position_ == count_) start(epoch_ + 1);
  return key;
}

PIX2PIXHD_INLINE void Sampler::start(std::uint64_t epoch) {
  epoch_ = epoch;
  position_ = 0;
  order_.clear();
}

PIX2PIXHD_INLINE std::string Sampler::state() const {
  return detail::sentence("sampler 1 samples ", count_, " seed ", options_.seed, " shuffle ", options_.shuffle ? 1 : 0,
                          " epoch ", epoch_, " position ", position_);
}

PIX2PIXHD_INLINE void Sampler::restore(const std::string& state) {
  Sampler other(*this);
  std::istringstream text(state);
  text.imbue(std::locale::classic());
  const auto number = [&](const std::string& expected, auto& value) {
    std::string word;
    text >> word >> value;
    detail::require(!text.fail() && word == expected, "The sampler's state \"", state.substr(0, 200),
                    "\" is damaged; go on from another checkpoint.");
  };
  int version = 0, shuffle = 0;
  number("sampler", version);
  number("samples", other.count_);
  number("seed", other.options_.seed);
  number("shuffle", shuffle);
  number("epoch", other.epoch_);
  number("position", other.position_);
  other.options_.shuffle = shuffle == 1;
  detail::require(version == 1 && other.state() == state && other.position_ < other.count_, "The sampler's state \"",
                  state.substr(0, 200), "\" is damaged or of another version; go on from another checkpoint.");
  detail::require(other.count_ == count_, "The checkpoint was trained on ", other.count_, " samples, the data has ",
                  count_, ". Resume with the same data; to train on other data, start anew from the weights.");
  detail::require(other.options_.seed == options_.seed && other.options_.shuffle == options_.shuffle,
                  "The checkpoint's samples were drawn ", other.options_.shuffle ? "at random" : "in order",
                  " with seed ", other.options_.seed, ", these are drawn ", options_.shuffle ? "at random" : "in order",
                  " with seed ", options_.seed, ". Resume with the same options.");
  other.order_.clear();
  *this = std::move(other);
}

}  // namespace pix2pixhd::inline v0
