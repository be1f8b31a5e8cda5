// SPDX-License-Identifier: MIT
#include "common/core/first_fit.hpp"

#include <array>

#include <boost/test/unit_test.hpp>

using cnn::FirstFit;

BOOST_AUTO_TEST_SUITE(first_fit)

BOOST_AUTO_TEST_CASE(the_first_place_that_is_large_enough) {
  FirstFit places(100);
  BOOST_TEST(places.take(30).value() == 0);
  BOOST_TEST(places.take(20).value() == 30);
  BOOST_TEST(places.take(10).value() == 50);
  places.give_back(0, 30);
  places.give_back(50, 10);
  BOOST_TEST(places.take(5).value() == 0);
  BOOST_TEST(places.take(26).value() == 50);
  BOOST_TEST(!places.take(26));
  BOOST_TEST(places.take(25).value() == 5);
}

BOOST_AUTO_TEST_CASE(neighbours_join_in_any_order) {
  for (const auto& order :
       {std::array{0, 1, 2}, std::array{2, 1, 0}, std::array{0, 2, 1}, std::array{1, 0, 2}}) {
    FirstFit places(30);
    for (int k = 0; k < 3; ++k) BOOST_TEST(places.take(10).value() == 10 * k);
    for (const int k : order) places.give_back(10 * k, 10);
    BOOST_TEST(places.free_places().size() == 1U);
    BOOST_TEST(places.take(30).value() == 0);
  }
}

BOOST_AUTO_TEST_CASE(idle_is_what_somebody_has_had) {
  FirstFit places(1000);
  BOOST_TEST(places.idle() == 0);
  places.take(100);
  places.take(50);
  BOOST_TEST(places.idle() == 0);
  places.give_back(100, 50);  // joins what nobody has had
  BOOST_TEST(places.idle() == 50);
  places.take(70);
  BOOST_TEST(places.idle() == 0);
  places.give_back(0, 100);
  BOOST_TEST(places.idle() == 100);
  places.forget();
  BOOST_TEST(places.idle() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
