// SPDX-License-Identifier: MIT

// What the program says where the rung cuda cannot compute: one sentence with what was found, and what to do.
#include <cstdlib>
#include <vector>

#include "common/backend/backend.hpp"
#include "tests/chapters/05_lenet/lenet_program.hpp"

namespace {

using namespace cnn;
using namespace cnn::test;

BOOST_AUTO_TEST_SUITE(cuda_refusals)

std::string fastest_of_the_cpu() {
  std::vector<std::string> names = backend_names();
  std::erase(names, "cuda");
  return names.back();
}

std::string or_the_cpu() { return ", or run on the CPU (--backend " + fastest_of_the_cpu() + ")\n"; }

void refused_where(const char* name, const std::string& value, const std::string& words) {
  const VariableScope variable(name, value);
  const TemporaryFolder folder;
  refused({"--data", images, "--backend", "cuda", "--out", (folder / "run").string()}, 1, words);
}

BOOST_AUTO_TEST_CASE(without_a_driver) {
  refused_where("EMULATED_CUDA_DEVICES", "-1",
                "[cuda] there is no driver for CUDA on this machine; look at what nvidia-smi says (NVIDIA's "
                "driver brings it)" +
                    or_the_cpu());
}

BOOST_AUTO_TEST_CASE(without_a_device) {
  refused_where(
      "EMULATED_CUDA_DEVICES", "0",
      "[cuda] the driver finds no CUDA device; look at what nvidia-smi says (NVIDIA's driver brings it)" +
          or_the_cpu());
}

BOOST_AUTO_TEST_CASE(on_a_card_that_is_older_than_the_build) {
  refused_where(
      "EMULATED_CUDA_CAPABILITY", "61",
      "has compute capability 6.1, for which this build has no kernels; build it with "
      "-DCMAKE_CUDA_ARCHITECTURES=61 and CUDA toolkit 12, which nobody has tried (13 begins at 7.5)" +
          or_the_cpu());
}

BOOST_AUTO_TEST_CASE(on_a_card_that_is_newer_than_the_build) {
  refused_where("EMULATED_CUDA_CAPABILITY", "130",
                "has compute capability 13.0, for which this build has no kernels; build it with "
                "-DCMAKE_CUDA_ARCHITECTURES=130" +
                    or_the_cpu());
}

BOOST_AUTO_TEST_CASE(on_a_card_that_does_not_answer) {
  for (const std::string call : {"cudaStreamCreateWithFlags", "cudaLaunchKernelEx"})
    refused_where("EMULATED_CUDA_FAIL", call + ":1:46",
                  "[cuda] the CUDA device does not answer ([cuda] the failure that a test ordered (" + call);
}

BOOST_AUTO_TEST_CASE(when_the_card_fails_in_a_step) {
  refused_where("EMULATED_CUDA_FAIL", "cudaLaunchKernelEx:9:719", "[cuda] the failure that a test ordered");
}

BOOST_AUTO_TEST_CASE(of_a_kernel_that_is_not_there) {
  const VariableScope variable("CNN_CUDA_KERNEL", "fast");
  refused({"--data", images, "--backend", "cuda"}, 2, "there is no kernel named 'fast' (CNN_CUDA_KERNEL)");
}

BOOST_AUTO_TEST_CASE(of_a_kernel_that_the_card_lacks) {
  const VariableScope variable("EMULATED_CUDA_CAPABILITY", "75");
  const TemporaryFolder folder;
  refused(
      {"--data", images, "--backend", "cuda", "--cuda-kernel", "tf32", "--out", (folder / "run").string()}, 1,
      "[cuda] the kernel tf32 needs compute capability 8.0, and CUDA emulated on the CPU has 7.5; choose "
      "another one (--cuda-kernel vectors)");
}

/// What a program says that was not told where to compute.
std::string without_a_name() {
  const TemporaryFolder folder;
  const auto run = run_program(lenet({"--data", images, "--batch-size", "4", "--max-steps", "1",
                                      "--limit-test", "4", "--out", (folder / "run").string()}));
  BOOST_TEST(run.code == 0, run.errors);
  BOOST_TEST(run.output.find("training on cpu") != std::string::npos, run.output);
  return run.errors;
}

BOOST_AUTO_TEST_CASE(the_cpu_computes_unasked_and_the_reason_is_said) {
  const VariableScope variable("EMULATED_CUDA_DEVICES", "-1");
  const std::string reason = without_a_name();
  BOOST_TEST(reason.find("warning: [cuda] there is no driver for CUDA on this machine, so the CPU computes; "
                         "look at what nvidia-smi says (NVIDIA's driver brings it), or give --backend " +
                         fastest_of_the_cpu() + "\n") != std::string::npos,
             reason);
}

BOOST_AUTO_TEST_CASE(an_emulated_device_computes_only_when_named) {
  const std::string errors = without_a_name();
  BOOST_TEST(errors.find("[cuda]") == std::string::npos, errors);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
