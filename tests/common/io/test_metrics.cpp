// SPDX-License-Identifier: MIT
#include <signal.h>
#include <sys/resource.h>

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "common/core/check.hpp"
#include "common/io/metrics.hpp"
#include "tests/common/io/scratch.hpp"

using namespace cnn;
using namespace cnn::io;
using cnn::test::get;
using cnn::test::in_child;
using cnn::test::put;
using cnn::test::says;
using cnn::test::Scratch;

BOOST_AUTO_TEST_SUITE(metrics)

namespace {

const StepRecord step_one{1, 1, static_cast<double>(2.369889f), 16, 256, 0.004};
const EpochRecord epoch_one{1, 1.8381, 0.322, 0.584, 1.125};
const std::string step_line =
    R"({"type":"step","epoch":1,"step":1,"loss":2.369889,"correct":16,"examples":256,"seconds":0.004})"
    "\n";
const std::string epoch_line =
    R"({"type":"epoch","epoch":1,"loss":1.8381,"train_accuracy":0.322,"test_accuracy":0.584,"seconds":1.125})"
    "\n";

}  // namespace

BOOST_AUTO_TEST_CASE(records_are_exactly_these_lines) {
  const Scratch scratch;
  MetricsLog log(scratch / "m.jsonl");
  BOOST_TEST(log.bytes() == 0u);
  log.step(step_one);
  BOOST_TEST(get(scratch / "m.jsonl") == step_line);  // there at once, not when the log is closed
  log.epoch(epoch_one);
  log.sync();
  BOOST_TEST(get(scratch / "m.jsonl") == step_line + epoch_line);
  BOOST_TEST(log.bytes() == step_line.size() + epoch_line.size());
}

BOOST_AUTO_TEST_CASE(numbers_come_back_exactly) {
  const Scratch scratch;
  const double third = 1.0 / 3;
  const EpochRecord record{7, third, 0.1 + 0.2, 59999.0 / 60000, 1e-7, Index{3} << 40};
  const StepRecord step{1, std::int64_t{1} << 40, 5e-324, 0, 1, 1.7976931348623157e308};
  MetricsLog log(scratch / "m.jsonl");
  log.epoch(record);
  log.step(step);
  BOOST_TEST((read_metrics(scratch / "m.jsonl") == std::vector<EpochRecord>{record}));
  BOOST_TEST((read_steps(scratch / "m.jsonl") == std::vector<StepRecord>{step}));
}

BOOST_AUTO_TEST_CASE(float_loss_comes_back_to_the_last_bit) {
  const Scratch scratch;
  MetricsLog log(scratch / "m.jsonl");
  float loss = 2.3f;
  for (Index i = 1; i <= 100; ++i)
    log.step({1, i, static_cast<double>(loss = std::nextafter(loss, 0.0f)), 0, 1, 0});
  loss = 2.3f;
  for (const StepRecord& step : read_steps(scratch / "m.jsonl")) {
    loss = std::nextafter(loss, 0.0f);
    BOOST_TEST(static_cast<float>(step.loss) == loss);
  }
}

BOOST_AUTO_TEST_CASE(not_a_number_is_null) {
  const Scratch scratch;
  MetricsLog log(scratch / "m.jsonl");
  log.epoch({1, std::nan(""), 0.1, 0.1, std::numeric_limits<double>::infinity()});
  BOOST_TEST(get(scratch / "m.jsonl") ==
             "{\"type\":\"epoch\",\"epoch\":1,\"loss\":null,\"train_accuracy\":0.1,\"test_accuracy\":0.1,"
             "\"seconds\":null}\n");
  BOOST_TEST(std::isnan(read_metrics(scratch / "m.jsonl").at(0).loss));
}

BOOST_AUTO_TEST_CASE(new_log_replaces_an_old_one) {
  const Scratch scratch;
  put(scratch / "m.jsonl", "an old run\n");
  MetricsLog log(scratch / "m.jsonl");
  BOOST_TEST(get(scratch / "m.jsonl").empty());
}

BOOST_AUTO_TEST_CASE(resumed_log_drops_what_the_checkpoint_did_not_know) {
  const Scratch scratch;
  std::uint64_t kept = 0;
  {
    MetricsLog log(scratch / "m.jsonl");
    log.step(step_one);
    kept = log.bytes();
    log.step(step_one);
  }
  put(scratch / "m.jsonl", get(scratch / "m.jsonl") + "{\"type\":\"st");  // killed in the middle of a record
  MetricsLog log(scratch / "m.jsonl", kept);
  BOOST_TEST(log.bytes() == kept);
  log.epoch(epoch_one);
  BOOST_TEST(get(scratch / "m.jsonl") == step_line + epoch_line);
}

BOOST_AUTO_TEST_CASE(foreign_log_is_refused_untouched) {
  const Scratch scratch;
  put(scratch / "m.jsonl", step_line);
  BOOST_CHECK_EXCEPTION(MetricsLog(scratch / "m.jsonl", step_line.size() + 1), DataError,
                        says({"m.jsonl", "not the log of this run"}));
  BOOST_CHECK_EXCEPTION(MetricsLog(scratch / "m.jsonl", 5), DataError,
                        says({"a record should end at byte 5"}));
  BOOST_CHECK_EXCEPTION(MetricsLog(scratch / "none.jsonl", 5), DataError,
                        says({"none.jsonl", "no such file"}));
  BOOST_TEST(get(scratch / "m.jsonl") == step_line);
  BOOST_TEST(scratch.listing() == "m.jsonl");
}

BOOST_AUTO_TEST_CASE(impossible_places_are_named) {
  const Scratch scratch;
  put(scratch / "file", "x");
  BOOST_CHECK_EXCEPTION(MetricsLog(scratch.folder()), DataError, says({"it is a folder"}));
  BOOST_CHECK_EXCEPTION(MetricsLog(scratch / "file/m.jsonl"), DataError, says({"is a file, not a folder"}));
  BOOST_CHECK_EXCEPTION(MetricsLog(scratch / "none/m.jsonl"), DataError, says({"no such file or folder"}));
  BOOST_CHECK_EXCEPTION(MetricsLog("/dev/full"), DataError, says({"a device or a pipe"}));
}

BOOST_AUTO_TEST_CASE(full_disk_leaves_whole_records) {
  const Scratch scratch;
  const int status = in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{500, 500};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    MetricsLog log(scratch / "m.jsonl");
    try {
      while (true) log.step(step_one);
    } catch (const DataError& error) {
      return std::string(error.what()).find("m.jsonl: ") != std::string::npos ? 42 : 1;
    }
  });
  BOOST_TEST(status == 42);
  BOOST_TEST(get(scratch / "m.jsonl").size() == 500 / step_line.size() * step_line.size());
}

BOOST_AUTO_TEST_CASE(reading_ignores_steps_and_an_incomplete_last_line) {
  const Scratch scratch;
  put(scratch / "m.jsonl", step_line + epoch_line + step_line + epoch_line.substr(0, epoch_line.size() - 1));
  BOOST_TEST((read_metrics(scratch / "m.jsonl") == std::vector<EpochRecord>{epoch_one}));
  BOOST_TEST(read_steps(scratch / "m.jsonl").size() == 2u);
  put(scratch / "empty.jsonl", "");
  BOOST_TEST(read_metrics(scratch / "empty.jsonl").empty());
}

BOOST_AUTO_TEST_CASE(damaged_line_is_named) {
  const Scratch scratch;
  for (const std::string line :
       {"nonsense\n", "\n", "[]\n", "3\n", "{\"type\":\"epoch\"}\n", "{\"type\":3}\n", "\xff\n"}) {
    put(scratch / "m.jsonl", epoch_line + line);
    BOOST_CHECK_EXCEPTION(read_metrics(scratch / "m.jsonl"), DataError, says({"line 2 of", "m.jsonl"}));
  }
}

BOOST_AUTO_TEST_CASE(table_of_epochs) {
  const Scratch scratch;
  write_metrics_csv(scratch / "m.csv", {epoch_one, {2, std::nan(""), 0.5, 1.0 / 3, 2}});
  BOOST_TEST(get(scratch / "m.csv") ==
             "epoch,loss,train_accuracy,test_accuracy,seconds\n"
             "1,1.8381,0.322,0.584,1.125\n"
             "2,nan,0.5,0.3333333333333333,2\n");
  BOOST_CHECK_THROW(write_metrics_csv(scratch / "none/m.csv", {}), DataError);
}

BOOST_AUTO_TEST_CASE(table_is_the_same_after_reading_the_log_back) {
  const Scratch scratch;
  const std::vector<EpochRecord> epochs{
      {1, static_cast<double>(0.1f), 0.1, 2.0 / 3, static_cast<double>(1.0f / 3)}};
  MetricsLog log(scratch / "m.jsonl");
  log.epoch(epochs[0]);
  write_metrics_csv(scratch / "a.csv", epochs);
  write_metrics_csv(scratch / "b.csv", read_metrics(scratch / "m.jsonl"));
  BOOST_TEST(get(scratch / "a.csv") == get(scratch / "b.csv"));
}

BOOST_AUTO_TEST_SUITE_END()
