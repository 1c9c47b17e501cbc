// The kernels on values of type f16.
#include "shim.hpp"

#define PIX2PIXHD_CHOSEN_f32(...)
#define PIX2PIXHD_CHOSEN_bf16(...)
#define PIX2PIXHD_CHOSEN_f16(...) __VA_ARGS__

namespace stand_in::kernels_f16 {
#include "kernels.inc.hpp"
}  // namespace stand_in::kernels_f16
