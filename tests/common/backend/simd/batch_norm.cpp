// SPDX-License-Identifier: MIT
// Batch normalization on every instruction set: planes computed one by one, and small ones side by side.
#include <boost/test/unit_test.hpp>

#include "common/ops/activation.hpp"
#include "common/ops/batch_norm.hpp"
#include "tests/common/backend/simd/on_level.hpp"

using namespace cnn;
using namespace cnn::test;

BOOST_AUTO_TEST_SUITE(simd_batch_norm)

namespace {

/// Rows, small planes up to 63 pixels, larger ones with every kind of remainder, more than one chunk, more than 32 images.
const std::vector<Shape> shapes{{5, 7},         {300, 33},        {3, 5, 1, 1},    {2, 4, 1, 63},
                                {33, 3, 7, 7},  {2, 3, 8, 8},     {3, 2, 5, 13},   {2, 2, 1, 71},
                                {65, 2, 9, 8},  {2, 3, 1, 2048},  {2, 2, 1, 2049}, {1, 3, 45, 47},
                                {3, 2, 64, 65}, {40, 17, 12, 12}, {1, 1, 200, 300}};

std::vector<Tensor> normalize(const Shape& shape, float offset) {
  Tensor x = random_tensor(shape, 1);
  for (float& value : x.values()) value += offset;
  const Tensor weight = random_tensor({shape[1]}, 3), bias = random_tensor({shape[1]}, 4);
  const ops::BatchNorm b = ops::batch_norm(x, weight, bias);
  Tensor inplace = x.clone();
  inplace = ops::normalize(std::move(inplace), {bias, b.variance, weight, bias, 1e-3});
  const Normalization norm{b.mean, b.variance, weight, bias, 1e-5};
  const ops::BatchNormGrads g = ops::batch_norm_backward(random_tensor(shape, 2), x, norm);
  return {b.mean, b.variance, b.y, inplace, g.x, g.weight, g.bias};
}

/// A batch normalization with a ReLU behind it, and its gradients: in one pass each, or in two.
std::vector<Tensor> normalize_and_relu(const Shape& shape, bool fused) {
  const Tensor x = random_tensor(shape, 1), weight = random_tensor({shape[1]}, 3),
               bias = random_tensor({shape[1]}, 4);
  const ops::BatchNorm b = ops::batch_norm(x, weight, bias, 1e-5, {fused});
  const Tensor y = fused ? b.y : ops::relu(b.y);
  Tensor grad_y = random_tensor(shape, 2);
  if (!fused) grad_y = ops::relu_backward(grad_y, y);
  const ops::BatchNormGrads g =
      ops::batch_norm_backward(grad_y, x, {b.mean, b.variance, weight, bias, 1e-5, {fused}});
  return {y, g.x, g.weight, g.bias};
}

}  // namespace

BOOST_DATA_TEST_CASE(agrees_with_the_reference, simd_levels(), level) {
  for (const Shape& shape : shapes)
    BOOST_TEST(agrees_with_reference(level, [&] { return normalize(shape, 0); },
                                     {.relative = 1e-5, .absolute = 2e-5}),
               to_string(shape));
}

BOOST_DATA_TEST_CASE(relu_in_the_same_pass, simd_levels(), level) {
  const SimdLevelScope level_scope(level);
  const BackendScope scope("simd");
  for (const Shape& shape : shapes) {
    const std::vector<Tensor> two_passes = normalize_and_relu(shape, false);
    for (const int threads : {1, 2, 4}) {
      const ThreadScope thread_scope(threads);
      const std::vector<Tensor> one_pass = normalize_and_relu(shape, true);
      for (std::size_t k = 0; k < one_pass.size(); ++k)
        BOOST_TEST(tensors_close(one_pass[k], two_passes[k]), to_string(shape) << ", result " << k);
    }
  }
}

BOOST_DATA_TEST_CASE(a_large_mean_loses_no_digits, simd_levels(), level) {
  for (const Shape& shape : shapes) {
    const auto statistics = [&] {
      const std::vector<Tensor> all = normalize(shape, 1000);
      return std::vector{all[0], all[1]};
    };
    BOOST_TEST(agrees_with_reference(level, statistics, {.relative = 1e-6}), to_string(shape));
  }
}

BOOST_DATA_TEST_CASE(strided_images, simd_levels(), level) {
  const SimdLevelScope level_scope(level);
  const BackendScope scope("simd");
  for (const Shape& shape : {Shape{3, 4, 5, 5}, Shape{3, 4, 9, 9}}) {
    const Tensor weight = random_tensor({4}, 3), bias = random_tensor({4}, 4);
    const auto run = [&](bool relu, const Tensor& x, const Tensor& grad_y, Tensor y, Tensor grad_x) {
      std::vector<Tensor> all(4);
      for (Tensor& channel_values : all) channel_values = Tensor::empty({4});
      const BatchPart part = BatchPart::all(x.shape()[0]);
      const Normalization norm{all[0], all[1], weight, bias, 1e-5, {relu}};
      Backend& simd = backend_for(default_device());
      simd.batch_norm_training(y, {all[0], all[1]}, x, norm, part);
      simd.batch_norm_backward(grad_x, all[2], all[3], grad_y, x, norm, part, Write::overwrites);
      all.insert(all.end(), {y.clone(), grad_x.clone()});
      return all;
    };
    const Tensor x = random_slice(shape, 1), grad_y = random_slice(shape, 2);
    for (const bool relu : {false, true}) {
      const auto strided = run(relu, x, grad_y, random_slice(shape, 5), random_slice(shape, 6));
      const auto dense = run(relu, x.clone(), grad_y.clone(), Tensor::empty(shape), Tensor::empty(shape));
      for (std::size_t k = 0; k < dense.size(); ++k) BOOST_TEST(tensors_close(strided[k], dense[k]), k);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
