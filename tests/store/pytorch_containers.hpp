#pragma once
/// The expected contents of the files in golden/containers (see make_containers.py there), for both containers' tests.

#include "store_testing.hpp"

namespace store_testing {

using pix2pixhd::open_tensor_file;
using pix2pixhd::StoredType;

/// Checks every file of golden/containers of one container, "zip" or "legacy".
inline void check_containers(const std::string& container) {
  const auto open = [&](const std::string& name) {
    return open_tensor_file(golden("containers/" + name + "_" + container + ".pth"));
  };
  using Shape = std::vector<std::int64_t>;
  using Values = std::vector<double>;

  SUBCASE("strided, shared and offset views") {
    const auto file = open("strided");
    CHECK(values(*file, "base") == ramp(24));
    CHECK(values(*file, "shared") == ramp(24));
    CHECK(file->find("transposed")->shape == Shape{6, 4});
    Values transposed;
    for (int i = 0; i < 6; ++i)
      for (const double value : ramp(4, i, 6)) transposed.push_back(value);
    CHECK(values(*file, "transposed") == transposed);
    CHECK(values(*file, "row") == ramp(6, 12));
    CHECK(values(*file, "column") == ramp(4, 3, 6));
    CHECK(values(*file, "block") == Values{2, 2.25, 2.5, 3.5, 3.75, 4});
    CHECK(values(*file, "steps") == Values{0, 0.75, 3, 3.75});
    CHECK(values(*file, "scalar_view") == Values{23 / 4.0});
    CHECK(file->find("scalar_view")->shape.empty());
    CHECK(values(*file, "flat_tail") == ramp(4, 20));
    CHECK(values(*file, "own") == ramp(5));
    CHECK(values(*file, "channels_last") == ramp(120));
    Values permuted;  // (2, 3, 4, 5) as (5, 3, 2, 4)
    for (int d = 0; d < 5; ++d)
      for (int b = 0; b < 3; ++b)
        for (int a = 0; a < 2; ++a)
          for (const double value : ramp(4, (a * 3 + b) * 20 + d, 5)) permuted.push_back(value);
    CHECK(values(*file, "permuted") == permuted);
    CHECK(values(*file, "expanded") == Values{0, 0, 0, 0, 0.25, 0.25, 0.25, 0.25, 0.5, 0.5, 0.5, 0.5});
  }

  SUBCASE("types") {
    const auto file = open("types");
    CHECK(file->entries().size() == 12);
    for (const auto& [name, type] : {std::pair("f64", StoredType::f64),
                                     {"f32", StoredType::f32},
                                     {"f16", StoredType::f16},
                                     {"bf16", StoredType::bf16}}) {
      CHECK(file->find(name)->type == type);
      CHECK(values(*file, name) == ramp(7));
    }
    for (const auto& [name, type] : {std::pair("i64", StoredType::i64),
                                     {"i32", StoredType::i32},
                                     {"i16", StoredType::i16},
                                     {"i8", StoredType::i8}}) {
      CHECK(file->find(name)->type == type);
      CHECK(values(*file, name) == Values{-3, -2, -1, 0, 1, 2, 3});
    }
    for (const auto& [name, type] :
         {std::pair("u8", StoredType::u8), {"u16", StoredType::u16}, {"u32", StoredType::u32}}) {
      CHECK(file->find(name)->type == type);
      CHECK(values(*file, name) == Values{0, 1, 2, 3, 4, 5, 6});
    }
    CHECK(file->find("boolean")->type == StoredType::boolean);
    CHECK(values(*file, "boolean") == Values{0, 1, 0, 1, 0, 1, 0});
    std::vector<float> floats(7);
    file->read(*file->find("f64"), std::span<float>(floats));
    CHECK(floats[6] == 1.5F);
  }

  SUBCASE("nested dicts, parameters, scalars and empty tensors") {
    const auto file = open("nested");
    std::vector<std::string> names;
    for (const auto& entry : file->entries()) names.push_back(entry.name);
    CHECK(names == std::vector<std::string>{"state_dict.x", "state_dict.deep.y", "parameters.weight", "parameters.bias",
                                            "parameters.tagged", "optimizer.state.0.exp_avg",
                                            "optimizer.state.10.exp_avg", "zero_d", "empty", "empty_sides", "one"});
    CHECK(values(*file, "state_dict.x") == ramp(4));
    CHECK(values(*file, "state_dict.deep.y") == ramp(3));
    CHECK(values(*file, "parameters.weight") == ramp(6));
    CHECK(values(*file, "parameters.tagged") == ramp(2));
    CHECK(values(*file, "optimizer.state.10.exp_avg") == ramp(1));
    CHECK(values(*file, "zero_d") == Values{2.5});
    CHECK(file->find("zero_d")->shape.empty());
    CHECK(values(*file, "empty").empty());
    CHECK(file->find("empty_sides")->shape == Shape{3, 0, 2});
    CHECK(values(*file, "one") == Values{0.25});
    CHECK(file->metadata().empty());
  }
}

}  // namespace store_testing
