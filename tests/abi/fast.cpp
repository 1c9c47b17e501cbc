#include "make_picture.hpp"

std::vector<float> picture_from_fast_unit(pix2pixhd::Isa isa) { return make_picture<1>(isa); }
