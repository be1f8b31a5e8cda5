// SPDX-License-Identifier: MIT
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "chapters/01_conv_layer/gradient_check.hpp"
#include "tests/chapters/01_conv_layer/random_matrix.hpp"

using namespace cnn;
using namespace cnn::conv_layer;

BOOST_AUTO_TEST_SUITE(layer)

namespace {

// What the layer answers to an image, and its gradients.
Gradients gradients_of(Conv2D layer, const Matrix& x, const Matrix& grad_y) {
  layer.forward(x);
  const Matrix grad_x = layer.backward(grad_y);
  return {grad_x, layer.grad_weight(), layer.grad_bias()};
}

}  // namespace

BOOST_AUTO_TEST_CASE(adds_the_bias) {
  Conv2D conv({{0, 1}, {2, 3}}, 0.5F);
  BOOST_TEST((conv.forward({{0, 1, 2}, {3, 4, 5}, {6, 7, 8}}) == Matrix{{19.5F, 25.5F}, {37.5F, 43.5F}}));
}

// torch.manual_seed(seed), then the book's nn.Parameter(torch.randn((1, 2))) and nn.Parameter(torch.randn(1)).
BOOST_AUTO_TEST_CASE(starts_from_pytorchs_numbers) {
  Rng zero(0), one(1);
  const Conv2D a(1, 2, zero), b(1, 2, one);
  BOOST_TEST(a.weight()(0, 0) == 1.54099607F, boost::test_tools::tolerance(1e-6F));
  BOOST_TEST(a.weight()(0, 1) == -0.293428898F, boost::test_tools::tolerance(1e-6F));
  BOOST_TEST(a.bias() == -2.17878938F, boost::test_tools::tolerance(1e-6F));
  BOOST_TEST(b.weight()(0, 0) == 0.661352158F, boost::test_tools::tolerance(1e-6F));
  BOOST_TEST(b.weight()(0, 1) == 0.266924113F, boost::test_tools::tolerance(1e-6F));
  BOOST_TEST(b.bias() == 0.061677258F, boost::test_tools::tolerance(1e-6F));
}

// dL/dk(0, 0) = 1*0 + 2*1 + 3*3 + 4*4; dL/dx(1, 1), the pixel that every window covers, = 1*3 + 2*2 + 3*1 + 4*0.
BOOST_AUTO_TEST_CASE(has_the_gradients_by_hand) {
  const Gradients g =
      gradients_of(Conv2D({{0, 1}, {2, 3}}, 0), {{0, 1, 2}, {3, 4, 5}, {6, 7, 8}}, {{1, 2}, {3, 4}});
  BOOST_TEST((g.weight == Matrix{{27, 37}, {57, 67}}));
  BOOST_TEST(g.bias == 10);
  BOOST_TEST((g.x == Matrix{{0, 1, 2}, {2, 10, 10}, {6, 17, 12}}));
}

BOOST_DATA_TEST_CASE(has_the_gradients_measured_by_central_differences,
                     boost::unit_test::data::make(all_sizes), s) {
  Rng rng(5);
  const Matrix x = random_matrix(s.h, s.w, rng), k = random_matrix(s.kh, s.kw, rng);
  const Matrix grad_y = random_matrix(s.h - s.kh + 1, s.w - s.kw + 1, rng);
  const Gradients g = gradients_of(Conv2D(k, 0.25F), x, grad_y);
  BOOST_TEST(largest_difference(g, central_differences(grad_y, x, k)) < 2e-5F);
}

BOOST_DATA_TEST_CASE(has_the_gradients_of_the_library, boost::unit_test::data::make(all_sizes), s) {
  Rng rng(6);
  const Matrix x = random_matrix(s.h, s.w, rng), k = random_matrix(s.kh, s.kw, rng);
  const Matrix grad_y = random_matrix(s.h - s.kh + 1, s.w - s.kw + 1, rng);
  const Gradients ours = gradients_of(Conv2D(k, 0.25F), x, grad_y);
  for (const std::string& backend : backend_names()) {
    const BackendScope scope(backend);
    BOOST_TEST(largest_difference(ours, library_backward(grad_y, x, k)) < 1e-5F);
  }
}

BOOST_AUTO_TEST_CASE(overwrites_older_gradients) {
  Conv2D conv({{1, 2}}, 0);
  for (int pass = 0; pass < 2; ++pass) {
    conv.forward({{1, 2, 3}});
    conv.backward({{1, 1}});
  }
  BOOST_TEST((conv.grad_weight() == Matrix{{3, 5}}));
  BOOST_TEST(conv.grad_bias() == 2);
}

BOOST_AUTO_TEST_CASE(refuses_backward_before_forward) {
  Conv2D conv({{1, 2}}, 0);
  BOOST_CHECK_THROW(conv.backward({{1, 1}}), StateError);
}

BOOST_AUTO_TEST_CASE(refuses_a_gradient_of_another_shape) {
  Conv2D conv({{1, 2}}, 0);
  conv.forward({{1, 2, 3}});
  BOOST_CHECK_THROW(conv.backward({{1, 1, 1}}), ShapeError);
  BOOST_CHECK_THROW(conv.backward({{1}, {1}}), ShapeError);
}

BOOST_AUTO_TEST_CASE(steps_against_the_gradient) {
  Conv2D conv({{1, 2}}, 4);
  conv.forward({{1, 2, 3}});
  conv.backward({{1, 1}});
  conv.step(0.5F);
  BOOST_TEST((conv.weight() == Matrix{{-0.5F, -0.5F}}));
  BOOST_TEST(conv.bias() == 3);
}

BOOST_AUTO_TEST_SUITE_END()
