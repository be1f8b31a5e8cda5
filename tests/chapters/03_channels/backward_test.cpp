// SPDX-License-Identifier: MIT
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/chapters/03_channels/cases.hpp"

using namespace cnn;
using namespace cnn::channels;

namespace {

// L = sum of grad_y y: linear in the image and in the kernels, so that central differences are exact but for rounding.
Grads central_differences_of(const Image& grad_y, const Image& x, const Kernels& k) {
  const auto loss = [&](const Image& y) { return xt::sum<double>(grad_y * y)(); };
  return {central_differences([&](const Image& at) { return loss(corr2d_multi_in_out(at, k)); }, x, 1.0F),
          central_differences([&](const Kernels& at) { return loss(corr2d_multi_in_out(x, at)); }, k, 1.0F)};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(backward)

// y = x00 k00 + ... has one element: the gradient of each factor is the other one.
BOOST_AUTO_TEST_CASE(of_one_output_element_by_hand) {
  const Image x{{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}};
  const Kernels k{{{{-1, 0}, {2, 1}}, {{3, 5}, {-2, 4}}}};
  const Grads grads = corr2d_multi_in_out_backward(Image{{{10}}}, x, k);
  BOOST_TEST((grads.x == 10.0F * Image{{{-1, 0}, {2, 1}}, {{3, 5}, {-2, 4}}}));
  BOOST_TEST((grads.k == 10.0F * Kernels{{{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}}}));
}

// L = (sum of y^2) / 2 with the book's numbers, as PyTorch 2.15 gives them.
BOOST_AUTO_TEST_CASE(of_the_books_example) {
  const Image y = corr2d_multi_in_out(book_x, book_kernels());
  const Grads grads = corr2d_multi_in_out_backward(y, book_x, book_kernels());
  BOOST_TEST((grads.x == Image{{{268, 852, 656}, {1256, 3504, 2392}, {1420, 3516, 2168}},
                               {{496, 1380, 956}, {1928, 4992, 3208}, {1864, 4476, 2684}}}));
  BOOST_TEST((xt::view(grads.k, 2) == Image{{{1600, 2240}, {3520, 4160}}, {{2240, 2880}, {4160, 4800}}}));
}

BOOST_DATA_TEST_CASE(agrees_with_the_library_and_central_differences, boost::unit_test::data::make(all_cases),
                     c) {
  Rng rng(9);
  const auto x = normal_array<Image>({c.ic, c.h, c.w}, rng);
  const auto k = normal_array<Kernels>({c.oc, c.ic, c.kh, c.kw}, rng);
  const auto grad_y = normal_array<Image>({c.oc, c.h - c.kh + 1, c.w - c.kw + 1}, rng);
  const Grads grads = corr2d_multi_in_out_backward(grad_y, x, k);
  const Grads measured = central_differences_of(grad_y, x, k);
  BOOST_TEST(distance(grads.x, measured.x) < 1e-3F);
  BOOST_TEST(distance(grads.k, measured.k) < 1e-3F);
  for (const std::string& backend : backend_names()) {
    const BackendScope scope(backend);
    const Grads from_library = library_conv2d_backward(grad_y, x, k);
    BOOST_TEST(distance(grads.x, from_library.x) < 1e-4F, backend);
    BOOST_TEST(distance(grads.k, from_library.k) < 1e-4F, backend);
  }
}

// The gradient of the image is the full correlation of grad_y with the kernels turned by half a turn.
BOOST_AUTO_TEST_CASE(of_the_image_is_a_correlation_with_flipped_kernels) {
  Rng rng(10);
  const auto k = normal_array<Kernels>({1, 1, 2, 3}, rng);
  const auto grad_y = normal_array<Image>({1, 4, 5}, rng);
  Plane padded = xt::zeros<float>({6, 9});
  xt::view(padded, xt::range(1, 5), xt::range(2, 7)) = xt::view(grad_y, 0);
  Plane flipped = xt::zeros<float>({2, 3});
  for (std::size_t u = 0; u < 2; ++u) {
    for (std::size_t v = 0; v < 3; ++v) flipped(u, v) = k(0, 0, 1 - u, 2 - v);
  }
  const Grads grads = corr2d_multi_in_out_backward(grad_y, xt::zeros<float>({1, 5, 7}), k);
  BOOST_TEST(distance(xt::view(grads.x, 0), corr2d(padded, flipped)) < 1e-5F);
}

BOOST_DATA_TEST_CASE(of_one_by_one_kernels_is_two_matrix_products, boost::unit_test::data::make(all_cases),
                     c) {
  Rng rng(11);
  const auto x = normal_array<Image>({c.ic, c.h, c.w}, rng);
  const auto k = normal_array<Kernels>({c.oc, c.ic, 1, 1}, rng);
  const auto grad_y = normal_array<Image>({c.oc, c.h, c.w}, rng);
  const Grads products = corr2d_multi_in_out_1x1_backward(grad_y, x, k);
  const Grads general = corr2d_multi_in_out_backward(grad_y, x, k);
  const Grads measured = central_differences_of(grad_y, x, k);
  BOOST_TEST(distance(products.x, general.x) < 1e-4F);
  BOOST_TEST(distance(products.k, general.k) < 1e-4F);
  BOOST_TEST(distance(products.x, measured.x) < 1e-3F);
  BOOST_TEST(distance(products.k, measured.k) < 1e-3F);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(differences)

BOOST_AUTO_TEST_CASE(are_exact_for_polynomials_of_degree_two) {
  const auto f = [](const Plane& a) { return 3.0 * a(0, 0) * a(0, 0) - 2.0 * a(0, 1) * a(0, 0) + a(0, 1); };
  BOOST_TEST((central_differences(f, Plane{{1, 2}}, 0.5F) == Plane{{2, -1}}));
}

BOOST_AUTO_TEST_SUITE_END()
