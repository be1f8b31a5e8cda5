// SPDX-License-Identifier: MIT
#include "tests/smoke/compare.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using cnn::test::first_difference;

BOOST_AUTO_TEST_SUITE(compare)

BOOST_AUTO_TEST_CASE(lets_rounding_pass) {
  BOOST_TEST(!first_difference("loss 2.3026, acc 0.100\n", "loss 2.3027, acc 0.100\n"));
  BOOST_TEST(!first_difference("difference 6.0e-08\n", "difference 1.2e-07\n"));
  BOOST_TEST(!first_difference("44,426 parameters\n", "44426 parameters\n"));
  BOOST_TEST(!first_difference("{ 0.35066 , 1.}\n", "{ 0.350661,  1.}\n"));
}

BOOST_AUTO_TEST_CASE(passes_over_times_and_files) {
  BOOST_TEST(!first_difference("acc 0.5, time 1.1 sec\nwrote a\n", "acc 0.5, time 9.9 sec\nwrote b/c\n"));
}

BOOST_AUTO_TEST_CASE(passes_over_work_space_but_not_the_batch) {
  const std::string memory = "9 MACs, expected memory of a step at batch ";
  BOOST_TEST(!first_difference(memory + "8: 195.6 MiB\n", memory + "8: 1.2 GiB\n"));
  BOOST_TEST(first_difference(memory + "8: 195.6 MiB\n", memory + "9: 195.6 MiB\n").has_value());
}

BOOST_AUTO_TEST_CASE(finds_a_changed_number) {
  const auto difference = first_difference("a\nloss 2.3026\n", "a\nloss 2.3126\n");
  BOOST_TEST_REQUIRE(difference.has_value());
  BOOST_TEST(*difference == "line 2\n  expected: loss 2.3026\n  found:    loss 2.3126");
}

BOOST_AUTO_TEST_CASE(finds_changed_text) {
  BOOST_TEST(first_difference("loss 2.3\n", "lost 2.3\n").has_value());
  BOOST_TEST(first_difference("loss 2.3\n", "loss nan\n").has_value());
  BOOST_TEST(first_difference("a\nb\n", "a\n").has_value());
  BOOST_TEST(first_difference("a\n", "a\nb\n").has_value());
  BOOST_TEST(first_difference("[1, 2]\n", "[1, 2, 3]\n").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
