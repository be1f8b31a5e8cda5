// SPDX-License-Identifier: MIT
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/chapters/03_channels/cases.hpp"

using namespace cnn;
using namespace cnn::channels;

BOOST_AUTO_TEST_SUITE(book)

BOOST_AUTO_TEST_CASE(two_input_channels) {
  BOOST_TEST((corr2d_multi_in(book_x, book_k) == Plane{{56, 72}, {104, 120}}));
}

BOOST_AUTO_TEST_CASE(three_output_channels) {
  const Kernels kernels = book_kernels();
  BOOST_TEST((kernels.shape() == Kernels::shape_type{3, 2, 2, 2}));
  BOOST_TEST((corr2d_multi_in_out(book_x, kernels) ==
              Image{{{56, 72}, {104, 120}}, {{76, 100}, {148, 172}}, {{96, 128}, {192, 224}}}));
}

BOOST_AUTO_TEST_CASE(every_rung_gives_the_books_numbers) {
  for (const std::string& backend : backend_names()) {
    const BackendScope scope(backend);
    BOOST_TEST((library_conv2d(book_x, book_kernels()) ==
                Image{{{56, 72}, {104, 120}}, {{76, 100}, {148, 172}}, {{96, 128}, {192, 224}}}),
               backend);
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(forward)

BOOST_DATA_TEST_CASE(agrees_with_the_library, boost::unit_test::data::make(all_cases), c) {
  Rng rng(1);
  const auto x = normal_array<Image>({c.ic, c.h, c.w}, rng);
  const auto k = normal_array<Kernels>({c.oc, c.ic, c.kh, c.kw}, rng);
  const Image y = corr2d_multi_in_out(x, k);
  BOOST_TEST_REQUIRE((y.shape() == Image::shape_type{c.oc, c.h - c.kh + 1, c.w - c.kw + 1}));
  for (const std::string& backend : backend_names()) {
    const BackendScope scope(backend);
    const Image from_library = library_conv2d(x, k);
    BOOST_TEST_REQUIRE((y.shape() == from_library.shape()), backend);
    BOOST_TEST(distance(y, from_library) < 1e-4F, backend);
  }
}

// One channel in and one out is the cross-correlation of section 5.1.
BOOST_AUTO_TEST_CASE(of_one_channel_is_corr2d) {
  Rng rng(2);
  const auto x = normal_array<Image>({1, 5, 6}, rng);
  const auto k = normal_array<Kernels>({1, 1, 3, 2}, rng);
  const Plane plane = corr2d(xt::view(x, 0), xt::view(k, 0, 0));
  BOOST_TEST((xt::view(corr2d_multi_in_out(x, k), 0) == plane));
}

// The sum of two layers is one layer whose kernels are the sum: nothing is gained by adding linear layers side by side.
BOOST_DATA_TEST_CASE(is_linear_in_the_kernels, boost::unit_test::data::make(all_cases), c) {
  Rng rng(3);
  const auto x = normal_array<Image>({c.ic, c.h, c.w}, rng);
  const auto a = normal_array<Kernels>({c.oc, c.ic, c.kh, c.kw}, rng);
  const auto b = normal_array<Kernels>({c.oc, c.ic, c.kh, c.kw}, rng);
  const Image together = corr2d_multi_in_out(x, a + 2.0F * b);
  const Image apart = corr2d_multi_in_out(x, a) + 2.0F * corr2d_multi_in_out(x, b);
  BOOST_TEST(distance(together, apart) < 1e-4F);
}

BOOST_AUTO_TEST_CASE(is_linear_in_the_image) {
  Rng rng(4);
  const auto a = normal_array<Image>({3, 6, 5}, rng);
  const auto b = normal_array<Image>({3, 6, 5}, rng);
  const auto k = normal_array<Kernels>({2, 3, 3, 2}, rng);
  const Image together = corr2d_multi_in_out(a - 3.0F * b, k);
  const Image apart = corr2d_multi_in_out(a, k) - 3.0F * corr2d_multi_in_out(b, k);
  BOOST_TEST(distance(together, apart) < 1e-4F);
}

// Two layers in a row, kernels of 2 x 2 and 3 x 2, are one layer with kernels of 4 x 3.
BOOST_AUTO_TEST_CASE(of_two_kernels_in_a_row_is_one_kernel) {
  Rng rng(5);
  const auto x = normal_array<Plane>({7, 8}, rng);
  const auto first = normal_array<Plane>({2, 2}, rng);
  const auto second = normal_array<Plane>({3, 2}, rng);
  Plane both = xt::zeros<float>({4, 3});
  for (std::size_t u = 0; u < 3; ++u) {
    for (std::size_t v = 0; v < 2; ++v) {
      xt::view(both, xt::range(u, u + 2), xt::range(v, v + 2)) += second(u, v) * first;
    }
  }
  BOOST_TEST(distance(corr2d(corr2d(x, first), second), corr2d(x, both)) < 1e-4F);
}

// Output channels do not see each other: to reorder the kernels is to reorder the channels.
BOOST_AUTO_TEST_CASE(follows_the_order_of_the_kernels) {
  Rng rng(6);
  const auto x = normal_array<Image>({2, 4, 4}, rng);
  const auto k = normal_array<Kernels>({2, 2, 3, 3}, rng);
  const Kernels swapped = xt::stack(xt::xtuple(xt::view(k, 1), xt::view(k, 0)));
  const Image y = corr2d_multi_in_out(x, k);
  const Image z = corr2d_multi_in_out(x, swapped);
  BOOST_TEST((xt::view(z, 0) == xt::view(y, 1)));
  BOOST_TEST((xt::view(z, 1) == xt::view(y, 0)));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(errors)

BOOST_AUTO_TEST_CASE(kernel_larger_than_the_image) {
  BOOST_CHECK_THROW(corr2d(xt::ones<float>({2, 3}), xt::ones<float>({3, 1})), ShapeError);
  BOOST_CHECK_THROW(corr2d(xt::ones<float>({2, 3}), xt::ones<float>({1, 4})), ShapeError);
}

BOOST_AUTO_TEST_CASE(wrong_number_of_channels) {
  const Image three = xt::ones<float>({3, 2, 2});
  const auto names_both = [](const ShapeError& e) {
    const std::string text = e.what();
    return text.find("3 channels") != std::string::npos && text.find("image 2") != std::string::npos;
  };
  BOOST_CHECK_EXCEPTION(corr2d_multi_in(book_x, three), ShapeError, names_both);
  BOOST_CHECK_THROW(corr2d_multi_in_out(book_x, xt::ones<float>({1, 3, 2, 2})), ShapeError);
}

BOOST_AUTO_TEST_SUITE_END()
