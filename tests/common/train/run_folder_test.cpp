// SPDX-License-Identifier: MIT
#include "common/train/run_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <fstream>

#include "common/core/check.hpp"
#include "tests/support/temporary_folder.hpp"

namespace {

using namespace cnn;
namespace fs = std::filesystem;

const Chapter chapter{.section = "5.5", .name = "lenet", .folder = "05_lenet", .title = ""};

BOOST_FIXTURE_TEST_SUITE(run_folder, test::TemporaryFolder)

BOOST_AUTO_TEST_CASE(takes_the_next_free_number) {
  ::setenv("CNN_ROOT", path().c_str(), 1);
  BOOST_TEST(RunFolder::create({}, "05_lenet", false).path() == path() / "runs/05_lenet/1");
  fs::create_directories(path() / "runs/05_lenet/2");
  BOOST_TEST(RunFolder::create({}, "05_lenet", false).path() == path() / "runs/05_lenet/3");
  ::unsetenv("CNN_ROOT");
}

BOOST_AUTO_TEST_CASE(is_for_one_process_at_a_time) {
  const RunFolder first = RunFolder::create(path() / "run", "05_lenet", false);
  BOOST_CHECK_THROW(RunFolder::open(path() / "run"), DataError);
}

BOOST_AUTO_TEST_CASE(with_a_run_is_refused_unless_it_may_be_replaced) {
  write_run_json(RunFolder::create(path() / "run", "05_lenet", false).path(), Options{}, chapter);
  std::ofstream(path() / "run/notes.txt") << "mine";
  BOOST_CHECK_THROW(RunFolder::create(path() / "run", "05_lenet", false), UsageError);
  BOOST_CHECK_NO_THROW(RunFolder::create(path() / "run", "05_lenet", true));
  BOOST_TEST(!fs::exists(path() / "run/run.json"));
  BOOST_TEST(fs::exists(path() / "run/notes.txt"));  // what is not of a run stays
}

BOOST_AUTO_TEST_CASE(gives_every_option_back) {
  Options o;
  o.preset = "quick";
  o.backend = "reference";
  o.threads = 3;
  o.seed = 18446744073709551615U;
  o.epochs = 7;
  o.batch_size = 11;
  o.learning_rate = 1.0 / 3.0;
  o.image_size = 29;
  o.limit_train = 5;
  o.limit_test = 6;
  o.max_steps = 8;
  o.synthetic = true;
  o.data = "some where";
  o.save = "a \"quoted\" name";
  o.load = "w";
  write_run_json(path(), o, chapter);
  const Options back = read_run_options(path(), {.chapter = chapter});
  BOOST_TEST(back.preset == o.preset);
  BOOST_TEST(back.backend == o.backend);
  BOOST_TEST(back.threads == o.threads);
  BOOST_TEST(back.seed == o.seed);
  BOOST_TEST(back.epochs == o.epochs);
  BOOST_TEST(back.batch_size == o.batch_size);
  BOOST_TEST(back.learning_rate == o.learning_rate);
  BOOST_TEST(back.image_size == o.image_size);
  BOOST_TEST(back.limit_train == o.limit_train);
  BOOST_TEST(back.limit_test == o.limit_test);
  BOOST_TEST(back.max_steps == o.max_steps);
  BOOST_TEST(back.synthetic == o.synthetic);
  BOOST_TEST(back.data == fs::absolute(o.data));
  BOOST_TEST(back.save == fs::absolute(o.save));
  BOOST_TEST(back.load == fs::absolute(o.load));
}

BOOST_AUTO_TEST_CASE(checks_where_weights_are_saved) {
  BOOST_CHECK_NO_THROW(check_save_path({}));
  BOOST_CHECK_NO_THROW(check_save_path(path() / "w.safetensors"));
  BOOST_CHECK_THROW(check_save_path(path()), DataError);
  BOOST_CHECK_THROW(check_save_path(path() / "none/w.safetensors"), DataError);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
