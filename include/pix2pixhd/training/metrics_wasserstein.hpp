#pragma once
/// How alike the textures of two sets of pictures are, level of detail by level.

#include <pix2pixhd/training/metrics.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace pix2pixhd::inline v0 {

/// The Laplacian pyramid of pictures: what each level has beyond the next coarser one, finest first, and last what is
/// left. Halving: the binomial kernel 1 4 6 4 1 both ways, mirrored at the borders without repeating them, then every
/// second pixel; doubling is its transpose. An odd side is halved upwards.
/// Error unless the coarsest level has sides of at least 7.
std::vector<PictureArray> laplacian_pyramid(const PictureArray& pictures, std::size_t levels);

/// Levels down to a smallest side of 16 pixels, as Karras et al. take them; at least 1.
std::size_t pyramid_levels(std::size_t width, std::size_t height);

/// How many patches are compared, and along how many directions.
struct SlicedWassersteinOptions {
  std::size_t levels = 0;         ///< 0: pyramid_levels() of the first pictures
  std::size_t patches = 128;      ///< of each picture and level
  std::size_t projections = 512;  ///< random directions, of each level
  std::uint64_t seed = 0;         ///< of places and directions
};

/// The sliced Wasserstein distance (Karras, Aila, Laine, Lehtinen, "Progressive growing of GANs", ICLR 2018, section
/// 5): patches of 7 x 7 from random places of each level of the Laplacian pyramid are descriptors; they are normalised,
/// channel by channel, by mean and deviation of the real set's; the distance is the mean over random directions of
/// the mean absolute difference of the sorted projections.
///
/// As the sets show the same scenes, patches are taken from the same places in both: equal sets have distance 0.
/// Memory: 2 sets x pictures x levels x patches x 49 x channels floats.
class SlicedWasserstein {
 public:
  explicit SlicedWasserstein(const SlicedWassersteinOptions& options = {});

  /// Adds pictures to both sets. Errors: those of check_pictures(); pictures too small for the levels, or of another
  /// number of channels than before.
  void add(const PictureArray& synthesised, const PictureArray& real);

  std::size_t pictures() const { return pictures_; }
  /// The distance at each level, finest first. Error before anything was added.
  std::vector<double> distances() const;

 private:
  /// Descriptors of one level, one after the other.
  struct Level {
    std::vector<float> synthesised = {};
    std::vector<float> real = {};
  };

  SlicedWassersteinOptions options_;
  std::size_t channels_ = 0;
  std::size_t pictures_ = 0;
  std::vector<Level> levels_;
};

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/training/metrics_wasserstein-inl.hpp>
#endif
