#pragma once
/// Convolutions as plain loops.

#include <cstdint>

namespace stand_in {

struct ConvolutionSizes {
  std::int64_t n, in, h, w, out, out_h, out_w, kernel_h, kernel_w, padding, stride;
};

/// Which operand is computed from the other two.
enum class Result { y, x, filter };

/// type: cuDNN's number, 0 f32, 2 f16, 9 bf16. x and y are N, H, W, C, the filter out, row, column, in.
void convolve(Result result, int type, const ConvolutionSizes& sizes, void* x, void* filter, void* y);

}  // namespace stand_in
