// SPDX-License-Identifier: MIT

// What can be known before training is said before it; and --resume knows everything about the run.

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <fstream>

#include "common/io/image.hpp"
#include "tests/support/fixtures.hpp"
#include "tests/support/same_run.hpp"

namespace {

using namespace cnn;
namespace fs = std::filesystem;

const std::string images = test::fixture_images().string();

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

test::Finished start(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), CNN_LENET);
  return test::run_program(arguments);
}

/// Runs the program in a folder.
test::Finished lenet_in(const fs::path& folder, const std::string& arguments) {
  return test::run_program(
      {"/bin/sh", "-c", "cd '" + folder.string() + "' && exec " CNN_LENET " " + arguments});
}

/// A folder with weights, and a run of two epochs in sixteen steps that is to start with them.
struct Folder : test::TemporaryFolder {
  Folder() { BOOST_TEST_REQUIRE(start({"--epochs", "0", "--save", (*this / "w").string()}).code == 0); }

  void refused(std::vector<std::string> arguments, int code, const std::string& words) const {
    arguments.insert(arguments.end(), {"--data", images, "--out", (*this / "run").string()});
    const auto run = start(arguments);
    BOOST_TEST_CONTEXT(run.errors) {
      BOOST_TEST(run.code == code);
      BOOST_TEST(holds(run.errors, words));
      BOOST_TEST(!fs::exists(*this / "run"));
      BOOST_TEST(!holds(run.output, "epoch 1"));
    }
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(before_training, Folder)

BOOST_AUTO_TEST_CASE(a_picture_to_predict_is_read) {
  const std::string weights = (*this / "w").string();
  refused({"--load", weights, "--predict", (*this / "none.png").string()}, 1, "none.png");
  refused({"--load", weights, "--predict", path().string()}, 1, "folder");
  std::ofstream(*this / "p.jpg") << "\xff\xd8\xff";
  refused({"--load", weights, "--predict", (*this / "p.jpg").string()}, 1, "p.jpg");
}

BOOST_AUTO_TEST_CASE(a_file_to_save_can_be_written) {
  const std::string longest(255, 'w');  // a name of its own, but not with .tmp
  for (const std::string option : {"--save", "--dump"}) {
    const std::vector<std::string> steps = {"--max-steps", "1", option};
    const auto with = [&](const std::string& file) {
      std::vector<std::string> all = steps;
      all.push_back(file);
      return all;
    };
    refused(with((*this / longest).string()), 1, "too long");
    refused(with("/dev/null"), 1, "a device");
    refused(with(path().string()), 1, "is a folder");
    refused(with((*this / "none/w").string()), 1, "does not exist");
  }
  BOOST_TEST(std::distance(fs::directory_iterator(path()), {}) == 1);  // the weights only
}

BOOST_DATA_TEST_CASE(an_empty_name_is_refused,
                     boost::unit_test::data::make({"--load", "--data", "--save", "--predict", "--dump",
                                                   "--out", "--config"}),
                     option) {
  const auto run = start({option, ""});
  BOOST_TEST(run.code == 2);
  BOOST_TEST(holds(run.errors, option), run.errors);
  BOOST_TEST(holds(run.errors, "name is empty"), run.errors);
}

BOOST_AUTO_TEST_CASE(predicting_needs_no_data_set) {
  const fs::path jpeg = fs::path(CNN_SOURCE_DIR) / "tests/fixtures/pictures/gray.jpg";
  const auto run = test::run_program({"/usr/bin/env", "CNN_ROOT=" + path().string(), CNN_LENET, "--epochs",
                                      "0", "--load", (*this / "w").string(), "--predict", jpeg.string(),
                                      "--out", (*this / "run").string()});
  BOOST_TEST(run.code == 0, run.errors);
  BOOST_TEST(holds(run.output, "ankle boot"), run.output);
  BOOST_TEST(!holds(run.output, "test acc"), run.output);
}

BOOST_AUTO_TEST_CASE(resuming_knows_the_data_of_the_environment) {
  fs::create_directories(*this / "there");
  const std::string run = (*this / "there/run").string();
  BOOST_TEST_REQUIRE(test::run_program({"/bin/sh", "-c",
                                        "cd '" + test::fixture_images().string() +
                                            "' && CNN_DATA=. exec " CNN_LENET " --epochs 1 --out " + run})
                         .code == 0);
  const auto resumed = lenet_in("/", "--epochs 2 --resume " + run);
  BOOST_TEST(resumed.code == 0, resumed.errors);
  BOOST_TEST(test::steps_of(run).size() == 4U);  // 320 images at batch 256
}

/// Relative names, from another folder, with the weights gone: the checkpoint has them.
BOOST_AUTO_TEST_CASE(resuming_knows_where_the_files_were) {
  fs::create_directories(*this / "there");
  fs::copy(test::fixture_images(), *this / "there/set");
  fs::rename(*this / "w", *this / "there/w");
  io::write_png(*this / "there/p.png", Tensor::zeros({28, 28}));
  const std::string options = "--load w --data set --batch-size 16 --predict p.png ";
  BOOST_TEST_REQUIRE(lenet_in(*this / "there", options + "--epochs 4 --save saved --out whole").code == 0);
  const std::string saved = test::read_text(*this / "there/saved");
  BOOST_TEST_REQUIRE(lenet_in(*this / "there", options + "--epochs 2 --save saved --out run").code == 0);
  fs::remove(*this / "there/w");
  fs::remove(*this / "there/saved");

  const auto resumed = lenet_in("/", "--epochs 4 --resume '" + (*this / "there/run").string() + "'");
  BOOST_TEST_REQUIRE(resumed.code == 0, resumed.errors);
  BOOST_TEST((test::read_text(*this / "there/saved") == saved));
  test::check_same_run(*this / "there/whole", *this / "there/run", 4);
  BOOST_TEST(holds(resumed.output, "predict_input.png"), resumed.output);
  BOOST_TEST(!holds(resumed.output, "MACs"), resumed.output);              // no second table of layers
  const auto again = start({"--resume", (*this / "there/run").string()});  // remembers that there are four
  BOOST_TEST(holds(again.output, "the run was finished"), again.output);
}

BOOST_AUTO_TEST_CASE(resuming_remembers_the_dump) {
  const std::string dump = (*this / "dump").string(), run = (*this / "run").string();
  BOOST_TEST_REQUIRE(start({"--data", images, "--batch-size", "16", "--epochs", "2", "--max-steps", "30",
                            "--out", run, "--dump", dump})
                         .code == 0);
  const std::string whole = test::read_text(dump);
  fs::remove(dump);
  fs::remove_all(*this / "run/checkpoint");  // as if it was killed before the first
  const auto resumed = start({"--resume", run});
  BOOST_TEST_REQUIRE(resumed.code == 0, resumed.errors);
  BOOST_TEST((test::read_text(dump) == whole));
}

BOOST_AUTO_TEST_CASE(resuming_without_training_is_refused) {
  const std::string run = (*this / "run").string();
  BOOST_TEST_REQUIRE(start({"--data", images, "--epochs", "1", "--out", run}).code == 0);
  const auto refused = start({"--resume", run, "--epochs", "0"});
  BOOST_TEST(refused.code == 2);
  BOOST_TEST(holds(refused.errors, "--epochs 1 or more"), refused.errors);
  BOOST_TEST(start({"--resume", run, "--lr", "1"}).code == 2);
}

BOOST_AUTO_TEST_SUITE_END()
