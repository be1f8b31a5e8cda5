// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>

#include <string>

#include "common/core/check.hpp"

using namespace cnn;

BOOST_AUTO_TEST_SUITE(check)

BOOST_AUTO_TEST_CASE(throws_the_named_error_with_its_text) {
  BOOST_CHECK_EXCEPTION(CNN_CHECK(1 > 2, ShapeError, "[x] wrong"), ShapeError,
                        [](const ShapeError& e) { return std::string(e.what()) == "[x] wrong"; });
  BOOST_CHECK_NO_THROW(CNN_CHECK(2 > 1, ShapeError, "[x] wrong"));
}

BOOST_AUTO_TEST_CASE(evaluates_the_message_only_when_it_throws) {
  int evaluated = 0;
  const auto message = [&] {
    ++evaluated;
    return std::string("text");
  };
  CNN_CHECK(true, StateError, message());
  BOOST_TEST(evaluated == 0);
  BOOST_CHECK_THROW(CNN_CHECK(false, StateError, message()), StateError);
  BOOST_TEST(evaluated == 1);
}

BOOST_AUTO_TEST_CASE(every_error_is_an_error_of_this_library) {
  BOOST_CHECK_THROW(throw ShapeError("a"), Error);
  BOOST_CHECK_THROW(throw DeviceError("a"), Error);
  BOOST_CHECK_THROW(throw DataError("a"), Error);
  BOOST_CHECK_THROW(throw StateError("a"), Error);
  BOOST_CHECK_THROW(throw UsageError("a"), Error);
  BOOST_CHECK_THROW(throw Error("a"), std::runtime_error);
}

BOOST_AUTO_TEST_SUITE_END()
