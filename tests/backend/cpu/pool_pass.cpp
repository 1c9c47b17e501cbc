#include "backend/cpu/backends.hpp"

#include <cstring>

using namespace pix2pixhd_test;

namespace {

/// Numbers with many ties.
std::vector<double> coarse_numbers(std::size_t count, std::uint32_t seed) {
  std::vector<double> result = numbers(count, seed);
  for (double& value : result) value = std::round(value * 2);
  return result;
}

std::shared_ptr<Storage> bytes_of(Backend& backend, const void* bytes, std::size_t count) {
  auto storage = backend.allocate(count);
  backend.write_bytes(*storage, bytes, count);
  return storage;
}

std::vector<Shape> sides() {
  std::vector<Shape> result = awkward_shapes();
  result.insert(result.end(), {{1, 4, 1, 1}, {1, 17, 1, 5}, {2, 9, 40, 2}, {1, 3, 35, 36}});
  return result;
}

}  // namespace

TEST_CASE("poolings and their gradients at odd and even sides, with ties") {
  for (const Shape& in : sides())
    for (const Pooling pooling : {Pooling::average3, Pooling::max2}) {
      const Shape out{in.n, in.c, pooled_side(pooling, in.h), pooled_side(pooling, in.w)};
      if (out.h == 0 || out.w == 0) continue;
      CAPTURE(to_string(in));
      CAPTURE(pooling == Pooling::max2);
      compare(1e-6, [&](Backend& backend) {
        const Tensor x = upload(backend, in, coarse_numbers(in.count(), 1));
        const Tensor dy = upload(backend, out, numbers(out.count(), 2));
        Tensor y = poisoned(backend, out), dx = poisoned(backend, in);
        backend.pool(x, pooling, y);
        backend.pool_backward(dy, pooling == Pooling::max2 ? x : Tensor(), pooling, dx);
        Results results;
        results.take(backend, y);
        results.take(backend, dx);
        return results;
      });
    }
}

TEST_CASE("instance means, with one instance, few, and one a pixel") {
  for (const Shape& shape : sides())
    for (const int instances : {1, 5, 100000}) {
      std::vector<std::int32_t> indices(static_cast<std::size_t>(shape.n) * shape.pixels());
      std::vector<int> counts;
      for (int n = 0; n < shape.n; ++n) {
        const int count = std::min(instances + n, static_cast<int>(shape.pixels()));
        counts.push_back(count);
        for (std::size_t i = 0; i < shape.pixels(); ++i)
          indices[static_cast<std::size_t>(n) * shape.pixels() + i] =
              static_cast<std::int32_t>((i / 3 * 7 + i) % static_cast<std::size_t>(count));
      }
      CAPTURE(to_string(shape));
      CAPTURE(instances);
      compare(1e-6, [&](Backend& backend) {
        const Tensor x = upload(backend, shape, numbers(shape.count(), 1));
        const InstanceMap map(bytes_of(backend, indices.data(), indices.size() * sizeof(std::int32_t)), shape, counts);
        Tensor y = poisoned(backend, shape);
        backend.instance_mean(x, map, y);
        Results results;
        results.take(backend, y);
        return results;
      });
    }
}

TEST_CASE("extend by repeated reflection, and cut off") {
  for (const Shape& from : sides())
    for (const auto& [height, width] : {std::pair{48, 32}, std::pair{1, 1}, std::pair{300, 300}}) {
      const Shape to{from.n, from.c, height, width};
      CAPTURE(to_string(from));
      CAPTURE(to_string(to));
      compare(0, [&](Backend& backend) {
        const Tensor x = upload(backend, from, numbers(from.count(), 1));
        Tensor y = poisoned(backend, to);
        backend.extend(x, y);
        Results results;
        results.take(backend, y);
        std::vector<std::uint8_t> bytes(static_cast<std::size_t>(from.n) * from.pixels());
        for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 7);
        const auto plane = bytes_of(backend, bytes.data(), bytes.size());
        const auto extended = backend.allocate(static_cast<std::size_t>(to.n) * to.pixels());
        backend.extend_plane(*plane, from, *extended, to);
        std::vector<std::uint8_t> result(static_cast<std::size_t>(to.n) * to.pixels());
        backend.read_bytes(*extended, result.data(), result.size());
        results.arrays.emplace_back(result.begin(), result.end());
        return results;
      });
    }
}
