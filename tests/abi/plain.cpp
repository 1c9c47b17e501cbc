#include "make_picture.hpp"

std::vector<float> picture_from_plain_unit(pix2pixhd::Isa isa) { return make_picture<0>(isa); }
