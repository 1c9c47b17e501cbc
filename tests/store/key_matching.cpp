/// Which keys of a file count, which are ignored, and what is said about those that do not fit.

#include "state_dict_testing.hpp"

#include <pix2pixhd/store/key_matching.hpp>

using namespace state_dict_testing;

namespace {

/// A network of one's own, of which two parts have the same published names.
struct TwoDiscriminators {
  MultiscaleDiscriminator<1, DiscriminatorShape{.in = 3, .width = 4, .layers = 1}> fine, coarse;

  void visit(Names& names, Visitor& visitor) {
    fine.visit(names, visitor);
    coarse.visit(names, visitor);
  }
};

}  // namespace

TEST_CASE("keys that are the network's are loaded") {
  Case<SmallNet> c;
  CHECK(c.loads(c.tensors));
}

TEST_CASE("a prefix selects a dictionary, with and without its dot") {
  for (const char* prefix : {"netG", "netG."}) {
    CAPTURE(prefix);
    Case<SmallNet> c;
    FileTensors file = under("netG.", c.tensors);
    file["netD.model.0.weight"] = {{1}, {5.0f}};
    file["epoch"] = {{}, {3.0f}};
    CHECK(c.loads(file, {.prefix = prefix}));
  }
}

TEST_CASE("a dictionary whose name begins like the prefix is another one") {
  for (const char* prefix : {"netG", "netG."}) {
    CAPTURE(prefix);
    Case<SmallNet> c;
    FileTensors file = under("netG.", c.tensors);
    for (auto& [name, tensor] : under("netG_average.", c.tensors)) {
      tensor.values.assign(tensor.values.size(), 9.0f);
      file[name] = tensor;
    }
    CHECK(c.loads(file, {.prefix = prefix}));
  }
}

TEST_CASE("a prefix need not end at a dot") {
  Case<SmallNet> c;
  FileTensors file = under("netG_", c.tensors);
  file["other"] = {{1}, {1.0f}};
  CHECK(c.loads(file, {.prefix = "netG_"}));
}

TEST_CASE("a prefix of several names") {
  Case<SmallNet> c;
  CHECK(c.loads(under("checkpoint.state.G.", c.tensors), {.prefix = "checkpoint.state.G"}));
}

TEST_CASE("the wrapper's `module.` is ignored, before and after a prefix") {
  Case<SmallNet> plain;
  CHECK(plain.loads(under("module.", plain.tensors)));
  Case<SmallNet> before;
  CHECK(before.loads(under("module.netG.", before.tensors), {.prefix = "netG"}));
  Case<SmallNet> after;
  CHECK(after.loads(under("netG.module.", after.tensors), {.prefix = "netG"}));
  Case<SmallNet> spelt;
  CHECK(spelt.loads(under("module.netG.", spelt.tensors), {.prefix = "module.netG"}));
}

TEST_CASE("one name twice, with `module.` and without, is an error that names both keys") {
  Case<SmallNet> c;
  FileTensors file = c.tensors;
  file["module.model.0.bias"] = file["model.0.bias"];
  const std::string message = c.refusal(file);
  CHECK(contains(message, "module.model.0.bias"));
  CHECK(contains(message, "prefix"));
}

TEST_CASE("surplus keys are an error unless they are stated") {
  Case<SmallNet> c;
  FileTensors file = c.tensors;
  file["optimiser.step"] = {{1}, {1.0f}};
  file["model.9.weight"] = {{1}, {1.0f}};
  const std::string message = c.refusal(file);
  CHECK(contains(message, "optimiser.step"));
  CHECK(contains(message, "model.9.weight"));
  CHECK(contains(message, "extra"));
  CHECK(contains(c.refusal(file, {.extra = {"optimiser."}}), "model.9.weight"));
  CHECK(c.loads(file, {.extra = {"optimiser.", "model.9"}}));
}

TEST_CASE("`extra` speaks of names without the prefix") {
  Case<SmallNet> c;
  FileTensors file = under("netG.", c.tensors);
  file["netG.step"] = {{1}, {1.0f}};
  CHECK(contains(c.refusal(file, {.prefix = "netG"}), "step"));
  CHECK(c.loads(file, {.prefix = "netG", .extra = {"step"}}));
}

TEST_CASE("an `extra` that covers the network's own keys does not excuse them from being there") {
  Case<SmallNet> c;
  CHECK(c.loads(c.tensors, {.extra = {"model."}}));
  Case<SmallNet> lacking;
  FileTensors file = lacking.tensors;
  file.erase("model.4.bias");
  CHECK(contains(lacking.refusal(file, {.extra = {"model."}}), "model.4.bias"));
}

TEST_CASE("running statistics in the slot of an instance norm are ignored") {
  Case<SmallNet> c;
  FileTensors file = c.tensors;
  file["model.1.running_mean"] = {{4}, {1, 2, 3, 4}};
  file["model.1.running_var"] = {{4}, {1, 2, 3, 4}};
  file["model.1.num_batches_tracked"] = {{}, {7}};
  CHECK(c.loads(file));
}

TEST_CASE("running statistics of a batch norm must be there and are loaded; its counter is ignored") {
  Case<BatchNet> c;
  FileTensors file = c.tensors;
  file["model.1.num_batches_tracked"] = {{}, {7}};
  file["model.1.running_mean"].values = {1, 2, 3, 4};
  c.expected["model.1.running_mean"] = {1, 2, 3, 4};
  CHECK(c.loads(file));
  Case<BatchNet> lacking;
  file.erase("model.1.running_mean");
  CHECK(contains(lacking.refusal(file), "model.1.running_mean"));
}

TEST_CASE("weights of a batch norm are surplus for an instance norm") {
  Case<SmallNet> c;
  FileTensors file = c.tensors;
  file["model.1.weight"] = {{4}, {1, 2, 3, 4}};
  CHECK(contains(c.refusal(file), "model.1.weight"));
}

TEST_CASE("missing keys are named, and the prefix under which they stand") {
  Case<SmallNet> c;
  FileTensors file = c.tensors;
  file.erase("model.4.weight");
  CHECK(contains(c.refusal(file), "model.4.weight"));
  const std::string message = c.refusal(under("netG.", c.tensors));
  CHECK(contains(message, "lacks 4"));
  CHECK(contains(message, "prefix \"netG.\"."));
  CHECK(contains(c.refusal({{"nothing.of.ours", {{1}, {1}}}}), "another network"));
  const auto named = c.folder / "named.safetensors";
  save(c.device, c.network, named, {{"pix2pixhd.network", "Discriminator"}});
  BatchNet batch;
  CHECK(contains(error_of([&] { load(c.device, batch, named); }), "another network, Discriminator."));
}

TEST_CASE("a prefix that no key has is not blamed on the file") {
  Case<SmallNet> c;
  const std::string wrong = c.refusal(c.tensors, {.prefix = "zz"});
  CHECK(contains(wrong, "no key begins with \"zz\""));
  CHECK(contains(wrong, "Leave the prefix away."));
  CHECK_FALSE(contains(wrong, "another network"));
  CHECK(contains(c.refusal(under("netG.", c.tensors), {.prefix = "zz"}), "Load with prefix \"netG.\"."));
}

TEST_CASE("programs can tell a file of another network from one that is damaged, or read by another prefix") {
  Case<SmallNet> c;
  const auto file = c.folder / "weights.safetensors";
  FileTensors other = c.tensors;
  other.erase("model.4.weight");
  write(file, other);
  CHECK_THROWS_AS(load(c.device, c.network, file), OtherNetwork);
  other = c.tensors;
  other["model.0.weight"] = {{4, 2, 3, 3}, std::vector<float>(72)};
  write(file, other);
  CHECK_THROWS_AS(load(c.device, c.network, file), OtherNetwork);
  other = c.tensors;
  other["model.9.weight"] = {{1}, {1.0f}};
  write(file, other);
  CHECK_THROWS_AS(load(c.device, c.network, file), OtherNetwork);
  const auto is_other = [&](const LoadOptions& options) {
    try {
      load(c.device, c.network, file, options);
    } catch (const OtherNetwork&) {
      return true;
    } catch (const Error&) {
    }
    return false;
  };
  CHECK_FALSE(is_other({.prefix = "zz"}));
  write(file, under("netG.", c.tensors));
  CHECK_FALSE(is_other({}));
  store_testing::spill(file, "damaged");
  CHECK_FALSE(is_other({}));
}

TEST_CASE("a tensor of another shape is named with both shapes") {
  Case<SmallNet> c;
  FileTensors file = c.tensors;
  file["model.0.weight"] = {{4, 2, 3, 3}, std::vector<float>(72)};
  const std::string message = c.refusal(file);
  CHECK(contains(message, "model.0.weight"));
  CHECK(contains(message, "[4, 2, 3, 3]"));
  CHECK(contains(message, "[4, 3, 3, 3]"));
}

TEST_CASE("as many values in another rank do not fit") {
  Case<SmallNet> c;
  FileTensors file = c.tensors;
  file["model.0.bias"].shape = {4, 1, 1, 1};
  CHECK(contains(c.refusal(file), "[4, 1, 1, 1]"));
  file["model.0.bias"].shape = {1, 4};
  CHECK(contains(c.refusal(file), "[1, 4]"));
}

TEST_CASE("a network with two arrays of one name is not given the same values twice") {
  TemporaryFolder folder;
  Device device = reference();
  TwoDiscriminators network;
  const auto path = folder / "discriminator.safetensors";
  initialize(device, network.fine, 1);
  save(device, network.fine, path);
  const std::string initialised = error_of([&] { initialize(device, network, 1); });
  const std::string loaded = error_of([&] { load(device, network, path); });
  CHECK(contains(initialised, "two arrays of the network are named scale0_layer0.0.weight"));
  CHECK(loaded == initialised);
  load(device, network.coarse, path);  // one by one, as the sentence says
  CHECK(values_of(device, network.coarse) == values_of(device, network.fine));
}

TEST_CASE("VGG-19: torchvision's later layers and classifier are ignored, other keys are not") {
  TemporaryFolder folder;
  Device device = cpu();
  Vgg19 vgg;
  FileTensors file;
  for (const NamedArray& array : named_arrays(vgg)) {
    const Shape s = array.info.sizes();
    const std::int64_t sides[4] = {s.n, s.c, s.h, s.w};
    file[array.name] = {{sides, sides + array.info.rank}, std::vector<float>(s.count(), 0.5f), StoredType::f16};
  }
  for (const char* name : {"features.30.weight", "features.34.bias", "classifier.0.weight", "classifier.6.bias"})
    file[name] = {{1}, {1.0f}};
  write(folder / "vgg.safetensors", file);
  load(device, vgg, folder / "vgg.safetensors");
  for_each_parameter(vgg, [&](const std::string&, Parameter& p) { CHECK(values_of(device, p.value)[0] == 0.5f); });

  file["features.29.weight"] = {{1}, {1.0f}};  // a ReLU
  file["features.3.weight"] = {{1}, {1.0f}};
  write(folder / "vgg.safetensors", file);
  CHECK(contains(error_of([&] { load(device, vgg, folder / "vgg.safetensors"); }), "features.3.weight"));
}
