// SPDX-License-Identifier: MIT
// The numbers expected here are those of PyTorch 2.15 on a CPU.
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include "common/core/check.hpp"
#include "common/core/random.hpp"

using namespace cnn;

BOOST_AUTO_TEST_SUITE(random_numbers)

namespace {

std::vector<float> uniform(Rng& rng, std::size_t count, float low, float high) {
  std::vector<float> values(count);
  rng.fill_uniform(values, low, high);
  return values;
}

std::vector<float> normal(Rng& rng, std::size_t count, float mean = 0, float stddev = 1) {
  std::vector<float> values(count);
  rng.fill_normal(values, mean, stddev);
  return values;
}

/// Normal numbers pass through sine, cosine and logarithm, whose last bits depend on the library.
void check_close(const std::vector<float>& values, const std::vector<float>& expected) {
  BOOST_TEST_REQUIRE(values.size() == expected.size());
  for (std::size_t k = 0; k < values.size(); ++k) {
    BOOST_TEST(std::abs(values[k] - expected[k]) < 3e-6F,
               k << ": " << values[k] << " is not " << expected[k]);
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(
    uniform_numbers_are_those_of_pytorch) {  // torch.manual_seed(3); torch.empty(6).uniform_(-0.5, 0.25)
  const std::vector<float> expected{-0.49680236F,  -0.420822978F, -0.285618126F,
                                    -0.479783893F, -0.146289229F, -0.454912782F};
  Rng rng(3);
  BOOST_TEST(uniform(rng, 6, -0.5F, 0.25F) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(only_the_low_half_of_a_seed_counts) {
  Rng a(3), b(3 + (std::uint64_t{1} << 32)), c(4);
  BOOST_TEST(a.draw64() == b.draw64());
  BOOST_TEST(a.draw64() != c.draw64());
}

BOOST_AUTO_TEST_CASE(a_long_draw_is_two_short_ones_high_half_first) {
  Rng a(9), b(9);
  const std::uint64_t high = a.draw(), low = a.draw();
  BOOST_TEST(b.draw64() == (high << 32 | low));
}

BOOST_AUTO_TEST_CASE(a_few_normal_numbers) {  // torch.manual_seed(0); torch.randn(4)
  Rng rng(0);
  check_close(normal(rng, 4), {1.54099607F, -0.293428898F, -2.17878938F, 0.568431258F});
}

BOOST_AUTO_TEST_CASE(
    normal_numbers_in_blocks_of_16) {  // torch.manual_seed(5); torch.empty(16).normal_(2.0, 0.5)
  Rng rng(5);
  check_close(
      normal(rng, 16, 2.0F, 0.5F),
      {2.92116499F, 2.25944352F, 1.14403939F, 1.14931035F, 3.00970984F, 1.86569273F, 1.93464124F, 1.28129315F,
       2.19538403F, 1.99051607F, 1.32365632F, 1.6345911F, 2.4939611F, 1.79029608F, 1.70755208F, 1.60883248F});
}

BOOST_AUTO_TEST_CASE(
    the_last_block_of_normal_numbers_is_drawn_anew) {  // torch.manual_seed(0); torch.randn(20)
  Rng rng(0);
  check_close(normal(rng, 20), {-1.12583983F,  -1.1523602F,  -0.250578582F, -0.433878809F, 0.598839462F,
                                -1.55509508F,  -0.34136039F, 1.85300612F,   0.468096405F,  -0.157712445F,
                                1.44366014F,   0.266049415F, 1.38936615F,   1.58633423F,   0.946298361F,
                                -0.843676746F, 0.931826591F, 1.25900924F,   2.00498056F,   0.0537369028F});
}

BOOST_AUTO_TEST_CASE(
    a_number_left_over_is_used_later) {  // torch.manual_seed(0); randn(3), randn(20), randn(2)
  Rng rng(0);
  check_close(normal(rng, 3), {1.54099607F, -0.293428898F, -2.17878938F});
  BOOST_TEST(std::abs(normal(rng, 20)[0] - -0.356128365F) < 3e-6F);
  check_close(normal(rng, 2), {0.568431258F, 0.939809918F});
}

BOOST_AUTO_TEST_CASE(order_of_ten_images) {  // torch.manual_seed(4); DataLoader(range(10), shuffle=True)
  Rng rng(4);
  const std::vector<Index> expected{0, 4, 7, 3, 1, 5, 2, 9, 8, 6};
  BOOST_TEST(shuffled_order(rng, 10) == expected, boost::test_tools::per_element());
  BOOST_TEST(uniform(rng, 1, 0, 1)[0] == 0.00719457865F);  // the generator is where PyTorch's is
}

BOOST_AUTO_TEST_CASE(
    order_of_the_first_epoch_of_lenet) {  // seed 7, after one draw for each of 44,426 weights
  Rng rng(7);
  for (int k = 0; k < 44426; ++k) rng.draw();
  Rng copy = rng;
  constexpr std::uint64_t mask63 =
      (std::uint64_t{1} << 63) - 1;  // PyTorch shows them as positive signed numbers
  BOOST_TEST((copy.draw64() & mask63) == 1350175306259370759U);
  BOOST_TEST((copy.draw64() & mask63) == 2047798429277945663U);
  std::vector<Index> order = shuffled_order(rng, 60000);
  const std::vector<Index> expected{7678, 38216, 33008, 53546, 12972, 30648, 49203, 37482};
  BOOST_TEST(std::vector<Index>(order.begin(), order.begin() + 8) == expected,
             boost::test_tools::per_element());
  BOOST_TEST(rng.draw() == copy.draw());
  std::sort(order.begin(), order.end());
  std::vector<Index> all(60000);
  std::iota(all.begin(), all.end(), Index{0});
  BOOST_TEST((order == all));
}

BOOST_AUTO_TEST_CASE(orders_of_no_image_and_of_one) {
  Rng rng(1), other(1);
  BOOST_TEST(shuffled_order(rng, 0).empty());
  BOOST_TEST(shuffled_order(rng, 1) == std::vector<Index>{0}, boost::test_tools::per_element());
  for (int k = 0; k < 4; ++k) draw_base_seed(other);
  BOOST_TEST(rng.draw() == other.draw());
}

BOOST_AUTO_TEST_CASE(a_saved_state_goes_on_where_it_was) {
  Rng rng(0);
  normal(rng, 3);  // leaves a number in the cache
  const std::string state = rng.state();
  Rng other(99);
  other.set_state(state);
  BOOST_TEST(normal(other, 3) == normal(rng, 3), boost::test_tools::per_element());
  BOOST_TEST(other.draw64() == rng.draw64());
  BOOST_TEST(other.state() == rng.state());
}

BOOST_AUTO_TEST_CASE(a_damaged_state_is_refused_and_changes_nothing) {
  Rng rng(1), untouched(1);
  BOOST_CHECK_THROW(rng.set_state(""), DataError);
  BOOST_CHECK_THROW(rng.set_state("1 2 three"), DataError);
  const std::string state = rng.state();
  BOOST_CHECK_THROW(rng.set_state(state.substr(0, state.size() / 2)), DataError);
  BOOST_TEST(rng.draw() == untouched.draw());
}

BOOST_AUTO_TEST_SUITE_END()
