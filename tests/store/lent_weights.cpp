/// Networks whose weights stay in the mapping of their file.

#include "state_dict_testing.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

using namespace state_dict_testing;
using store_testing::slurp;
using store_testing::spill;
namespace fs = std::filesystem;

namespace {

/// The weights of its widest blocks are lent, those of the others are too small.
using Net = Generator<0, GeneratorShape{.in = 3, .width = 32, .downsamples = 2, .blocks = 1}>;

struct Lent {
  TemporaryFolder folder;
  fs::path path = folder / "weights.safetensors";
  Device device = cpu({.threads = 2});
  Net network;

  Lent() {
    Net drawn;
    initialize(device, drawn, 1);
    save(device, drawn, path);
    load(device, network, path);
  }

  /// Of `of` on noise.
  std::vector<float> picture(const Net& of, int height = 128, int width = 128) {
    std::vector<float> values(3 * static_cast<std::size_t>(height) * static_cast<std::size_t>(width));
    const RandomStream random(5, "input");
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(random.normal(i));
    return values_of(device, infer(device, of, upload<float>(device, {1, 3, height, width}, values)));
  }
};

std::vector<Tensor> lent_weights(const Net& network) {
  std::vector<Tensor> lent;
  for (const NamedArray& array : named_arrays(network))
    if (array.value->storage()->lender()) lent.push_back(*array.value);
  return lent;
}

/// The share of a tensor's pages that the process holds. The system also maps some on either side of one that is read.
double held_share(const Tensor& x) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<std::uintptr_t>(x.storage()->data());
  const std::uintptr_t first = begin / page + 1, last = (begin + x.bytes()) / page;
  std::vector<std::uint64_t> entries(last - first);  // one a page, the highest bit of which says whether it is there
  const int file = ::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  REQUIRE(file >= 0);
  const std::size_t bytes = entries.size() * sizeof(std::uint64_t);
  const auto got = ::pread(file, entries.data(), bytes, static_cast<off_t>(first * sizeof(std::uint64_t)));
  ::close(file);
  REQUIRE(got == static_cast<ssize_t>(bytes));
  const auto held = std::count_if(entries.begin(), entries.end(), [](std::uint64_t entry) { return entry >> 63 != 0; });
  return static_cast<double>(held) / static_cast<double>(entries.size());
}

/// Gives the file another time of writing, as any change does.
void touch(const fs::path& path) {
  const timespec times[2] = {{.tv_sec = 0, .tv_nsec = UTIME_OMIT}, {.tv_sec = 1000, .tv_nsec = 5}};
  REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
}

}  // namespace

TEST_CASE("the CPU reads large weights where they lie, and computes the bits of copied ones") {
  Lent c;
  Net copied;
  load(c.device, copied, c.path, {.copy = true});
  CHECK(lent_weights(c.network).size() == 4);
  CHECK(lent_weights(copied).empty());
  CHECK(values_of(c.device, c.network) == values_of(c.device, copied));
  CHECK(c.picture(c.network) == c.picture(copied));
  Device bf16 = cpu({.threads = 2, .precision = Precision::bf16});
  c.device = bf16;
  Net lent_there, copied_there;
  load(bf16, lent_there, c.path);
  load(bf16, copied_there, c.path, {.copy = true});
  CHECK(c.picture(lent_there) == c.picture(copied_there));
}

TEST_CASE("weights of a .pth file are read where they lie, too") {
  Lent c;
  const fs::path path = c.folder / "weights.pth";
  write(path, tensors_of(c.device, c.network));
  Net network;
  load(c.device, network, path);
  const auto lent = lent_weights(network);
  CHECK(lent.size() == 4);
  for (const Tensor& weight : lent) CHECK(held_share(weight) < 0.5);  // though they were compared with the checksum
  const auto picture = c.picture(c.network);
  CHECK(c.picture(network) == picture);
  fs::remove(path);
  CHECK(c.picture(network) == picture);
}

TEST_CASE("a damaged .pth file is found before anything is lent or changed") {
  Lent c;
  const fs::path path = c.folder / "weights.pth";
  write(path, tensors_of(c.device, c.network));
  std::string bytes = slurp(path);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 4);
  spill(path, bytes);
  Net other;
  initialize(c.device, other, 3);
  const auto before = values_of(c.device, other);
  CHECK(contains(error_of([&] { load(c.device, other, path); }), "checksum"));
  CHECK(values_of(c.device, other) == before);
}

TEST_CASE("after a block its lent weights are no longer held, but for those of small pictures") {
  Lent c;
  c.picture(c.network);
  for (const Tensor& weight : lent_weights(c.network)) CHECK(held_share(weight) < 0.5);
  Net small;
  load(c.device, small, c.path);
  c.picture(small, 64, 32);
  for (const Tensor& weight : lent_weights(small)) CHECK(held_share(weight) > 0.9);
}

TEST_CASE("the planned peak counts lent weights, and so does a budget") {
  Lent c;
  const Tensor x = upload<float>(c.device, {1, 3, 128, 128}, std::vector<float>(3 * 128 * 128, 0.5f));
  Session session(c.device, c.network);
  const std::size_t planned = session.plan(x).session_peak_bytes;
  c.device.memory().reset_peak();
  const Tensor y = session(x);
  CHECK(c.device.memory().peak() == planned);
  std::size_t weights = 0;
  for (const NamedArray& array : named_arrays(c.network)) weights += array.value->bytes();
  CHECK(planned > weights);

  Device poor = cpu({.budget = weights - 1}), rich = cpu({.budget = weights});
  Net refused, taken;
  CHECK_THROWS_AS(load(poor, refused, c.path), OutOfMemory);
  CHECK(poor.memory().current() == 0);
  load(rich, taken, c.path);
  CHECK(rich.memory().current() == weights);
}

TEST_CASE("a file may be replaced or deleted while its weights are in use") {
  Lent c;
  const auto before = c.picture(c.network);
  Net other;
  initialize(c.device, other, 2);
  save(c.device, other, c.path);
  CHECK(c.picture(c.network) == before);
  fs::remove(c.path);
  CHECK(c.picture(c.network) == before);
  save(c.device, c.network, c.path);
  Net again;
  load(c.device, again, c.path);
  CHECK(c.picture(again) == before);
}

TEST_CASE("a file that is changed in place is an error that names it") {
  const auto refused = [](Lent& c) {
    CHECK(contains(error_of([&] { c.picture(c.network); }), c.path.string()));
    CHECK(contains(error_of([&] { save(c.device, c.network, c.folder / "copy.safetensors"); }), c.path.string()));
    CHECK_FALSE(fs::exists(c.folder / "copy.safetensors"));
    CHECK(contains(error_of([&] { lent_weights(c.network).front().mutable_data<float>(); }), c.path.string()));
    Device device = reference();
    CHECK(contains(error_of([&] { clone(device, c.network); }), c.path.string()));
  };
  SUBCASE("cut off") {
    Lent c;
    fs::resize_file(c.path, fs::file_size(c.path) / 2);
    refused(c);
  }
  SUBCASE("emptied") {
    Lent c;
    fs::resize_file(c.path, 0);
    refused(c);
  }
  SUBCASE("written to") {
    Lent c;
    touch(c.path);
    refused(c);
  }
  SUBCASE("not if the values were copied") {
    Lent c;
    Net copied;
    load(c.device, copied, c.path, {.copy = true});
    const auto before = c.picture(copied);
    fs::resize_file(c.path, 0);
    CHECK(c.picture(copied) == before);
  }
}

TEST_CASE("what is learnt is learnt by a copy") {
  Lent c;
  const std::string file = slurp(c.path);
  Net copied;
  load(c.device, copied, c.path, {.copy = true});
  const auto learn = [&](Net& network) {
    const Tensor x = upload<float>(c.device, {1, 3, 32, 32}, std::vector<float>(3 * 32 * 32, 0.5f));
    Net::Context<Mode::train> context;
    const Tensor y = network.forward(c.device, x, context);
    zero_gradients(c.device, network);
    network.backward(c.device, y, context, Need::parameters);
    for_each_parameter(network, [&](const std::string&, Parameter& parameter) {
      const std::vector<float> zeros(parameter.value.shape().count(), 0.0f);
      const Tensor m = upload<float>(c.device, parameter.value.shape(), zeros, Role::parameter);
      const Tensor v = upload<float>(c.device, parameter.value.shape(), zeros, Role::parameter);
      c.device.backend().adam({.gradient = &parameter.grad, .value = parameter.value, .m = m, .v = v, .step = 1});
    });
  };
  learn(c.network);
  learn(copied);
  CHECK(lent_weights(c.network).empty());
  CHECK(values_of(c.device, c.network) == values_of(c.device, copied));
  CHECK(slurp(c.path) == file);
  fs::resize_file(c.path, 0);  // nothing of it is read any more
  CHECK(c.picture(c.network) == c.picture(copied));
}

TEST_CASE("values that need converting, and devices with memory of their own, get copies") {
  Lent c;
  FileTensors tensors = tensors_of(c.device, c.network);
  for (auto& [name, tensor] : tensors) tensor.type = StoredType::bf16;
  write(c.folder / "bf16.safetensors", tensors);
  Net converted;
  load(c.device, converted, c.folder / "bf16.safetensors");
  CHECK(lent_weights(converted).empty());
  Device device = reference();
  Net network;
  load(device, network, c.path);
  CHECK(lent_weights(network).empty());
}
