#pragma once

#include <pix2pixhd/backend/cpu/isa.hpp>

#include <vector>

/// A picture by a small generator, on the CPU backend with the instruction set given: the same function, compiled with
/// different flags.
std::vector<float> picture_from_plain_unit(pix2pixhd::Isa isa);
std::vector<float> picture_from_fast_unit(pix2pixhd::Isa isa);
