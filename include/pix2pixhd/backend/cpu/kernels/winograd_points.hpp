#pragma once
/// The one-dimensional transforms of Winograd's convolutions. The matrices stand in winograd_points.inc.hpp, for six
/// points, and in winograd_four_points.inc.hpp.
///
/// F(m, r) computes m outputs of a filter of r taps, y[i] = sum over j of g[j] d[i + j], as
///
///   y = A^T [ (G g) * (B^T d) ],   * element by element,
///
/// with m + r - 1 multiplications (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015). Input d
/// and filter g are taken for polynomials, which are multiplied at so many points. B^T depends on the points alone; the
/// rows of A^T and the columns of G differ in number from one r to another. In two dimensions the transforms are
/// applied along columns, then along rows.
///
/// Where factors are float, or whole numbers of 16 bits, there are six points: 0, 3/4, -3/4, 3/2, -3/2 and infinity,
/// which rounds two to four times less than the usual 0, 1, -1, 2, -2 and infinity, with as many operations; so
/// F(5, 2), F(4, 3) and F(3, 4). Where they are bf16 there are four, 0, 1, -1 and infinity: F(3, 2) and F(2, 3). Larger
/// tiles have larger constants, which cost too much of bf16's eight bits: F(4x4, 3x3) triples the error. Numbers have
/// thirteen (winograd_fixed.hpp).

#include <pix2pixhd/backend/cpu/kernels/lanes.hpp>

#include <type_traits>

namespace pix2pixhd::inline v0::detail {

/// Side of the inputs that a tile reads, in either dimension, where factors are of this type: m + r - 1.
template <class Factor>
inline constexpr int winograd_side = std::is_same_v<Factor, Bf16> ? 4 : 6;
template <class Factor>
inline constexpr int winograd_points = winograd_side<Factor>* winograd_side<Factor>;

}  // namespace pix2pixhd::inline v0::detail

#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/winograd_points.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>

#define PIX2PIXHD_KERNEL_FOR_BF16_ONLY
#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/winograd_four_points.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>

#define PIX2PIXHD_KERNEL_FOR_BF16
#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/winograd_columns.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>
