// How activations are stored: PIX2PIXHD_VALUE_TEXT(name, text) once for each type.
// clang-format off
PIX2PIXHD_VALUE_TEXT(f32,

typedef float Value;

PIX2PIXHD_DEVICE float value_to_float(Value x) { return x; }
PIX2PIXHD_DEVICE Value float_to_value(float x) { return x; }

)
PIX2PIXHD_VALUE_TEXT(bf16,

typedef unsigned short Value;

PIX2PIXHD_DEVICE float value_to_float(Value x) { return float_of_bits((unsigned)x << 16); }
// To the nearest, ties to even; a NaN stays one.
PIX2PIXHD_DEVICE Value float_to_value(float x) {
  const unsigned bits = bits_of_float(x);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return (Value)((bits >> 16) | 0x40u);
  return (Value)((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

)
PIX2PIXHD_VALUE_TEXT(f16,

typedef unsigned short Value;

PIX2PIXHD_DEVICE float value_to_float(Value x) { return float_of_half(x); }
PIX2PIXHD_DEVICE Value float_to_value(float x) { return half_of_float(x); }

)
// clang-format on
