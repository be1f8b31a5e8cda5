// SPDX-License-Identifier: MIT
// Convolutions of images of few pixels with kernels that are kept: transposed products, at every remainder of their blocks.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>
#include <vector>

#include "common/backend/simd/conv2d.hpp"
#include "common/backend/simd/winograd_plan.hpp"
#include "common/ops/conv2d.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/close.hpp"
#include "tests/support/random_tensor.hpp"
#include "tests/support/simd_levels.hpp"

using namespace cnn;
using namespace cnn::test;

BOOST_AUTO_TEST_SUITE(conv2d_few)

namespace {

struct Case {
  Index n, ic, oc;
  Size2d image, kernel;
  ConvGeometry geometry{};
  Index foreseen = 1;  // images
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.n << " images " << c.ic << "x" << to_string(c.image) << ", " << c.oc << " kernels "
             << to_string(c.kernel) << ", stride " << to_string(c.geometry.stride) << ", padding "
             << to_string(c.geometry.padding) << ", " << c.foreseen << " foreseen";
}

ConvSizes sizes(const Case& c, Index n) {
  ConvSizes s = conv_sizes({n, c.ic, c.image.h, c.image.w}, {c.oc, c.ic, c.kernel.h, c.kernel.w}, c.geometry);
  s.images_foreseen = c.foreseen;
  return s;
}

/// Pixels and channels around one register and around a panel of three, sums past the 128 that are made at a time.
std::vector<Case> cases() {
  std::vector<Case> all{{1, 300, 70, 1, 1},
                        {1, 40, 24, {3, 2}, {2, 3}, {.stride = {2, 1}, .padding = {0, 1}}},
                        {5, 19, 130, 3, 3, {.padding = 1}, 2},
                        {7, 64, 50, 2, 1, {}, 3}};
  for (const Index channels : {1, 7, 8, 17, 129})
    for (const Index side : {1, 3, 6}) {
      all.push_back({1, channels, 146 - channels, side, 1});
      all.push_back({2, channels, 130 - channels, side, 3, {.padding = 1}});
      all.push_back({1, channels, 33, side + 2, 3, {.stride = 2, .padding = 1}});
    }
  return all;
}

/// A layer with a bias, a ReLU, and, if asked for, a prologue.
struct Layer {
  Case c;
  Tensor weight = random_tensor({c.oc, c.ic, c.kernel.h, c.kernel.w}, 2), bias = random_tensor({c.oc}, 3);
  Prologue prologue{{random_tensor({c.ic}, 4), random_tensor({c.ic}, 5)}, true};
  KeptWeight kept{.images = c.foreseen};

  ConvWeights weights(bool prepares) {
    return {weight, &bias, {.relu = true}, prepares ? &prologue : nullptr, &kept};
  }
  Tensor by_reference(const Tensor& x, bool prepares) {
    const BackendScope reference("reference");
    return ops::conv2d(x, weights(prepares), c.geometry);
  }
  Tensor by_rows_of_pixels(const Tensor& x, bool prepares) {
    const ConvSizes s = sizes(c, x.shape()[0]);
    Tensor y = Tensor::empty({s.n, s.oc, s.oh, s.ow});
    simd::few_pixels_conv2d(y, x, weights(prepares), s);
    return y;
  }
};

}  // namespace

BOOST_DATA_TEST_CASE(matches_the_reference, boost::unit_test::data::make(cases()), c) {
  const Tensor x = random_tensor({c.n, c.ic, c.image.h, c.image.w}, 1);
  for (const std::string& level : simd_level_names())
    for (const bool prepares : {false, true}) {
      BOOST_TEST_CONTEXT(level << (prepares ? ", prologue" : "")) {
        const SimdLevelScope level_scope(level);
        Layer layer{c};
        const Tensor y = layer.by_rows_of_pixels(x, prepares);
        BOOST_TEST(tensors_close(y, layer.by_reference(x, prepares), {.relative = 1e-5, .absolute = 1e-4}));
        for (const int threads : {1, 2, 4}) {
          const ThreadScope thread_scope(threads);
          BOOST_TEST(tensors_close(layer.by_rows_of_pixels(x, prepares), y), threads << " threads");
        }
      }
    }
}

BOOST_AUTO_TEST_CASE(is_taken_for_few_pixels_only) {
  const Case last{1, 512, 512, 3, 3, {.padding = 1}};  // of ResNet
  const auto pays = [](Case c) { return simd::few_pixels_pay(sizes(c, c.n)); };
  for (const std::string& level : simd_level_names()) {
    const SimdLevelScope level_scope(level);
    BOOST_TEST(pays(last), level);
    Case other = last;
    other.image = 56;
    BOOST_TEST(!pays(other), level);
    other = last, other.foreseen = 0;  // kernels that change with each step are not kept
    BOOST_TEST(!pays(other), level);
    other = last, other.foreseen = 128;
    BOOST_TEST(!pays(other), level);
    other = last, other.n = 0;
    BOOST_TEST(!pays(other), level);
  }
}

BOOST_AUTO_TEST_CASE(an_image_does_not_depend_on_its_batch) {
  Layer layer{{5, 40, 70, 3, 3, {.padding = 1}, 2}};
  const Tensor x = random_tensor({5, 40, 3, 3}, 1), y = layer.by_rows_of_pixels(x, true);
  for (Index n = 0; n < 5; ++n)
    BOOST_TEST(tensors_close(layer.by_rows_of_pixels(x.rows(n, 1), true), y.rows(n, 1)));
}

BOOST_AUTO_TEST_SUITE_END()
