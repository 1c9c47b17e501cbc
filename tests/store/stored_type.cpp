#include <pix2pixhd/store/stored_type.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

using namespace pix2pixhd;

namespace {

float half_to_float(std::uint16_t bits, StoredType type) {
  std::array<float, 1> value{};
  detail::decode(type, std::as_bytes(std::span(&bits, 1)), std::span<float>(value));
  return value[0];
}

std::uint16_t float_to_half(float value, StoredType type) {
  std::uint16_t bits = 0;
  detail::encode(type, std::span(&value, 1), std::as_writable_bytes(std::span(&bits, 1)));
  return bits;
}

}  // namespace

TEST_CASE("every half and bfloat16 survives the way to float and back") {
  for (const StoredType type : {StoredType::f16, StoredType::bf16}) {
    int changed = 0;
    for (std::uint32_t bits = 0; bits <= 0xffff; ++bits) {
      const auto half = static_cast<std::uint16_t>(bits);
      const float value = half_to_float(half, type);
      if (!std::isnan(value) && float_to_half(value, type) != half) ++changed;
    }
    CHECK(changed == 0);
  }
}

TEST_CASE("halves have their IEEE values and round to nearest even") {
  CHECK(half_to_float(0x3c00, StoredType::f16) == 1.0F);
  CHECK(half_to_float(0x0001, StoredType::f16) == std::ldexp(1.0F, -24));
  CHECK(half_to_float(0xfbff, StoredType::f16) == -65504.0F);
  CHECK(half_to_float(0x7c00, StoredType::f16) == std::numeric_limits<float>::infinity());
  CHECK(half_to_float(0x3f80, StoredType::bf16) == 1.0F);
  CHECK(float_to_half(1.0F + std::ldexp(1.0F, -11), StoredType::f16) == 0x3c00);
  CHECK(float_to_half(1.0F + 3 * std::ldexp(1.0F, -11), StoredType::f16) == 0x3c02);
  CHECK(float_to_half(1.0F + std::ldexp(1.0F, -8), StoredType::bf16) == 0x3f80);
  CHECK(float_to_half(1.0F + 3 * std::ldexp(1.0F, -8), StoredType::bf16) == 0x3f82);
}

TEST_CASE("elements need not be aligned") {
  const std::array<double, 3> numbers{1.5, -2.25, 1e300};
  std::array<std::byte, 25> shifted{};
  std::memcpy(shifted.data() + 1, numbers.data(), 24);
  std::array<double, 3> read{};
  detail::decode(StoredType::f64, std::span(shifted).subspan(1), std::span<double>(read));
  CHECK(read == numbers);
  CHECK_THROWS_AS(detail::decode(StoredType::f64, std::span(shifted), std::span<double>(read)), Error);
}

TEST_CASE("counts do not overflow") {
  using Shape = std::vector<std::int64_t>;
  constexpr std::int64_t huge = std::int64_t{1} << 60;
  CHECK(detail::element_count(Shape{}) == 1U);
  CHECK(detail::element_count(Shape{2, 3, 4}) == 24U);
  CHECK(detail::element_count(Shape{2, 0, 4}) == 0U);
  CHECK_FALSE(detail::element_count(Shape{-1}).has_value());
  CHECK_FALSE(detail::element_count(Shape{huge}).has_value());
  CHECK_FALSE(detail::element_count(Shape{huge, 0}).has_value());
  CHECK_FALSE(detail::element_count(Shape{1 << 30, 1 << 30, 1 << 30}).has_value());
  CHECK_FALSE(detail::element_count(Shape{std::int64_t{1} << 32, std::int64_t{1} << 32}).has_value());
}
