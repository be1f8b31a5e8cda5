// SPDX-License-Identifier: MIT

// LeNet with batch normalization learns from data that are not Fashion-MNIST.

#include <boost/test/unit_test.hpp>
#include <regex>

#include "common/core/random.hpp"
#include "common/io/image.hpp"
#include "common/io/safetensors.hpp"
#include "tests/support/fixtures.hpp"
#include "tests/support/program.hpp"
#include "tests/support/same_run.hpp"

namespace {

using namespace cnn;
namespace fs = std::filesystem;

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

test::Finished lenet(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {CNN_PROGRAM, "--layer", "library"});
  return test::run_program(arguments);
}

/// Pictures of three colours, with noise.
void paint_colours(const fs::path& folder, Index count) {
  Rng rng(1);
  const std::vector<std::string> names{"blue, dark", "green", "red"};
  for (std::size_t k = 0; k < 3; ++k) {
    fs::create_directories(folder / names[k]);
    for (Index i = 0; i < count; ++i) {
      Tensor pixels = Tensor::empty({3, 20, 30 + i});
      for (float& value : pixels.values()) value = 0.3F * static_cast<float>(rng.draw() % 256) / 255;
      const Index plane = 20 * (30 + i);
      for (Index j = 0; j < plane; ++j) pixels.data()[static_cast<Index>(2 - k) * plane + j] += 0.6F;
      io::write_png(folder / names[k] / (std::to_string(100 + i) + ".png"), pixels);
    }
  }
}

/// 47 classes: class k is bright in column k % 7 and row k / 7 of a grid.
void write_letters(const fs::path& folder) {
  const auto header = [](std::ofstream& out, std::vector<std::uint32_t> numbers) {
    for (const std::uint32_t n : numbers)
      for (int shift = 24; shift >= 0; shift -= 8) out.put(static_cast<char>(n >> shift & 255U));
  };
  for (const std::string part : {"train", "test"}) {
    const std::uint32_t n = part == "train" ? 470 : 94;
    std::ofstream images(folder / ("emnist-balanced-" + part + "-images-idx3-ubyte"), std::ios::binary);
    std::ofstream labels(folder / ("emnist-balanced-" + part + "-labels-idx1-ubyte"), std::ios::binary);
    header(images, {0x803, n, 14, 14});
    header(labels, {0x801, n});
    for (std::uint32_t i = 0; i < n; ++i) {
      const std::uint32_t k = i % 47;
      labels.put(static_cast<char>(k));
      for (std::uint32_t p = 0; p < 14 * 14; ++p)
        images.put(static_cast<char>(p % 14 / 2 == k % 7 || p / 28 == k / 7 ? 255 : 0));
    }
  }
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(own_data, test::TemporaryFolder)

BOOST_AUTO_TEST_CASE(of_coloured_pictures_in_three_classes) {
  paint_colours(*this / "colours", 20);
  const std::string data = (*this / "colours").string(), run = (*this / "run").string();
  const auto trained =
      lenet({"--data", data, "--epochs", "15", "--batch-size", "16", "--lr", "0.01", "--out", run});
  BOOST_TEST_REQUIRE(trained.code == 0, trained.errors);
  BOOST_TEST(std::regex_search(trained.output, std::regex("epoch 15, .*test acc 1.000")), trained.output);
  BOOST_TEST(test::read_text(*this / "run/confusion.csv") ==
             "label,\"blue, dark\",green,red\n\"blue, dark\",4,0,0\ngreen,0,4,0\nred,0,0,4\n");
  const std::string weights = run + "/model.safetensors";
  BOOST_TEST(io::load_safetensors(weights).metadata.at("classes") == R"(["blue, dark","green","red"])");

  // Predicting needs the weights only, with or without colours in the picture.
  const auto predicted = lenet({"--epochs", "0", "--load", weights, "--predict", data + "/red/100.png",
                                "--out", (*this / "predicted").string()});
  BOOST_TEST_REQUIRE(predicted.code == 0, predicted.errors);
  BOOST_TEST(std::regex_search(predicted.output, std::regex("beta[^\n]*\nred +0\\.\\d{4}\n")),
             predicted.output);
  BOOST_TEST(!holds(predicted.output, "test acc"));
  io::write_png(*this / "grey.png", Tensor::zeros({9, 7}));
  BOOST_TEST(lenet({"--epochs", "0", "--load", weights, "--predict", (*this / "grey.png").string(), "--out",
                    (*this / "grey").string()})
                 .code == 0);

  // Weights of other classes: both lists.
  fs::rename(*this / "colours/red", *this / "colours/crimson");
  const auto refused =
      lenet({"--data", data, "--epochs", "0", "--load", weights, "--out", (*this / "no").string()});
  BOOST_TEST(refused.code == 1);
  BOOST_TEST(holds(refused.errors,
                   "tells apart blue, dark, green, red; the data set has blue, dark, crimson, green"),
             refused.errors);
  std::ofstream(*this / "colours/green/broken.png") << "\x89PNG\r\n\x1a\n";
  const auto broken = lenet({"--data", data, "--out", (*this / "no").string()});
  BOOST_TEST(broken.code == 1);
  BOOST_TEST(holds(broken.errors, "colours/green/broken.png"), broken.errors);
  BOOST_TEST(!fs::exists(*this / "no"));
}

/// A checkpoint knows by what data it was made: going on with others would mix two trainings.
BOOST_AUTO_TEST_CASE(are_the_same_when_a_run_goes_on) {
  const fs::path data = *this / "colours", latin1 = data / "gr\xfcn";  // no UTF-8, as old folders have it
  paint_colours(data, 20);
  fs::rename(data / "green", latin1);
  const std::string run = (*this / "run").string();
  const auto resume = [&](const std::string& epochs) {
    return test::run_program({CNN_PROGRAM, "--resume", run, "--epochs", epochs});
  };
  BOOST_TEST_REQUIRE(lenet({"--data", data.string(), "--epochs", "1", "--out", run}).code == 0);
  const auto same = resume("2");
  BOOST_TEST_REQUIRE(same.code == 0, same.errors);

  const auto refused = [&](const std::string& words) {
    const auto other = resume("3");
    BOOST_TEST(other.code == 1);
    BOOST_TEST(holds(other.errors, words), other.errors);
  };
  fs::rename(latin1, data / "green");
  refused("tell apart blue, dark, ");
  refused("; its data set now has blue, dark, green, red");
  fs::rename(data / "green", latin1);
  for (const std::string name : {"200.png", "201.png"}) fs::copy(data / "red/100.png", data / "red" / name);
  refused("made with 48 training images; its data set now has 50");
  for (const std::string name : {"200.png", "201.png"}) fs::remove(data / "red" / name);
  BOOST_TEST(resume("3").code == 0);
  BOOST_TEST(test::count_lines(*this / "run/metrics.csv") == 4U);  // three epochs under a line of names
}

BOOST_AUTO_TEST_CASE(of_47_classes) {
  write_letters(path());
  const auto trained = lenet({"--data", path().string(), "--epochs", "12", "--batch-size", "47", "--lr",
                              "0.01", "--out", (*this / "run").string()});
  BOOST_TEST_REQUIRE(trained.code == 0, trained.errors);
  std::smatch found;
  BOOST_TEST_REQUIRE(
      std::regex_search(trained.output, found, std::regex("epoch 12, .*test acc (\\d\\.\\d+)")));
  BOOST_TEST(std::stod(found[1]) > 0.9, trained.output);
  BOOST_TEST(holds(trained.output, "[1, 47]"), trained.output);
  const auto measured =
      lenet({"--data", path().string(), "--epochs", "0", "--load", (*this / "run/model.safetensors").string(),
             "--out", (*this / "eval").string()});
  BOOST_TEST(holds(measured.output, "test acc " + found[1].str()), measured.output);
  const auto garments = lenet({"--data", test::fixture_images().string(), "--epochs", "0", "--load",
                               (*this / "run/model.safetensors").string(), "--out", (*this / "no").string()});
  BOOST_TEST(garments.code == 1);
  BOOST_TEST(holds(garments.errors, "the data set has t-shirt, trouser"), garments.errors);
}

BOOST_AUTO_TEST_CASE(leaves_the_weights_of_fashion_mnist_without_an_entry) {
  BOOST_TEST_REQUIRE(lenet({"--epochs", "0", "--save", (*this / "w").string()}).code == 0);
  BOOST_TEST(io::load_safetensors(*this / "w").metadata.empty());
}

BOOST_AUTO_TEST_SUITE_END()
