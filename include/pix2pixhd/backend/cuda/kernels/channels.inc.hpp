// Eight channels of a pixel at once: what a thread loads, works on and stores.
// clang-format off
PIX2PIXHD_KERNEL_TEXT(

struct Eight { float v[8]; };
PIX2PIXHD_DEVICE Eight zeros8() {
  Eight e;
  for (int k = 0; k < 8; ++k) e.v[k] = 0.0f;
  return e;
}
PIX2PIXHD_DEVICE void add8(Eight& sum, const Eight& e) {
  for (int k = 0; k < 8; ++k) sum.v[k] += e.v[k];
}
PIX2PIXHD_DEVICE void subtract8(Eight& sum, const Eight& e) {
  for (int k = 0; k < 8; ++k) sum.v[k] -= e.v[k];
}

// What one instruction loads or stores. Whatever eight values are read from is aligned so.
template <class T>
struct alignas(16) Vector {
  enum { size = 16 / sizeof(T) };
  T v[size];
};
// Eight stored activations, as words of memory: what is held in this form takes few registers.
struct Packed8 {
  enum { vectors = 2 / values_of_word };
  Vector<unsigned> part[vectors];
};
PIX2PIXHD_DEVICE Packed8 load_packed8(const Value* p) {
  Packed8 r;
  PIX2PIXHD_UNROLL for (int i = 0; i < Packed8::vectors; ++i) r.part[i] = ((const Vector<unsigned>*)p)[i];
  return r;
}
PIX2PIXHD_DEVICE Eight unpack8(const Packed8& packed) {
  Eight e;
  PIX2PIXHD_UNROLL for (int k = 0; k < 8; ++k) {
    const int word = k / values_of_word;
    e.v[k] = value_of_word(packed.part[word / 4].v[word % 4], k % values_of_word);
  }
  return e;
}
PIX2PIXHD_DEVICE Eight load8(const Value* p) { return unpack8(load_packed8(p)); }
PIX2PIXHD_DEVICE void store8(Value* p, const Eight& e) {
  PIX2PIXHD_UNROLL for (int first = 0; first < 8; first += Vector<Value>::size) {
    Vector<Value> part;
    PIX2PIXHD_UNROLL for (int k = 0; k < Vector<Value>::size; ++k) part.v[k] = float_to_value(e.v[first + k]);
    *(Vector<Value>*)(p + first) = part;
  }
}
// Eight parameters or statistics.
PIX2PIXHD_DEVICE Eight row8(const float* row) {
  const Vector<float> a = ((const Vector<float>*)row)[0];
  const Vector<float> b = ((const Vector<float>*)row)[1];
  Eight e;
  for (int k = 0; k < 4; ++k) e.v[k] = a.v[k];
  for (int k = 0; k < 4; ++k) e.v[4 + k] = b.v[k];
  return e;
}

)
// clang-format on
