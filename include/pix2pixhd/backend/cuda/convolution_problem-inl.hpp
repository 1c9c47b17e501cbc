#pragma once
/// A problem in words.

#include <pix2pixhd/backend/cuda/convolution_problem.hpp>
#include <pix2pixhd/backend/cuda/value_type.hpp>
#include <pix2pixhd/core/error.hpp>

namespace pix2pixhd::inline v0::backend_cuda {

PIX2PIXHD_INLINE std::string ConvolutionProblem::text() const {
  const char* names[] = {"the forward pass", "the data gradient", "the weight gradient"};
  return detail::sentence(names[static_cast<int>(pass)], " of a ", kernel, "x", filter().w, " convolution, stride ",
                          stride, ", padding ", padding, ", from ", to_string(x()), " to ", to_string(y()), " in ",
                          type_name(type));
}

}  // namespace pix2pixhd::inline v0::backend_cuda
