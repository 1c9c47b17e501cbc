/// Files made to exhaust memory or stack: each gives an Error quickly and with little memory.

#include <pix2pixhd/store/tensor_file.hpp>
#include <pix2pixhd/store/zip_writer.hpp>

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <cstring>
#include <fstream>

#include "../store/pickle_testing.hpp"
#include "../store/store_testing.hpp"

using namespace store_testing;
using namespace pickle_testing;

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool sanitized = true;
#elif defined(__has_feature)
constexpr bool sanitized = __has_feature(address_sanitizer);
#else
constexpr bool sanitized = false;
#endif

/// The most memory that the process ever held, in KiB.
long peak() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

std::string safetensors(const std::string& header) { return number(header.size(), 8) + header; }

}  // namespace

TEST_CASE("hostile safetensors headers") {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& bytes) {
    spill(folder / "file", bytes);
    CHECK(contains(opening_error(folder / "file"), (folder / "file").string()));
  };
  refused(safetensors("{\"a\":" + std::string(2000000, '[')));
  refused(safetensors("{\"a\":" + repeat("{\"a\":", 200000)));
  refused(safetensors("{\"a\":" + std::string(200000, '[') + std::string(200000, ']') + "}"));
  refused(number(~0ULL, 8) + "{}");
  refused(number(100'000'000, 8) + "{}");
  refused(number(99'999'999, 8) + "{}");
  refused(safetensors(
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[1152921504606846976],\"data_offsets\":[0,4611686018427387904]}}"));
  refused(safetensors("{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}"));
  refused(safetensors("{\"a\":{\"dtype\":\"F32\",\"shape\":[1e400],\"data_offsets\":[0,0]}}"));
  refused(safetensors("{\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[18446744073709551615,3]}}"));
  refused(safetensors("{\"\xff\xfe\":1}"));
}

TEST_CASE("hostile pickles in an archive") {
  const TemporaryFolder folder;
  const long before = peak();
  const auto refused = [&](const std::string& pickle) {
    {
      pix2pixhd::detail::ZipWriter zip(folder / "file");
      const std::string version = "3";
      for (const auto& [name, bytes] :
           {std::pair<const char*, const std::string*>("a/data.pkl", &pickle), {"a/version", &version}})
        zip.add(name, bytes->size(), [bytes = bytes](std::uint64_t offset, std::span<std::byte> out) {
          std::memcpy(out.data(), bytes->data() + offset, out.size());
          return out.size();
        });
      zip.commit();
    }
    const std::string error = opening_error(folder / "file");
    CHECK(contains(error, (folder / "file").string()));
    return error;
  };
  const std::string begin = "\x80\x02";
  refused(begin + repeat("(", 4000000));
  refused(begin + repeat("}q\x01", 1500000));
  refused(begin + repeat("N\x94", 1500000));
  refused(begin + "N" + repeat("\x85", 4000000) + ".");
  refused(begin + "Nr" + number(0xfffffffe, 4) + ".");
  refused(begin + "X" + number(0xffffffff, 4));
  // A long text costs its writer nothing, so that it justifies nothing.
  constexpr std::uint64_t long_text = std::uint64_t{16} << 20;
  refused(begin + "X" + number(long_text, 4) + std::string(long_text, 'a') + "0Nr" + number(long_text - 1, 4) + ".");
  refused(begin + global("os", "system") + text("true") + "\x85R.");
  refused(pickle_of(
      tensor(storage(std::int64_t{1} << 60), {.offset = 0, .shape = {std::int64_t{1} << 60}, .strides = {1}})));
  refused(pickle_of(tensor(storage(1), {.offset = 0, .shape = {std::int64_t{1} << 40}, .strides = {0}})));
  // One long key that many storages have would be copied for each.
  const std::string key(std::size_t{4} << 20, 'a');
  const std::string id = tuple({text("storage"), global("torch", "FloatStorage"), text(key), text("cpu"), integer(1)});
  CHECK(contains(refused(begin + id + "q\x01" + repeat("Q0h\x01", 20000) + "."), "the key of a storage has 4194304"));
  // Sanitizers keep freed memory for a while. The largest pickle here has 4 MB; its text, stack and objects take some
  // tens of times that.
  if (!sanitized) CHECK(peak() - before < 400 * 1024);
}

TEST_CASE("a storage's key of a terabyte, which lies on no disk") {
  const TemporaryFolder folder;
  constexpr std::uint64_t long_key = std::uint64_t{1} << 40;
  const std::string before = legacy_magic + legacy_protocol + legacy_system + "\x80\x02(" + text("storage") +
                             global("torch", "FloatStorage") + "\x8d" + number(long_key, 8);
  std::ofstream file(folder / "file", std::ios::binary);
  file << before;
  file.seekp(static_cast<std::streamoff>(before.size() + long_key));
  file << text("cpu") << integer(1) << "tQ.";
  file.close();
  if (file.good())
    CHECK(contains(opening_error(folder / "file"), (folder / "file").string()));
  else
    MESSAGE("left out: this file system has no files of a terabyte");
}
