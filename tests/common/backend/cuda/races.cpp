// SPDX-License-Identifier: MIT
// For the thread sanitizer: every operation and every kernel once, on few blocks, in one process. A race ends the program with an
// exit status of the sanitizer's, whatever the results are.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include "tests/common/backend/cuda/kernel_scope.hpp"
#include "tests/common/backend/cuda/operations.hpp"

using namespace cnn;
using namespace cnn::test;

BOOST_AUTO_TEST_SUITE(races)

namespace {

constexpr Index n = 2;

std::vector<std::vector<Tensor>> results_on(const std::string& rung, bool has_kernels) {
  const BackendScope scope(rung);
  std::vector<std::vector<Tensor>> all;
  for (const OnDevice& operation : operations(n)) {
    const bool chosen = operation.name.starts_with("conv2d") || operation.name.starts_with("linear");
    if (chosen == has_kernels) all.push_back(operation.work());
  }
  return all;
}

/// The results are those of the loops, too: what was computed in any order is not what was meant.
void check(const std::vector<std::vector<Tensor>>& some, const std::vector<std::vector<Tensor>>& loops,
           double tolerance = 1e-4) {
  BOOST_TEST_REQUIRE(some.size() == loops.size());
  for (std::size_t k = 0; k < some.size(); ++k)
    for (std::size_t i = 0; i < some[k].size(); ++i)
      BOOST_TEST(tensors_close(some[k][i], loops[k][i], {.relative = 1e-4, .absolute = tolerance}),
                 "operation " << k << ", result " << i);
}

}  // namespace

BOOST_AUTO_TEST_CASE(of_every_operation) { check(results_on("cuda", false), results_on("reference", false)); }

BOOST_DATA_TEST_CASE(of_every_kernel, boost::unit_test::data::make(cuda_kernel_names()), kernel) {
  const KernelScope scope(kernel);
  // The longest sums are those of 7 x 8 pixels of each image; tf32 rounds their products, at most 1 each, by up to 2^-10.
  check(results_on("cuda", true), results_on("reference", true),
        kernel == "tf32" ? n * 7 * 8 * 0x1p-10 : 1e-4);
}

BOOST_AUTO_TEST_SUITE_END()
