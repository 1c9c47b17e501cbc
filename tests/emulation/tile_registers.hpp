#pragma once
/// The tile registers of AMX in memory, as Intel's manual describes them (Intel 64 and IA-32 Architectures Software
/// Developer's Manual, volume 1, chapter 18): the kernels that use them are tested on machines without AMX.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>

namespace emulation {

/// What the processor answers with a fault.
inline void require(bool allowed, const char* rule) {
  if (!allowed) throw std::logic_error(std::string("tile registers: ") + rule);
}

struct Tile {
  int rows = 0, row_bytes = 0;
  std::array<std::array<unsigned char, 64>, 16> bytes{};

  template <class T>
  std::array<T, 64 / sizeof(T)> row(int i) const {
    std::array<T, 64 / sizeof(T)> values;
    std::memcpy(values.data(), bytes[static_cast<std::size_t>(i)].data(), 64);
    return values;
  }
};

/// Those of one thread.
struct TileRegisters {
  static inline thread_local std::array<Tile, 8> registers;
  static inline thread_local bool configured = false;

  /// LDTILECFG: the palette, the row to start at, 14 bytes that are zero; bytes of a row of the 8 registers, 2 bytes
  /// each, and room for 8 more; rows, 1 byte each, and room for 8 more.
  template <class Configuration>
  static void configure(const Configuration& configuration) {
    std::array<unsigned char, 64> bytes;
    static_assert(sizeof configuration == sizeof bytes);
    std::memcpy(bytes.data(), &configuration, bytes.size());
    require(bytes[0] == 1, "the palette is not 1");
    for (std::size_t i = 1; i < 16; ++i) require(bytes[i] == 0, "a reserved byte is not zero");
    for (std::size_t i = 0; i < 16; ++i) {
      const int row_bytes = bytes[16 + 2 * i] + 256 * bytes[17 + 2 * i], rows = bytes[48 + i];
      require((row_bytes == 0) == (rows == 0), "rows without bytes, or bytes without rows");
      require(row_bytes <= 64 && row_bytes % 4 == 0 && rows <= 16, "a tile is larger than 16 rows of 64 bytes");
      require(rows == 0 || i < 8, "there are 8 of them");
      if (i < 8) registers[i] = {.rows = rows, .row_bytes = row_bytes};
    }
    configured = true;
  }
  static void release() { configured = false; }

  template <int I>
  static void clear() {
    tile<I>().bytes = {};
  }
  template <int I>
  static void load(const void* from, std::ptrdiff_t stride) {
    Tile& to = tile<I>();
    to.bytes = {};
    for (int row = 0; row < to.rows; ++row)
      std::memcpy(to.bytes[static_cast<std::size_t>(row)].data(), static_cast<const char*>(from) + row * stride,
                  static_cast<std::size_t>(to.row_bytes));
  }
  template <int I>
  static void store(void* to, std::ptrdiff_t stride) {
    const Tile& from = tile<I>();
    for (int row = 0; row < from.rows; ++row)
      std::memcpy(static_cast<char*>(to) + row * stride, from.bytes[static_cast<std::size_t>(row)].data(),
                  static_cast<std::size_t>(from.row_bytes));
  }
  /// TDPBF16PS: sums[m][n] += over k of sources[m][2k] weights[k][2n], then sources[m][2k + 1] weights[k][2n + 1].
  template <int Sums, int Sources, int Weights>
  static void multiply_add() {
    Tile& sums = tile<Sums>();
    const Tile &sources = tile<Sources>(), &weights = tile<Weights>();
    require(sums.rows == sources.rows, "sums and sources differ in rows");
    require(sums.row_bytes == weights.row_bytes, "sums and weights differ in columns");
    require(sources.row_bytes == 4 * weights.rows, "sources have other columns than weights have rows");
    for (int m = 0; m < sums.rows; ++m) {
      auto sum = sums.row<float>(m);
      const auto source = sources.row<std::uint32_t>(m);
      for (int k = 0; k < weights.rows; ++k) {
        const auto weight = weights.row<std::uint32_t>(k);
        const std::uint32_t pair = source[static_cast<std::size_t>(k)];
        for (std::size_t n = 0; n < sum.size(); ++n) {
          sum[n] += first(pair) * first(weight[n]);
          sum[n] += second(pair) * second(weight[n]);
        }
      }
      std::memcpy(sums.bytes[static_cast<std::size_t>(m)].data(), sum.data(), static_cast<std::size_t>(sums.row_bytes));
    }
  }

 private:
  template <int I>
  static Tile& tile() {
    static_assert(I >= 0 && I < 8);
    require(configured, "used before they are configured");
    return registers[I];
  }
  /// The two bf16 of a pair. Their products are exact in float.
  static float first(std::uint32_t pair) { return as_float(pair << 16); }
  static float second(std::uint32_t pair) { return as_float(pair & 0xffff0000u); }
  static float as_float(std::uint32_t bits) {
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  }
};

}  // namespace emulation
