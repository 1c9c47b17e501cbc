// How activations are stored: PIX2PIXHD_VALUE_TEXT(name, text) once for each type.
// clang-format off
PIX2PIXHD_VALUE_TEXT(f32,

typedef float Value;

PIX2PIXHD_DEVICE float value_to_float(Value x) { return x; }
PIX2PIXHD_DEVICE Value float_to_value(float x) { return x; }

// Values as they lie in words of memory, and the i-th of a word.
enum { values_of_word = 1 };
PIX2PIXHD_DEVICE float value_of_word(unsigned word, int) { return float_of_bits(word); }

)
PIX2PIXHD_VALUE_TEXT(bf16,

typedef unsigned short Value;

PIX2PIXHD_DEVICE float value_to_float(Value x) { return float_of_bits((unsigned)x << 16); }
PIX2PIXHD_DEVICE Value float_to_value(float x) { return bf16_of_float(x); }

enum { values_of_word = 2 };
PIX2PIXHD_DEVICE float value_of_word(unsigned word, int i) {
  return float_of_bits(i == 0 ? word << 16 : word & 0xffff0000u);
}

)
PIX2PIXHD_VALUE_TEXT(f16,

typedef unsigned short Value;

PIX2PIXHD_DEVICE float value_to_float(Value x) { return float_of_half(x); }
PIX2PIXHD_DEVICE Value float_to_value(float x) { return half_of_float(x); }

enum { values_of_word = 2 };
PIX2PIXHD_DEVICE float value_of_word(unsigned word, int i) {
  return float_of_half((unsigned short)(i == 0 ? word & 0xffffu : word >> 16));
}

)
// clang-format on
