/// Two units of one program, one compiled for AVX2 with -ffast-math, one plainly, must give the same picture on every
/// instruction set, but for the rounding that fast mathematics changes in what is not a kernel (initial weights,
/// the last step of statistics).

#include "picture.hpp"

#include <cmath>
#include <cstdio>

int main() {
  for (const pix2pixhd::Isa isa : pix2pixhd::available_isas()) {
    const std::vector<float> plain = picture_from_plain_unit(isa), fast = picture_from_fast_unit(isa);
    bool same = plain.size() == fast.size();
    for (std::size_t i = 0; same && i < plain.size(); ++i) same = std::abs(plain[i] - fast[i]) < 1e-4f;
    if (!same) {
      std::printf("the pictures differ on %s\n", pix2pixhd::to_string(isa));
      return 1;
    }
  }
  std::puts("both units give the same pictures");
}
