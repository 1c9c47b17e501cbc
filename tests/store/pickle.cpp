#include <pix2pixhd/store/pickle.hpp>

#include <doctest/doctest.h>

#include "pickle_testing.hpp"
#include "store_testing.hpp"

using namespace pickle_testing;
using namespace pix2pixhd;
using store_testing::contains;
using store_testing::error_of;

namespace {

using Kind = detail::PickleValue::Kind;

/// The tensors of a pickle, by name.
std::map<std::string, detail::StridedTensor> tensors(const std::string& pickle) {
  detail::Unpickler unpickler(std::as_bytes(std::span(pickle)), "pickle");
  const detail::PickleValue root = unpickler.load();
  CHECK(unpickler.position() == pickle.size());
  std::map<std::string, detail::StridedTensor> found;
  for (auto& named : collect_tensors(unpickler.heap(), unpickler.objects(), root, unpickler.position(), "pickle"))
    found.emplace(named.name, named.tensor);
  return found;
}

std::string failure(const std::string& pickle) {
  return error_of([&] { tensors(pickle); });
}

const std::string protocol = "\x80\x02";

}  // namespace

TEST_CASE("tensors in nested dicts get joined names; other leaves are passed over") {
  const std::string x = tensor(storage(6), {.offset = 1, .shape = {2, 2}, .strides = {1, 2}});
  const std::string inner = "}(" + text("w") + x + "K\x07" + x + "N" + x + text("n") + "Nu";
  const auto found = tensors(protocol + "}(" + text("state") + inner + text("lr") + "G12345678" + text("list") + "](" +
                             x + "e" + text("y") + x + "u.");
  REQUIRE(found.size() == 3);
  CHECK(found.contains("state.w"));
  CHECK(found.contains("state.7"));
  const detail::StridedTensor& y = found.at("y");
  CHECK(y.type == StoredType::f32);
  CHECK(y.offset == 1);
  CHECK(y.shape == std::vector<std::int64_t>{2, 2});
  CHECK(y.strides == std::vector<std::int64_t>{1, 2});
}

TEST_CASE("integers, texts and the memo are read as Python does") {
  const auto value_of = [](const std::string& body, Kind kind) {
    const std::string pickle = protocol + body + ".";
    detail::Unpickler unpickler(std::as_bytes(std::span(pickle)), "pickle");
    const auto value = unpickler.load();
    CHECK(value.kind == kind);
    return value.number;
  };
  CHECK(value_of("K\xff", Kind::integer) == 255);
  CHECK(value_of("M\xff\xff", Kind::integer) == 65535);
  CHECK(value_of("J\xfe\xff\xff\xff", Kind::integer) == -2);
  CHECK(value_of(std::string("\x8a\x00", 2), Kind::integer) == 0);
  CHECK(value_of("\x8a\x01\x80", Kind::integer) == -128);
  CHECK(value_of(std::string("\x8a\x02\x80\x00", 4), Kind::integer) == 128);
  CHECK(value_of(integer(std::int64_t{-1} << 62), Kind::integer) == std::int64_t{-1} << 62);
  value_of(std::string("\x8a\x09") + std::string(9, 'x'), Kind::big);
  value_of("N", Kind::none);
  CHECK(value_of("\x88", Kind::boolean) == 1);
  value_of(
      "U\x03"
      "abc",
      Kind::text);
  value_of(
      "\x8c\x03"
      "abc",
      Kind::text);
  CHECK(value_of(std::string("K\x05q\x00", 4) + "0" + std::string("h\x00", 2), Kind::integer) == 5);
  value_of("C\x02xy", Kind::opaque);
  value_of(std::string("\x95") + number(2, 8) + "N", Kind::none);
  value_of(std::string("K\x05\x94K\x06\x94h\x00\x87", 9), Kind::tuple);
}

TEST_CASE("only the globals of tensor files are accepted, and nothing is executed") {
  struct Name {
    const char *module, *name;
  };
  for (const Name& forbidden :
       {Name{"os", "system"}, Name{"posix", "system"}, Name{"builtins", "eval"}, Name{"__builtin__", "getattr"},
        Name{"torch", "load"}, Name{"torch.storage", "_load_from_bytes"}, Name{"collections", "Counter"},
        Name{"torch", "FloatStorage.from_file"}, Name{"numpy", "load"}}) {
    const std::string module = forbidden.module, name = forbidden.name;
    CAPTURE(name);
    const std::string call = tuple({text("touch should-never-exist")}) + "R.";
    CHECK(contains(failure(protocol + global(module, name) + call), "\"" + module + "." + name + "\""));
    CHECK(contains(failure(protocol + text(module) + text(name) + "\x93" + call), "\"" + module + "." + name + "\""));
  }
  // A text and an allowed class are not functions.
  CHECK(contains(failure(protocol + text("os.system") + ")R."), "no known function"));
  CHECK(contains(failure(protocol + global("torch", "FloatStorage") + ")R."), "torch.FloatStorage"));
  CHECK(contains(failure(protocol + global("os", std::string(300, 'x')) + "."), "a name does not end"));
  CHECK(contains(failure(protocol + global("o\x01\xffs", "system") + "."), "o??s.system"));
}

TEST_CASE("operations that tensor files do not use are refused") {
  for (const char opcode : std::string("PFILSVigo12dlp\x81\x82\x92\x8f\x90\x91\x96\x97\x98")) {
    CAPTURE(static_cast<int>(opcode));
    CHECK(contains(failure(protocol + "N" + opcode + "\n\n."), "is none that tensor files need"));
  }
  CHECK(contains(failure("}."), "does not begin with a protocol"));
  CHECK(contains(failure("\x80\x01}."), "its protocol is 1"));
  CHECK(contains(failure("\x80\x06}."), "its protocol is 6"));
}

TEST_CASE("misuse of the stack and the memo is refused") {
  for (const std::string& body : {std::string("."),
                                  std::string("NN."),
                                  std::string("(."),
                                  std::string("0."),
                                  std::string("t."),
                                  std::string("(s."),
                                  std::string("Na."),
                                  std::string("}Na."),
                                  std::string("]NNs."),
                                  std::string("}(Nu."),
                                  std::string("R."),
                                  std::string("N)R."),
                                  std::string("Q."),
                                  std::string("NQ."),
                                  std::string(")Q."),
                                  std::string("h\x00.", 3),
                                  std::string("q\x00.", 3),
                                  std::string("(q\x00.", 4),
                                  std::string("Nr\xff\xff\xff\xff."),
                                  std::string("Nb."),
                                  std::string("}(b."),
                                  std::string("N\x93."),
                                  std::string("NN\x93."),
                                  std::string("\x85."),
                                  std::string("(\x85."),
                                  std::string("N")}) {
    CAPTURE(body);
    CHECK(contains(failure(protocol + body), "pickle"));
  }
}

TEST_CASE("texts and integers of any stated length are only read as far as there are bytes") {
  for (const std::string& body :
       {"X" + number(0xffffffff, 4) + "a", "\x8d" + number(~0ULL, 8) + "a", "T" + number(0xfffffff0, 4),
        "\x8b" + number(0xffffffff, 4), "B" + number(0xffffffff, 4), "\x8e" + number(1ULL << 63, 8),
        std::string("U\xff"), std::string("\x8a\xff")})
    CHECK(contains(failure(protocol + body), "truncated"));
}

TEST_CASE("small pickles cannot take much memory or stack") {
  // Deep nesting costs neither recursion nor more memory than the bytes read.
  CHECK(contains(failure(protocol + repeat("]", 3000000) + "."), "stack"));
  CHECK(contains(failure(protocol + "N" + repeat("\x85", 300000) + "."), "dictionary"));
  CHECK(
      contains(failure(protocol + repeat("}X\x01" + std::string(3, '\0') + "a", 1000) + "}" + repeat("s", 1000) + "."),
               "32 deep"));
  // A dict in itself.
  CHECK(contains(failure(protocol + std::string("}q\x00", 3) + text("a") + std::string("h\x00s.", 4)), "32 deep"));
  // Each of twenty dicts holds the one before twenty times.
  std::string laughs = protocol + "}" + text("t") + tensor(storage(1), {}) + std::string("sq\x00", 3);
  for (char level = 1; level <= 20; ++level) {
    laughs += "}(";
    for (int i = 0; i < 20; ++i) laughs += text(std::to_string(i)) + "h" + std::string(1, static_cast<char>(level - 1));
    laughs += "uq" + std::string(1, level);
  }
  // Of all these dicts leave only the last on the stack.
  const std::string nested = protocol + "(" + laughs.substr(2) + "t0" + "h\x14.";
  CHECK(contains(failure(nested), "unfold"));
  // A list copied into an OrderedDict again and again.
  std::string copies = protocol + "](" + repeat("NN\x86", 5000) + "e\x85q";
  copies += std::string(1, '\0');
  copies += "0" + global("collections", "OrderedDict") + "q\x01" + "0";
  copies += repeat(std::string("h\x01h\x00R0", 6), 5000) + "N.";
  CHECK(contains(failure(copies), "unfolds"));
}

TEST_CASE("tensors must lie in their storages") {
  const auto fits = [](std::int64_t count, const View& view) {
    try {
      tensors(pickle_of(tensor(storage(count), view)));
      return true;
    } catch (const Error& error) {
      CHECK(contains(error.what(), "\"x\""));
      return false;
    }
  };
  constexpr std::int64_t huge = std::int64_t{1} << 60, most = std::numeric_limits<std::int64_t>::max();
  CHECK(fits(6, {.offset = 0, .shape = {2, 3}, .strides = {3, 1}}));
  CHECK(fits(6, {.offset = 5, .shape = {}, .strides = {}}));
  CHECK(fits(6, {.offset = 0, .shape = {100, 6}, .strides = {0, 1}}));
  CHECK(fits(0, {.offset = 0, .shape = {0, 5}, .strides = {5, 1}}));
  CHECK_FALSE(fits(6, {.offset = 1, .shape = {2, 3}, .strides = {3, 1}}));
  CHECK_FALSE(fits(6, {.offset = 6, .shape = {}, .strides = {}}));
  CHECK_FALSE(fits(6, {.offset = -1, .shape = {2}, .strides = {1}}));
  CHECK_FALSE(fits(6, {.offset = 3, .shape = {2}, .strides = {-1}}));
  CHECK_FALSE(fits(6, {.offset = 0, .shape = {-2}, .strides = {1}}));
  CHECK_FALSE(fits(6, {.offset = 0, .shape = {2, 3}, .strides = {3}}));
  CHECK_FALSE(fits(6, {.offset = 0, .shape = {huge}, .strides = {1}}));
  CHECK_FALSE(fits(6, {.offset = 0, .shape = {huge / 4}, .strides = {0}}));
  CHECK_FALSE(fits(6, {.offset = 0, .shape = {3, 3}, .strides = {most, most}}));
  CHECK_FALSE(fits(6, {.offset = most, .shape = {2}, .strides = {1}}));
  CHECK_FALSE(fits(most, {.offset = 0, .shape = {huge}, .strides = {1}}));
  CHECK_FALSE(fits(-1, {.offset = 0, .shape = {1}, .strides = {1}}));
  CHECK_FALSE(fits(most, {.offset = 0, .shape = {1}, .strides = {1}}));
}

TEST_CASE("storages are described in one way only") {
  const View one{.offset = 0, .shape = {1}, .strides = {1}};
  const auto two = [&](const std::string& a, const std::string& b) {
    return protocol + "}(" + text("a") + tensor(a, one) + text("b") + tensor(b, one) + "u.";
  };
  CHECK(tensors(two(storage(1), storage(1))).size() == 2);
  CHECK(contains(failure(two(storage(1), storage(2))), "two different ways"));
  CHECK(contains(failure(two(storage(1), storage(1, "0", "HalfStorage"))), "two different ways"));
  CHECK(contains(failure(pickle_of(tensor(storage(1, "0", "Size"), one))), "not a storage class"));
  CHECK(contains(failure(pickle_of(tensor(storage(1, "0", "ComplexFloatStorage"), one))), "ComplexFloatStorage"));
}

TEST_CASE("what is saved must be a dictionary") {
  CHECK(contains(failure(protocol + tensor(storage(1), {}) + "."), "dictionary"));
  CHECK(contains(failure(protocol + "N."), "dictionary"));
}
