// SPDX-License-Identifier: MIT
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/chapters/04_pooling/cases.hpp"

using namespace cnn;
using namespace cnn::pooling;

BOOST_AUTO_TEST_SUITE(backward)

BOOST_AUTO_TEST_CASE(of_the_maximum_goes_to_the_winner) {
  const Plane x{{3, 1, 4, 1}, {5, 8, 2, 6}, {5, 3, 5, 7}, {2, 7, 1, 9}};
  const Plane grad_y{{1, 2}, {3, 4}};
  BOOST_TEST((pool2d_backward(grad_y, x, {.size = 2}, Mode::max) ==
              Plane{{0, 0, 0, 0}, {0, 1, 0, 2}, {0, 0, 0, 0}, {0, 3, 0, 4}}));
  BOOST_TEST((pool2d_backward(grad_y, x, {.size = 3, .stride = 1}, Mode::max) ==
              Plane{{0, 0, 0, 0}, {0, 6, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 4}}));
}

BOOST_AUTO_TEST_CASE(of_the_average_is_shared_out) {
  const Plane x = xt::zeros<float>({3, 3});
  BOOST_TEST((pool2d_backward({{4, 8}, {12, 16}}, x, {.size = 2, .stride = 1}, Mode::average) ==
              Plane{{1, 3, 2}, {4, 10, 6}, {3, 7, 4}}));
}

// Of equal numbers the first one in reading order takes all, here as in PyTorch.
BOOST_AUTO_TEST_CASE(of_a_tie_goes_to_the_first) {
  const Plane ties{{1, 7, 7}, {7, 7, 0}, {0, 7, 7}};
  const Window window{.size = 3};
  const Plane grad = pool2d_backward({{5}}, ties, window, Mode::max);
  BOOST_TEST((grad == Plane{{0, 5, 0}, {0, 0, 0}, {0, 0, 0}}));
  for (const std::string& backend : backend_names()) {
    const BackendScope scope(backend);
    BOOST_TEST(
        (library_pool2d_backward(Image{{{5}}}, one_channel(ties), window, Mode::max) == one_channel(grad)),
        backend);
  }
}

// A window half in the border: its winner is inside, and its mean leaves the border's share outside.
BOOST_AUTO_TEST_CASE(of_a_window_half_in_the_border) {
  const Plane x{{-1, -2}, {-3, -4}};
  const Window window{.size = 2, .stride = 2, .padding = 1};
  const Plane grad_y{{4, 8}, {12, 16}};
  BOOST_TEST((pool2d_backward(grad_y, x, window, Mode::max) == Plane{{4, 8}, {12, 16}}));
  BOOST_TEST((pool2d_backward(grad_y, x, window, Mode::average) == Plane{{1, 2}, {3, 4}}));
}

BOOST_DATA_TEST_CASE(agrees_with_the_library, boost::unit_test::data::make(all_cases), c) {
  Rng rng(6);
  const Image x = normal_image({c.c, c.h, c.w}, rng);
  for (const Mode mode : {Mode::max, Mode::average}) {
    const Image grad_y = normal_image(pool2d(x, c.window, mode).shape(), rng);
    for (const std::string& backend : backend_names()) {
      const BackendScope scope(backend);
      const Image from_library = library_pool2d_backward(grad_y, x, c.window, mode);
      BOOST_TEST_REQUIRE((from_library.shape() == x.shape()), backend);
      for (std::size_t k = 0; k < c.c; ++k) {
        const Plane grad = pool2d_backward(channel(grad_y, k), channel(x, k), c.window, mode);
        BOOST_TEST(distance(grad, channel(from_library, k)) < 1e-5F, backend);
      }
    }
  }
}

// Pixels differ by one at least, so that a step of a quarter changes no winner.
BOOST_DATA_TEST_CASE(agrees_with_central_differences, boost::unit_test::data::make(all_cases), c) {
  Rng rng(7);
  const Plane x = channel(distinct_image({1, c.h, c.w}, rng), 0);
  for (const Mode mode : {Mode::max, Mode::average}) {
    const Plane grad_y = channel(normal_image(pool2d(one_channel(x), c.window, mode).shape(), rng), 0);
    const auto loss = [&](const Plane& at) { return xt::sum<double>(grad_y * pool2d(at, c.window, mode))(); };
    const Plane measured = central_differences(loss, x, 0.25F);
    BOOST_TEST(distance(pool2d_backward(grad_y, x, c.window, mode), measured) < 1e-3F);
  }
}

// The maximum hands on every gradient whole; so does the average, if no window reaches into the border.
BOOST_DATA_TEST_CASE(keeps_the_sum, boost::unit_test::data::make(all_cases), c) {
  Rng rng(8);
  const Plane x = channel(normal_image({1, c.h, c.w}, rng), 0);
  const Plane grad_y = channel(normal_image(pool2d(one_channel(x), c.window, Mode::max).shape(), rng), 0);
  const double sum = xt::sum<double>(grad_y)();
  BOOST_TEST(std::abs(xt::sum<double>(pool2d_backward(grad_y, x, c.window, Mode::max))() - sum) < 1e-5);
  if (c.window.padding == Size2d{0}) {
    BOOST_TEST(std::abs(xt::sum<double>(pool2d_backward(grad_y, x, c.window, Mode::average))() - sum) < 1e-5);
  }
}

BOOST_AUTO_TEST_SUITE_END()
