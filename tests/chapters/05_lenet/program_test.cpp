// SPDX-License-Identifier: MIT

// What the program prints and writes.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <limits>
#include <regex>

#include "chapters/05_lenet/lenet.hpp"
#include "tests/chapters/05_lenet/lenet_program.hpp"

namespace {

using namespace cnn;
using namespace cnn::test;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(program)

BOOST_AUTO_TEST_CASE(writes_every_file_of_a_run) {
  const test::TemporaryFolder folder;
  const auto run =
      test::run_program(lenet({"--data", images, "--epochs", "2", "--out", (folder / "run").string()}));
  BOOST_TEST_REQUIRE(run.code == 0, run.errors);
  for (const char* name : {"run.json", "metrics.jsonl", "metrics.csv", "model.safetensors",
                           "checkpoint/latest", "input.png", "feature_maps_1.png", "feature_maps_2.png",
                           "confusion.csv", "wrong.png", "wrong.txt", "filters.png", "report.html"}) {
    BOOST_TEST(fs::exists(folder / ("run/" + std::string(name))), name);
  }
  BOOST_TEST(std::regex_search(run.output, std::regex("training on cpu \\(\\w+, \\d+ threads?\\)")),
             run.output);
  const std::regex line(
      "epoch 2, loss \\d\\.\\d{4}, train acc 0\\.\\d{3}, test acc 0\\.\\d{3}, time \\d+\\.\\d sec");
  BOOST_TEST(std::regex_search(run.output, line), run.output);
  BOOST_TEST(run.output.find('\r') == std::string::npos);  // no progress bar into a file
  for (const auto& entry : fs::recursive_directory_iterator(folder.path())) {
    BOOST_TEST(entry.path().string().find("tmp") == entry.path().string().rfind("/tmp/") + 1, entry.path());
  }
}

BOOST_AUTO_TEST_CASE(saves_what_it_loads) {
  const test::TemporaryFolder folder;
  const std::string weights = (folder / "w.safetensors").string();
  const auto trained =
      test::run_program(lenet({"--data", images, "--epochs", "3", "--lr", "0.01", "--batch-size", "16",
                               "--out", (folder / "run").string(), "--save", weights}));
  BOOST_TEST_REQUIRE(trained.code == 0, trained.errors);
  BOOST_TEST((test::read_text(weights) == test::read_text(folder / "run/model.safetensors")));
  const auto loaded = test::run_program(
      lenet({"--data", images, "--epochs", "0", "--load", weights, "--out", (folder / "eval").string()}));
  BOOST_TEST_REQUIRE(loaded.code == 0, loaded.errors);
  std::smatch expected;
  std::smatch found;
  BOOST_TEST_REQUIRE(
      std::regex_search(trained.output, expected, std::regex("epoch 3, .*test acc (0\\.\\d+)")));
  BOOST_TEST_REQUIRE(std::regex_search(loaded.output, found, std::regex("test acc (0\\.\\d+)")));
  BOOST_TEST(expected[1].str() == found[1].str());
}

BOOST_AUTO_TEST_CASE(warns_of_pictures_that_are_not_as_the_network_knows_them) {
  const test::TemporaryFolder folder;
  const std::string weights = (folder / "w").string();
  BOOST_TEST_REQUIRE(test::run_program(lenet({"--epochs", "0", "--save", weights})).code == 0);
  const auto warnings = [&](const std::string& picture) {
    const auto run =
        test::run_program(lenet({"--data", images, "--limit-test", "8", "--epochs", "0", "--load", weights,
                                 "--predict", picture, "--out", (folder / "out").string(), "--overwrite"}));
    BOOST_TEST(run.code == 0, run.errors);
    std::string found;
    for (const char* words : {"background is light", "dark on a transparent ground"})
      found += run.errors.find(words) != std::string::npos ? std::string(words) + ";" : "";
    return found;
  };
  const std::string fixtures = std::string(CNN_SOURCE_DIR) + "/tests/fixtures/pictures/";
  BOOST_TEST(warnings(fixtures + "black_on_transparent.png") == "dark on a transparent ground;");
  BOOST_TEST(warnings(fixtures + "light_on_transparent.png") == "");
  Tensor picture = Tensor::zeros({28, 28});
  for (Index i = 3; i < 25; ++i) std::fill_n(picture.data() + 28 * i + 3, 22, 1.0F);  // light, on black
  io::write_png(folder / "p.png", picture);
  BOOST_TEST(warnings((folder / "p.png").string()) == "");
  for (float& value : picture.values()) value = 1 - value;
  io::write_png(folder / "p.png", picture);
  BOOST_TEST(warnings((folder / "p.png").string()) == "background is light;");
  BOOST_TEST(warnings(fixtures + "gray.jpg") == "");
}

BOOST_AUTO_TEST_CASE(predicts_a_picture) {
  const test::TemporaryFolder folder;
  const std::string weights = (folder / "w.safetensors").string();
  BOOST_TEST_REQUIRE(test::run_program(lenet({"--epochs", "0", "--save", weights})).code == 0);
  io::write_png(folder / "picture.png", Tensor::zeros({40, 90}));
  const auto run =
      test::run_program(lenet({"--data", images, "--epochs", "0", "--load", weights, "--predict",
                               (folder / "picture.png").string(), "--out", (folder / "out").string()}));
  BOOST_TEST_REQUIRE(run.code == 0, run.errors);
  double total = 0;
  const std::regex row("(\\S[^\\n]*\\S) +(0\\.\\d{4})\\n");
  for (auto match = std::sregex_iterator(run.output.begin(), run.output.end(), row);
       match != std::sregex_iterator(); ++match) {
    total += std::stod((*match)[2]);
  }
  BOOST_TEST(std::abs(total - 1) < 0.001, run.output);
  BOOST_TEST(fs::exists(folder / "out/predict_input.png"));
}

BOOST_AUTO_TEST_CASE(dumps_what_the_layers_compute) {
  const test::TemporaryFolder folder;
  const std::string dump = (folder / "dump.safetensors").string();
  const std::string run = (folder / "run").string();
  const auto trained = test::run_program(
      lenet({"--data", images, "--batch-size", "16", "--max-steps", "2", "--out", run, "--dump", dump}));
  BOOST_TEST_REQUIRE(trained.code == 0, trained.errors);
  const io::NamedTensors step = io::load_safetensors(dump).tensors;
  BOOST_TEST(step.front().first == "conv.0.output");
  BOOST_TEST((step.front().second.shape() == Shape{16, 6, 24, 24}));
  BOOST_TEST(step.size() == 12U + 11U + 10U);  // outputs, gradients of all inputs but the images, parameters
  const auto evaluated =
      test::run_program(lenet({"--data", images, "--epochs", "0", "--load", run + "/model.safetensors",
                               "--dump", dump, "--limit-test", "7", "--out", (folder / "eval").string()}));
  BOOST_TEST_REQUIRE(evaluated.code == 0, evaluated.errors);
  const io::NamedTensors logits = io::load_safetensors(dump).tensors;
  BOOST_TEST(logits.back().first == "fc.4.output");
  BOOST_TEST((logits.back().second.shape() == Shape{7, 10}));
}

BOOST_AUTO_TEST_CASE(watches_what_the_layers_do) {
  const test::TemporaryFolder folder;
  const auto train = [&](const std::string& name, std::vector<std::string> options) {
    options.insert(options.begin(), {"--data", images, "--batch-size", "16", "--max-steps", "5", "--out",
                                     (folder / name).string()});
    return test::run_program(lenet(options));
  };
  BOOST_TEST_REQUIRE(train("unwatched", {}).code == 0);
  const auto run = train("watched", {"--watch", "2"});
  BOOST_TEST_REQUIRE(run.code == 0, run.errors);
  std::string steps;
  for (const char* step : {"1", "2", "3", "4", "5"})
    if (run.output.find(std::string("epoch 1, step ") + step + "  spread between images") !=
        std::string::npos)
      steps += step;
  BOOST_TEST(steps == "124", run.output);
  const std::string log = test::read_text(folder / "watched/metrics.jsonl");
  const std::string record = R"({"type":"layer","epoch":1,"step":4,"layer":"conv.0","spread":)";
  BOOST_TEST(log.find(record) != std::string::npos, log);
  BOOST_TEST((test::read_text(folder / "watched/model.safetensors") ==
              test::read_text(folder / "unwatched/model.safetensors")));
}

BOOST_AUTO_TEST_CASE(refuses_to_dump_no_step) {
  const test::TemporaryFolder folder;
  const std::string dump = (folder / "dump.safetensors").string();
  refused({"--data", images, "--dump", dump}, 2, "--max-steps N");
  refused({"--data", images, "--epochs", "0", "--max-steps", "3", "--dump", dump}, 2, "--load FILE");
  refused({"--data", images, "--epochs", "1", "--max-steps", "1000", "--dump", dump}, 2, "no step 1000");
  refused({"--data", images, "--max-steps", "1", "--dump", (folder / "none/x").string()}, 1,
          "does not exist");
}

BOOST_AUTO_TEST_CASE(says_when_the_loss_leaves_the_numbers) {
  const test::TemporaryFolder folder;
  const std::string weights = (folder / "w.safetensors").string();
  Rng rng(0);
  nn::Sequential net = make_lenet(1, 10, rng);
  Tensor& last = net.parameters()[net.parameters().size() - 2]->value;  // finite, but its sums are not
  std::fill_n(last.data(), last.size(), 3e38F);
  save_weights(weights, net);
  refused({"--data", images, "--epochs", "1", "--load", weights, "--out", (folder / "run").string()}, 1,
          "smaller --lr");
}

BOOST_AUTO_TEST_CASE(says_when_the_weights_were_no_numbers) {
  const test::TemporaryFolder folder;
  const std::string weights = (folder / "w.safetensors").string();
  Rng rng(0);
  nn::Sequential net = make_lenet(1, 10, rng);
  net.parameters().back()->value.data()[0] = std::numeric_limits<float>::quiet_NaN();
  save_weights(weights, net);
  refused({"--data", images, "--epochs", "1", "--load", weights, "--out", (folder / "run").string()}, 1,
          "hold NaN or infinity in 'fc.4.bias'");
}

BOOST_AUTO_TEST_CASE(says_when_the_network_still_guesses) {
  const test::TemporaryFolder folder;
  const auto run = test::run_program(
      lenet({"--data", images, "--epochs", "2", "--batch-size", "8", "--out", (folder / "run").string()}));
  BOOST_TEST(run.code == 0);
  BOOST_TEST(run.errors.find("warning: the loss stayed at ln 10") != std::string::npos, run.errors);
}

BOOST_AUTO_TEST_CASE(takes_the_last_of_an_option_given_twice) {
  const test::TemporaryFolder folder;
  const auto run = test::run_program(lenet({"--data", images, "--epochs", "9", "--epochs", "1", "--out",
                                            "/nowhere", "--out", (folder / "run").string()}));
  BOOST_TEST(run.code == 0, run.errors);
  BOOST_TEST(run.output.find("epoch 2") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(reads_options_from_a_file) {
  const test::TemporaryFolder folder;
  std::ofstream(folder / "options.toml") << "epochs = 2\nbatch-size = 32\nseed = 5\n";
  const auto run = test::run_program(lenet({"--data", images, "--config", (folder / "options.toml").string(),
                                            "--epochs", "1", "--out", (folder / "run").string()}));
  BOOST_TEST_REQUIRE(run.code == 0, run.errors);
  const std::string json = test::read_text(folder / "run/run.json");
  BOOST_TEST(json.find("\"seed\": 5") != std::string::npos, json);
  BOOST_TEST(json.find("\"batch_size\": 32") != std::string::npos, json);
  BOOST_TEST(json.find("\"epochs\": 1,") != std::string::npos, json);
  std::ofstream(folder / "options.toml") << "epoch = 2\n";
  refused({"--config", (folder / "options.toml").string()}, 2, "epoch");
}

BOOST_AUTO_TEST_CASE(never_overwrites_a_run_unasked) {
  const test::TemporaryFolder folder;
  const std::vector<std::string> once{"--data", images, "--epochs", "1", "--out", (folder / "run").string()};
  BOOST_TEST_REQUIRE(test::run_program(lenet(once)).code == 0);
  const std::string before = test::read_text(folder / "run/metrics.jsonl");
  refused(once, 2, "--resume");
  BOOST_TEST((test::read_text(folder / "run/metrics.jsonl") == before));
  std::vector<std::string> again = once;
  again.emplace_back("--overwrite");
  BOOST_TEST(test::run_program(lenet(again)).code == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
