// SPDX-License-Identifier: MIT
// What the program refuses, each with one clear sentence.
#include <sys/mount.h>

#include <boost/test/data/test_case.hpp>

#include "chapters/05_lenet/lenet.hpp"
#include "tests/chapters/05_lenet/lenet_program.hpp"

namespace {

using namespace cnn;
using namespace cnn::test;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(refusals)

BOOST_AUTO_TEST_CASE(refuses_impossible_options) {
  for (const auto& arguments : std::vector<std::vector<std::string>>{{"--epochs", "-1"},
                                                                     {"--epochs", "1.5"},
                                                                     {"--epochs", "ten"},
                                                                     {"--batch-size", "0"},
                                                                     {"--lr", "nan"},
                                                                     {"--lr", "-0.1"},
                                                                     {"--lr", "inf"},
                                                                     {"--seed", "-1"},
                                                                     {"--seed", "18446744073709551616"},
                                                                     {"--threads", "0"},
                                                                     {"--threads", "100000"},
                                                                     {"--image-size", "0"},
                                                                     {"--limit-train", "0"},
                                                                     {"--max-steps", "0"},
                                                                     {"--preset", "fast"},
                                                                     {"--backend", "magic"},
                                                                     {"--simd", "neon"},
                                                                     {"--cuda-kernel", "fast"},
                                                                     {"--predict", "x.png"}}) {
    refused(arguments, 2, arguments[0]);
  }
  refused({"--unknown", "1"}, 2, "--unknown");
  refused({"stray"}, 2, "not expected");
  refused({"--backend", "xtensor", "--simd", "portable"}, 2, "--simd is for the rung simd");
  refused({"--backend", "simd", "--cuda-kernel", "naive"}, 2, "--cuda-kernel is for the rung cuda");
  refused({"--cuda-kernel", "naive"}, 2, "add --backend cuda");
}

BOOST_AUTO_TEST_CASE(refuses_images_of_a_size_that_lenet_cannot_take) {
  const test::TemporaryFolder folder;
  for (const std::string size : {"4", "16", "32"}) {
    const auto run = test::run_program(
        lenet({"--data", images, "--image-size", size, "--out", (folder / "run").string()}));
    BOOST_TEST(run.code == 2);
    BOOST_TEST(run.errors.starts_with("error: --image-size " + size + " does not fit"), run.errors);
    BOOST_TEST(run.errors.find("28 x 28") != std::string::npos, run.errors);
    BOOST_TEST(run.errors.find("in_features") == std::string::npos, run.errors);
    BOOST_TEST(!fs::exists(folder / "run"));
  }
}

BOOST_AUTO_TEST_CASE(refuses_bad_files) {
  const test::TemporaryFolder folder;
  const std::string out = (folder / "run").string();
  refused({"--data", (folder / "nothing").string(), "--out", out}, 1, "nothing");
  refused({"--data", images, "--load", (folder / "nothing").string(), "--out", out}, 1, "nothing");
  refused({"--data", images, "--load", folder.path().string(), "--out", out}, 1, "folder");
  std::ofstream(folder / "w.pt") << "PK\x03\x04 and so on";
  refused({"--data", images, "--load", (folder / "w.pt").string(), "--out", out}, 1, "torch.load");
  std::ofstream(folder / "empty");
  refused({"--data", images, "--load", (folder / "empty").string(), "--out", out}, 1, "empty");
  BOOST_TEST(!fs::exists(folder / "run"));  // nothing was begun
}

BOOST_AUTO_TEST_CASE(refuses_weights_of_another_network) {
  const test::TemporaryFolder folder;
  const std::string weights = (folder / "w.safetensors").string();
  io::save_safetensors(weights, {{"conv.0.weight", Tensor::zeros({6, 1, 5, 5})}});
  refused({"--data", images, "--load", weights, "--epochs", "0"}, 1, "no tensor 'conv.0.bias'");
  Rng rng(0);
  nn::Sequential net = make_lenet(1, 10, rng);
  io::NamedTensors tensors = state_dict(net);
  tensors.emplace_back("more", Tensor::zeros({1}));
  io::save_safetensors(weights, tensors);
  refused({"--data", images, "--load", weights, "--epochs", "0"}, 1, "'more'");
  tensors.pop_back();
  tensors[2].second = Tensor::zeros({16, 6, 3, 3});
  io::save_safetensors(weights, tensors);
  refused({"--data", images, "--load", weights, "--epochs", "0"}, 1, "[16, 6, 3, 3]");
}

BOOST_AUTO_TEST_CASE(refuses_folders_it_cannot_write_to) {
  const test::TemporaryFolder folder;
  std::ofstream(folder / "file") << "x";
  refused({"--data", images, "--epochs", "1", "--out", (folder / "file").string()}, 2, "not a folder");
  refused({"--data", images, "--epochs", "1", "--out", (folder / "file/run").string()}, 1,
          "cannot make the folder");
  refused({"--epochs", "0", "--save", (folder / "none/w.safetensors").string()}, 1, "does not exist");
  refused({"--epochs", "0", "--save", folder.path().string()}, 1, "is a folder");
}

/// Skips, by name, where a file system of a few kilobytes cannot be made.
struct CanMount {
  boost::test_tools::assertion_result operator()(boost::unit_test::test_unit_id) const {
    const test::TemporaryFolder folder;
    if (::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=64k") == 0) {
      ::umount(folder.path().c_str());
      return true;
    }
    boost::test_tools::assertion_result no(false);
    no.message() << "mounting a small file system needs root";
    return no;
  }
};

BOOST_TEST_DECORATOR(*boost::unit_test::precondition(CanMount()))
BOOST_DATA_TEST_CASE(says_when_the_disk_is_full, boost::unit_test::data::make({16, 64, 256, 700}),
                     kilobytes) {
  const test::TemporaryFolder folder;
  fs::create_directory(folder / "disk");
  const std::string size = "size=" + std::to_string(kilobytes) + "k";
  BOOST_TEST_REQUIRE(::mount("tmpfs", (folder / "disk").c_str(), "tmpfs", 0, size.c_str()) == 0);
  refused({"--data", images, "--epochs", "3", "--batch-size", "8", "--out", (folder / "disk/run").string()},
          1, "disk");
  for (const auto& entry : fs::recursive_directory_iterator(folder / "disk")) {
    if (entry.path().extension() != ".safetensors") continue;
    BOOST_CHECK_NO_THROW(io::load_safetensors(entry.path()));  // whole or absent
  }
  BOOST_TEST(::umount((folder / "disk").c_str()) == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
