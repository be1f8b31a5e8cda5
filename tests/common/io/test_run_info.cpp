// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>
#include <limits>

#include "common/core/check.hpp"
#include "common/io/run_info.hpp"
#include "tests/common/io/scratch.hpp"

using namespace cnn;
using namespace cnn::io;
using cnn::test::get;
using cnn::test::put;
using cnn::test::says;
using cnn::test::Scratch;

BOOST_AUTO_TEST_SUITE(run_info)

BOOST_AUTO_TEST_CASE(file_has_exactly_these_lines) {
  const Scratch scratch;
  write_run_json(scratch / "run.json",
                 {{"chapter", "lenet"}, {"epochs", 5}, {"lr", 0.9}, {"resumed", false}});
  BOOST_TEST(get(scratch / "run.json") ==
             "{\n  \"chapter\": \"lenet\",\n  \"epochs\": 5,\n  \"lr\": 0.9,\n  \"resumed\": false\n}\n");
}

BOOST_AUTO_TEST_CASE(everything_comes_back_in_order) {
  const Scratch scratch;
  const RunInfo info{{"z", std::numeric_limits<std::uint64_t>::max()},
                     {"a", std::numeric_limits<std::int64_t>::min()},
                     {"lr", 0.1 + 0.2},
                     {"whole", 2.0},
                     {"text", "two\nlines, \"quoted\" \\ \xe4\xb8\xad"},
                     {"yes", true},
                     {"empty", ""}};
  write_run_json(scratch / "run.json", info);
  BOOST_TEST((read_run_json(scratch / "run.json") == info));
  write_run_json(scratch / "run.json", {});
  BOOST_TEST(read_run_json(scratch / "run.json").empty());
}

BOOST_AUTO_TEST_CASE(values_are_found_and_written_as_options) {
  const RunInfo info{{"seed", 7}, {"lr", 0.9}, {"preset", "book"}, {"flag", true}};
  BOOST_REQUIRE(find(info, "seed") != nullptr);
  BOOST_TEST(to_text(*find(info, "seed")) == "7");
  BOOST_TEST(to_text(*find(info, "lr")) == "0.9");
  BOOST_TEST(to_text(*find(info, "preset")) == "book");
  BOOST_TEST(to_text(*find(info, "flag")) == "true");
  BOOST_TEST(find(info, "none") == nullptr);
}

BOOST_AUTO_TEST_CASE(key_twice_is_refused) {
  const Scratch scratch;
  BOOST_CHECK_EXCEPTION(write_run_json(scratch / "run.json", {{"a", 1}, {"a", 2}}), StateError,
                        says({"\"a\" occurs twice"}));
  BOOST_TEST(scratch.listing().empty());
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_unicode_are_replaced) {
  const Scratch scratch;
  write_run_json(scratch / "run.json", {{"folder", "a\xff"}});
  BOOST_TEST(to_text(read_run_json(scratch / "run.json").at(0).second) == "a\xef\xbf\xbd");
}

BOOST_AUTO_TEST_CASE(damaged_files_are_named) {
  const Scratch scratch;
  for (const std::string text : {"", "{", "[]", "3", "nonsense", "{\"a\":[]}", "{\"a\":{}}", "\xff"}) {
    put(scratch / "run.json", text);
    BOOST_CHECK_EXCEPTION(read_run_json(scratch / "run.json"), DataError,
                          says({"run.json: ", "does not describe a run"}));
  }
  BOOST_CHECK_EXCEPTION(read_run_json(scratch / "none"), DataError, says({"no such file"}));
  BOOST_CHECK_EXCEPTION(write_run_json(scratch / "none/run.json", {}), DataError, says({"does not exist"}));
}

BOOST_AUTO_TEST_SUITE_END()
