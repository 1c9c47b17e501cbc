// Plans of cuDNN for the convolutions of the published networks, built from the properties of a device that is not
// there.
#include <doctest/doctest.h>
#include <pix2pixhd/backend/cuda/cuda_convolution.hpp>
#include <pix2pixhd/backend/meta/meta_backend.hpp>
#include <pix2pixhd/backend/reference/reference_backend.hpp>
#include <pix2pixhd/networks/discriminator.hpp>
#include <pix2pixhd/networks/generator.hpp>
#include <pix2pixhd/networks/plan.hpp>
#include <pix2pixhd/networks/vgg19.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

using namespace pix2pixhd;
using namespace pix2pixhd::backend_cuda;

namespace {

std::string h200() {
  std::ifstream in(std::string(PIX2PIXHD_TEST_DATA) + "/../backend/cuda/libraries/h200.json");
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The problems of all convolutions of a network on a picture of `shape`, each once.
template <class Net>
std::set<ConvolutionProblem> problems_of(const Shape& shape, DataType type) {
  const auto meta = std::make_shared<MetaBackend>(reference().shared_backend());
  Device device(meta);
  Net network;
  allocate_parameters(device, network);
  infer(device, network, device.empty(shape));
  std::set<ConvolutionProblem> result;
  for (const OperationRecord& operation : meta->operations()) {
    if (operation.kind != OperationRecord::Kind::block) continue;
    const ConvolutionDivision division(operation.geometry, operation.input, operation.output, 0);
    for (const ConvolutionPass pass :
         {ConvolutionPass::forward, ConvolutionPass::backward_data, ConvolutionPass::backward_filter})
      result.insert(division.problem(pass, type));
  }
  return result;
}

template <class Net>
void check_plans(const char* network, const Shape& shape) {
  if (!cudnn::functions().problem.empty()) {
    MESSAGE("left out: ", cudnn::functions().problem);
    return;
  }
  for (const DataType type : {DataType::f32, DataType::bf16}) {
    ConvolutionPlans plans(h200(), {.tensor_cores_in_f32 = false, .deterministic = true}, DiskCache(std::string()));
    for (const ConvolutionProblem& problem : problems_of<Net>(shape, type)) {
      const ConvolutionPlan& plan = plans.plan(problem);
      std::printf("%s: %s: engine %lld, workspace %.1f MB\n", network, problem.text().c_str(),
                  static_cast<long long>(plan.engine), static_cast<double>(plan.workspace) / 1e6);
      const std::size_t smaller = std::min(problem.x().count(), problem.y().count()) * size_of(type);
      CHECK_MESSAGE(plan.workspace <= std::max(smaller, std::size_t{4} << 20), problem.text());
    }
  }
}

}  // namespace

TEST_CASE("every convolution of Generator<1> at 2048x1024 has a plan") {
  check_plans<Generator<1>>("Generator<1>", {1, 36, 1024, 2048});
}

TEST_CASE("every convolution of the discriminator of three scales at 2048x1024 has a plan") {
  check_plans<MultiscaleDiscriminator<3>>("MultiscaleDiscriminator<3>", {1, 39, 1024, 2048});
}

TEST_CASE("every convolution of VGG-19 at 2048x1024 has a plan") { check_plans<Vgg19>("Vgg19", {1, 3, 1024, 2048}); }

TEST_CASE("a plan that was kept on disk is the plan that was built") {
  if (!cudnn::functions().problem.empty()) return;
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / "pix2pixhd_plans";
  std::filesystem::remove_all(folder);
  ConvolutionProblem problem{
      .type = DataType::bf16, .n = 1, .in = 64, .h = 66, .w = 34, .out = 64, .out_h = 64, .out_w = 32, .kernel = 3};
  const ConvolutionRules rules;
  const std::size_t workspace = ConvolutionPlans(h200(), rules, DiskCache(folder.string())).plan(problem).workspace;
  ConvolutionPlans again(h200(), rules, DiskCache(folder.string()));
  CHECK(again.plan(problem).engine == -1);  // from disk
  CHECK(again.plan(problem).workspace == workspace);
  ConvolutionPlans others(h200(), {.tensor_cores_in_f32 = true}, DiskCache(folder.string()));
  CHECK(others.plan(problem).engine != -1);  // other rules, another plan
  std::filesystem::remove_all(folder);
}

TEST_CASE("what cuDNN cannot plan is an Error that names the convolution") {
  if (!cudnn::functions().problem.empty()) return;
  ConvolutionPlans plans(h200(), {}, DiskCache(std::string()));
  ConvolutionProblem impossible{.in = 64, .h = 8, .w = 8, .out = 64, .out_h = 500, .out_w = 8, .kernel = 3};
  CHECK_THROWS_AS(plans.plan(impossible), Error);
}
