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

// What one instruction loads or stores. Whatever eight values are read from is aligned so.
template <class T>
struct alignas(16) Vector {
  enum { size = 16 / sizeof(T) };
  T v[size];
};
template <class T, class ToFloat>
PIX2PIXHD_DEVICE Eight load_vectors(const T* p, const ToFloat& to_float) {
  Eight e;
  PIX2PIXHD_UNROLL for (int first = 0; first < 8; first += Vector<T>::size) {
    const Vector<T> part = *(const Vector<T>*)(p + first);
    PIX2PIXHD_UNROLL for (int k = 0; k < Vector<T>::size; ++k) e.v[first + k] = to_float(part.v[k]);
  }
  return e;
}
// Eight stored activations.
PIX2PIXHD_DEVICE Eight load8(const Value* p) {
  return load_vectors(p, [](Value x) { return value_to_float(x); });
}
PIX2PIXHD_DEVICE void store8(Value* p, const Eight& e) {
  PIX2PIXHD_UNROLL for (int first = 0; first < 8; first += Vector<Value>::size) {
    Vector<Value> part;
    PIX2PIXHD_UNROLL for (int k = 0; k < Vector<Value>::size; ++k) part.v[k] = float_to_value(e.v[first + k]);
    *(Vector<Value>*)(p + first) = part;
  }
}
// Eight parameters or statistics.
PIX2PIXHD_DEVICE Eight row8(const float* row) {
  return load_vectors(row, [](float x) { return x; });
}

)
// clang-format on
