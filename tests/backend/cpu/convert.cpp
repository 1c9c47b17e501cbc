#include "backend/cpu/backends.hpp"

using namespace pix2pixhd_test;

TEST_CASE("tensors come back as they were written, as f32 and as f64, in their layout") {
  for (const Shape& shape : awkward_shapes()) {
    CAPTURE(to_string(shape));
    const auto backend = cpu_backend(Isa::baseline, 2);
    const std::vector<double> values = numbers(shape.count(), 1);
    const Tensor x = upload(*backend, shape, values);
    CHECK(x.format().block == (shape.c >= 8 ? 16 : 1));
    CHECK(download(*backend, x) == values);
    CHECK(filled_with_zeros(x));
    const int block = x.format().block;
    for (int n = 0; n < shape.n; ++n)
      for (int c = 0; c < shape.c; ++c) {
        const int stored = x.format().stored_channels(shape.c);
        const std::size_t last = shape.pixels() - 1;
        const std::size_t at = static_cast<std::size_t>((n * stored + c) / block) * shape.pixels();
        CHECK(
            static_cast<double>(
                x.data<float>()[(at + last) * static_cast<std::size_t>(block) + static_cast<std::size_t>(c % block)]) ==
            values[static_cast<std::size_t>(n * shape.c + c) * shape.pixels() + last]);
      }

    std::vector<float> floats(values.begin(), values.end()), back(values.size());
    Tensor y = poisoned(*backend, shape);
    backend->write(y, floats.data(), DataType::f32);
    backend->read(y, back.data(), DataType::f32);
    CHECK(back == floats);
    CHECK(filled_with_zeros(y));
  }
}

TEST_CASE("bytes come back as they were written") {
  const auto backend = cpu_backend(Isa::baseline, 1);
  const std::vector<std::uint8_t> bytes{1, 2, 3, 255, 0, 7};
  const auto storage = backend->allocate(bytes.size());
  backend->write_bytes(*storage, bytes.data(), bytes.size());
  std::vector<std::uint8_t> back(bytes.size());
  backend->read_bytes(*storage, back.data(), back.size());
  CHECK(back == bytes);
}
