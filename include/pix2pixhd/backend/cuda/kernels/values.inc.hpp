// How activations are stored: PIX2PIXHD_VALUE_TEXT(name, text) once for each type. Eight values are read or written at
// once; rounded() is what a value is after it was stored.
// clang-format off
PIX2PIXHD_VALUE_TEXT(f32,

typedef float Value;
struct alignas(16) Four { float v[4]; };
struct Eight { float v[8]; };

PIX2PIXHD_DEVICE float value_to_float(Value x) { return x; }
PIX2PIXHD_DEVICE Value float_to_value(float x) { return x; }
PIX2PIXHD_DEVICE Eight load8(const Value* p) {
  const Four a = ((const Four*)p)[0];
  const Four b = ((const Four*)p)[1];
  Eight e;
  for (int i = 0; i < 4; ++i) e.v[i] = a.v[i];
  for (int i = 0; i < 4; ++i) e.v[4 + i] = b.v[i];
  return e;
}
PIX2PIXHD_DEVICE void store8(Value* p, const Eight& e) {
  Four a;
  Four b;
  for (int i = 0; i < 4; ++i) a.v[i] = e.v[i];
  for (int i = 0; i < 4; ++i) b.v[i] = e.v[4 + i];
  ((Four*)p)[0] = a;
  ((Four*)p)[1] = b;
}

)
PIX2PIXHD_VALUE_TEXT(bf16,

typedef unsigned short Value;
struct alignas(16) Bits8 { unsigned short v[8]; };
struct Eight { float v[8]; };

PIX2PIXHD_DEVICE float value_to_float(Value x) { return float_of_bits((unsigned)x << 16); }
// To the nearest, ties to even; a NaN stays one.
PIX2PIXHD_DEVICE Value float_to_value(float x) {
  const unsigned bits = bits_of_float(x);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return (Value)((bits >> 16) | 0x40u);
  return (Value)((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}
PIX2PIXHD_DEVICE Eight load8(const Value* p) {
  const Bits8 a = *(const Bits8*)p;
  Eight e;
  for (int i = 0; i < 8; ++i) e.v[i] = value_to_float(a.v[i]);
  return e;
}
PIX2PIXHD_DEVICE void store8(Value* p, const Eight& e) {
  Bits8 a;
  for (int i = 0; i < 8; ++i) a.v[i] = float_to_value(e.v[i]);
  *(Bits8*)p = a;
}

)
PIX2PIXHD_VALUE_TEXT(f16,

typedef unsigned short Value;
struct alignas(16) Bits8 { unsigned short v[8]; };
struct Eight { float v[8]; };

PIX2PIXHD_DEVICE float value_to_float(Value x) { return float_of_half(x); }
PIX2PIXHD_DEVICE Value float_to_value(float x) { return half_of_float(x); }
PIX2PIXHD_DEVICE Eight load8(const Value* p) {
  const Bits8 a = *(const Bits8*)p;
  Eight e;
  for (int i = 0; i < 8; ++i) e.v[i] = value_to_float(a.v[i]);
  return e;
}
PIX2PIXHD_DEVICE void store8(Value* p, const Eight& e) {
  Bits8 a;
  for (int i = 0; i < 8; ++i) a.v[i] = float_to_value(e.v[i]);
  *(Bits8*)p = a;
}

)
// clang-format on
