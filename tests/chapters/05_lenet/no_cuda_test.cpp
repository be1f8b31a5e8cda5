// SPDX-License-Identifier: MIT

// What the program says in a build without CUDA.
#include "tests/chapters/05_lenet/lenet_program.hpp"

namespace {

using namespace cnn::test;

BOOST_AUTO_TEST_SUITE(no_cuda)

BOOST_AUTO_TEST_CASE(refuses_the_rung) {
  const std::string sentence =
      "error: [cuda] this build has no CUDA; take the one that NVIDIA's nvcc makes (./cnn run 5.5 --build "
      "cuda "
      "--backend cuda), or run on the CPU (--backend simd)\n";
  refused({"--data", images, "--backend", "cuda"}, 1, sentence);
  refused({"--data", images, "--backend", "cuda", "--cuda-kernel", "naive"}, 1, sentence);
}

BOOST_AUTO_TEST_CASE(says_nothing_of_cuda_unasked) {
  const TemporaryFolder folder;
  const auto run =
      run_program(lenet({"--data", images, "--epochs", "1", "--out", (folder / "run").string()}));
  BOOST_TEST(run.code == 0, run.errors);
  BOOST_TEST((run.output + run.errors).find("cuda") == std::string::npos, run.output + run.errors);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
