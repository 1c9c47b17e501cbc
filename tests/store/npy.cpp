#include <pix2pixhd/store/npy.hpp>

#include <doctest/doctest.h>

#include <cstring>
#include <span>

#include "store_testing.hpp"

using namespace store_testing;
using pix2pixhd::npy_array;
using pix2pixhd::read_npy;
using pix2pixhd::write_npy;

namespace {

std::string npy(const std::string& literal, const std::string& data, char version = 1) {
  std::string bytes("\x93NUMPY", 6);
  bytes += version;
  bytes += '\0';
  bytes += static_cast<char>(literal.size() & 0xffU);
  bytes += static_cast<char>(literal.size() >> 8U);
  if (version > 1) bytes.append(2, '\0');
  return bytes + literal + data;
}

template <class T>
std::string bytes_of(const std::vector<T>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(T)};
}

}  // namespace

TEST_CASE("arrays survive writing and reading") {
  const TemporaryFolder folder;
  xt::xtensor<float, 4> picture(std::array<std::size_t, 4>{1, 3, 2, 5});
  for (std::size_t i = 0; i < picture.size(); ++i) picture.data()[i] = static_cast<float>(i) / 8 - 1;
  write_npy(folder / "f", picture);
  CHECK(read_npy<float, 4>(folder / "f") == picture);
  CHECK(read_npy<double, 4>(folder / "f")(0, 2, 1, 4) == 29.0 / 8 - 1);
  const std::string bytes = slurp(folder / "f");
  CHECK(contains(bytes, "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3, 2, 5), }"));
  CHECK((bytes.size() - 30 * 4) % 64 == 0);

  const xt::xtensor<std::uint8_t, 2> labels{{0, 1, 255}, {3, 4, 5}};
  write_npy(folder / "l", labels);
  CHECK(read_npy<std::uint8_t, 2>(folder / "l") == labels);
  CHECK(read_npy<std::int32_t, 2>(folder / "l")(0, 2) == 255);
  const xt::xtensor<std::int64_t, 1> ids{1, -1, std::int64_t{1} << 60};
  write_npy(folder / "i", ids);
  CHECK(read_npy<std::int64_t, 1>(folder / "i") == ids);
  CHECK(contains(slurp(folder / "i"), "(3, )"));
  const xt::xtensor<float, 2> nothing(std::array<std::size_t, 2>{0, 7});
  write_npy(folder / "n", nothing);
  CHECK(read_npy<float, 2>(folder / "n").shape()[1] == 7);
}

TEST_CASE("all versions, orders and types are read") {
  const TemporaryFolder folder;
  const std::string data = bytes_of<float>({0, 1, 2, 3, 4, 5});
  for (const char version : {char{1}, char{2}, char{3}}) {
    spill(folder / "v", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }  \n", data, version));
    CHECK(read_npy<float, 2>(folder / "v")(1, 0) == 3);
  }
  spill(folder / "v", npy("{\"shape\":(2,3),\"fortran_order\":True,\"descr\":\"<f4\"}", data));
  CHECK(read_npy<float, 2>(folder / "v") == xt::xtensor<float, 2>{{0, 2, 4}, {1, 3, 5}});
  const auto second = [&](const char* type, const std::string& bytes) {
    spill(folder / "t", npy(std::string("{'descr': '") + type + "', 'fortran_order': False, 'shape': (2,), }", bytes));
    return read_npy<double, 1>(folder / "t")(1);
  };
  CHECK(second("<f8", bytes_of<double>({1, 1e300})) == 1e300);
  CHECK(second("<f2", std::string("\x00\x3c\x00\xc0", 4)) == -2);
  CHECK(second("|u1", "\x01\xff") == 255);
  CHECK(second("<i1", "\x01\xff") == -1);
  CHECK(second("|b1", "\x01\x02") == 1);
  CHECK(second("<u2", bytes_of<std::uint16_t>({1, 65535})) == 65535);
  CHECK(second("<i2", bytes_of<std::int16_t>({1, -2})) == -2);
  CHECK(second("<u4", bytes_of<std::uint32_t>({1, 4000000000U})) == 4e9);
  CHECK(second("<i4", bytes_of<std::int32_t>({1, -2})) == -2);
  CHECK(second("<u8", bytes_of<std::uint64_t>({1, std::uint64_t{1} << 63})) == 0x1p63);
  CHECK(second("<i8", bytes_of<std::int64_t>({1, -2})) == -2);
}

TEST_CASE("the bytes of a file that is not there any more are an array all the same") {
  const std::string file =
      npy("{'descr': '<i4', 'fortran_order': True, 'shape': (2, 3), }\n", bytes_of<std::int32_t>({0, 1, 2, 3, 4, 5}));
  const auto bytes = std::as_bytes(std::span(file));
  CHECK(npy_array<float, 2>(bytes, "gone.npy") == xt::xtensor<float, 2>{{0, 2, 4}, {1, 3, 5}});
  CHECK(npy_array<std::uint8_t, 2>(bytes, "gone.npy") == xt::xtensor<std::uint8_t, 2>{{0, 2, 4}, {1, 3, 5}});
  const std::string error = error_of([&] { npy_array<float, 2>(bytes.first(bytes.size() - 1), "gone.npy"); });
  CHECK(contains(error, "gone.npy"));
  CHECK(contains(error, "23 follow"));
}

TEST_CASE("damaged and unfitting files are refused") {
  const TemporaryFolder folder;
  const auto message = [&](const std::string& bytes) {
    spill(folder / "file", bytes);
    const std::string text = error_of([&] { read_npy<float, 2>(folder / "file"); });
    CHECK(contains(text, (folder / "file").string()));
    return text;
  };
  const std::string data(24, '\0');
  const auto header = [](const std::string& type, const std::string& shape) {
    return "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
  };
  CHECK(contains(message(""), "not an .npy file"));
  CHECK(contains(message("\x93NUMPX\x01"), "not an .npy file"));
  CHECK(contains(message(npy(header("<f4", "(2, 3)"), data, 9)), "version 9"));
  CHECK(contains(message(npy(header("<f4", "(2, 3)"), data + "x")), "25 follow"));
  CHECK(contains(message(npy(header("<f4", "(2, 3)"), data.substr(1))), "23 follow"));
  CHECK(contains(message(npy(header("<f4", "(2, 3)"), data).substr(0, 20)), "truncated"));
  CHECK(contains(message(npy(header(">f4", "(2, 3)"), data)), "not supported"));
  CHECK(contains(message(npy(header("|O", "(2, 3)"), data)), "not supported"));
  CHECK(contains(message(npy(header("<c8", "(1, 3)"), data)), "not supported"));
  CHECK(contains(message(npy(header("<f4", "(6,)"), data)), "1 dimensions where 2"));
  CHECK(contains(message(npy(header("<f4", "(-2, 3)"), data)), "damaged"));
  CHECK(contains(message(npy(header("<f4", "(99999999999999999999, 3)"), data)), "damaged"));
  CHECK(contains(message(npy(header("<f4", "(1152921504606846976, 16)"), data)), "more elements"));
  CHECK(contains(message(npy(header("<f4", "(4294967296, 4294967296)"), data)), "more elements"));
  CHECK(contains(message(npy(header("<f4", "(1073741824, 1073741824)"), data)), "more elements"));
  CHECK(contains(message(npy(header("<f4", "(2 3)"), data)), "damaged"));
  CHECK(contains(message(npy("{'descr': '<f4', 'shape': (2, 3), }", data)), "damaged"));
  CHECK(contains(message(npy("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", data)),
                 "damaged"));
  CHECK(contains(message(npy(header("<f4", "(2, 3)") + "x", data)), "damaged"));
  CHECK(
      contains(message(npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 3), }", data)), "damaged"));
  spill(folder / "file", npy(header("<i4", "(3, 2)"), bytes_of<std::int32_t>({0, 1, 2, 3, 256, 5})));
  const std::string outside = error_of([&] { read_npy<std::uint8_t, 2>(folder / "file"); });
  CHECK(contains(outside, "element 4"));
  CHECK(contains(outside, "256"));
  spill(folder / "file", npy(header("<f4", "(2, 3)"), data));
  CHECK(contains(error_of([&] { read_npy<std::uint8_t, 2>(folder / "file"); }), "integers are needed"));
  const xt::xtensor<float, 1> one{1.0F};
  CHECK(contains(error_of([&] { write_npy(folder / "no/file", one); }), (folder / "no/file").string()));
}
