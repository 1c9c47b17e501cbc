// The kernels on values of type f32.
#include "shim.hpp"

#define PIX2PIXHD_CHOSEN_f32(...) __VA_ARGS__
#define PIX2PIXHD_CHOSEN_bf16(...)
#define PIX2PIXHD_CHOSEN_f16(...)

namespace stand_in::kernels_f32 {
#include "kernels.inc.hpp"
}  // namespace stand_in::kernels_f32
