#pragma once
/// The one-dimensional transforms of Winograd's convolutions on six points. The matrices stand in
/// winograd_points.inc.hpp.
///
/// F(m, r) computes m outputs of a filter of r taps, y[i] = sum over j of g[j] d[i + j], as
///
///   y = A^T [ (G g) * (B^T d) ],   * element by element,
///
/// with m + r - 1 multiplications (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015). Input d
/// and filter g are taken for polynomials, which are multiplied at so many points. Here these are always six: 0, 3/4,
/// -3/4, 3/2, -3/2 and infinity, which rounds two to four times less than the usual 0, 1, -1, 2, -2 and infinity, with
/// as many operations. So B^T is the same for F(5, 2), F(4, 3), F(3, 4) and F(2, 5), and only the rows of A^T and the
/// columns of G differ in number. In two dimensions the transforms are applied along columns, then along rows.

#include <pix2pixhd/backend/cpu/kernels/lanes.hpp>

namespace pix2pixhd::inline v0::detail {

inline constexpr int winograd_side = 6;  ///< of the inputs that a tile reads, in either dimension: m + r - 1
inline constexpr int winograd_points = winograd_side * winograd_side;

}  // namespace pix2pixhd::inline v0::detail

#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/winograd_points.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>
