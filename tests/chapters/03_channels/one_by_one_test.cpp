// SPDX-License-Identifier: MIT
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/chapters/03_channels/cases.hpp"

using namespace cnn;
using namespace cnn::channels;

BOOST_AUTO_TEST_SUITE(one_by_one)

// torch.manual_seed(0); x = torch.rand(3, 3, 3); k = torch.rand(2, 3, 1, 1); F.conv2d(x[None], k), PyTorch 2.15.
BOOST_AUTO_TEST_CASE(pytorchs_numbers) {
  Rng rng(0);
  const auto x = random_array<Image>({3, 3, 3}, rng);
  const auto k = random_array<Kernels>({2, 3, 1, 1}, rng);
  const Image expected{{{0.19520098F, 0.197812498F, 0.332134753F},
                        {0.350659609F, 0.190679818F, 0.403793573F},
                        {0.270384818F, 0.368114561F, 0.520433605F}},
                       {{0.76904428F, 0.609207273F, 0.521297038F},
                        {0.222082049F, 0.321025252F, 0.62113452F},
                        {0.706568241F, 1.02099383F, 1.05221939F}}};
  BOOST_TEST(distance(corr2d_multi_in_out_1x1(x, k), expected) < 1e-6F);
  BOOST_TEST(distance(corr2d_multi_in_out(x, k), expected) < 1e-6F);

  // The same after (y ** 2).sum().div(2).backward(): k.grad and x.grad[0].
  const Grads grads = corr2d_multi_in_out_1x1_backward(expected, x, k);
  const Plane grad_k{{1.33880627F, 1.29793835F, 1.87604594F}, {3.15860271F, 3.0704174F, 3.38815975F}};
  const Plane grad_x0{{0.241694838F, 0.193023011F, 0.171059325F},
                      {0.0804387853F, 0.104840711F, 0.204111278F},
                      {0.225352407F, 0.324818015F, 0.339853555F}};
  BOOST_TEST(distance(as_matrix(grads.k), grad_k) < 1e-5F);
  BOOST_TEST(distance(xt::view(grads.x, 0), grad_x0) < 1e-5F);
}

BOOST_DATA_TEST_CASE(is_the_general_convolution, boost::unit_test::data::make(all_cases), c) {
  Rng rng(7);
  const auto x = normal_array<Image>({c.ic, c.h, c.w}, rng);
  const auto k = normal_array<Kernels>({c.oc, c.ic, 1, 1}, rng);
  const Image product = corr2d_multi_in_out_1x1(x, k);
  const Image convolution = corr2d_multi_in_out(x, k);
  BOOST_TEST_REQUIRE((product.shape() == convolution.shape()));
  BOOST_TEST(xt::sum(xt::square(product - convolution))() < 1e-10F);
  BOOST_TEST(distance(product, library_conv2d(x, k)) < 1e-5F);
}

// With the unit matrix as kernels nothing changes; with a permutation the channels change places.
BOOST_AUTO_TEST_CASE(mixes_channels) {
  Rng rng(8);
  const auto x = normal_array<Image>({3, 2, 4}, rng);
  Kernels k = xt::zeros<float>({3, 3, 1, 1});
  k(0, 0, 0, 0) = k(1, 1, 0, 0) = k(2, 2, 0, 0) = 1;
  BOOST_TEST((corr2d_multi_in_out_1x1(x, k) == x));
  k.fill(0);
  k(0, 2, 0, 0) = k(1, 0, 0, 0) = k(2, 1, 0, 0) = 1;
  BOOST_TEST((corr2d_multi_in_out_1x1(x, k) ==
              Image(xt::stack(xt::xtuple(xt::view(x, 2), xt::view(x, 0), xt::view(x, 1))))));
}

BOOST_AUTO_TEST_CASE(refuses_larger_kernels) {
  BOOST_CHECK_THROW(corr2d_multi_in_out_1x1(book_x, xt::ones<float>({1, 2, 1, 2})), ShapeError);
  BOOST_CHECK_THROW(corr2d_multi_in_out_1x1(book_x, xt::ones<float>({1, 3, 1, 1})), ShapeError);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(matrices)

BOOST_AUTO_TEST_CASE(product_by_hand) {
  BOOST_TEST(
      (matmul(Plane{{1, 2, 3}, {4, 5, 6}}, Plane{{1, 0}, {0, 1}, {2, -1}}) == Plane{{7, -1}, {16, -1}}));
  BOOST_CHECK_THROW(matmul(Plane{{1, 2}}, Plane{{1, 2}}), ShapeError);
}

BOOST_AUTO_TEST_CASE(an_image_is_a_matrix_of_pixels) {
  const Plane matrix = as_matrix(book_x);
  BOOST_TEST((matrix == Plane{{0, 1, 2, 3, 4, 5, 6, 7, 8}, {1, 2, 3, 4, 5, 6, 7, 8, 9}}));
  BOOST_TEST((as_image(matrix, 3, 3) == book_x));
}

BOOST_AUTO_TEST_SUITE_END()
