// The kernels on values of type bf16.
#include "shim.hpp"

#define PIX2PIXHD_CHOSEN_f32(...)
#define PIX2PIXHD_CHOSEN_bf16(...) __VA_ARGS__
#define PIX2PIXHD_CHOSEN_f16(...)

namespace stand_in::kernels_bf16 {
#include "kernels.inc.hpp"
}  // namespace stand_in::kernels_bf16
