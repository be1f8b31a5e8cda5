// SPDX-License-Identifier: MIT
// What neither adds in an order of its own nor takes a function of the device's library has the bits of the loops, on cards whose
// compiler fuses products and sums, too.
#include <functional>

#include "common/ops/activation.hpp"
#include "common/ops/dropout.hpp"
#include "common/ops/elementwise.hpp"
#include "common/ops/pool2d.hpp"
#include "tests/common/backend/cuda/device.hpp"

using namespace cnn;
using namespace cnn::test;

BOOST_AUTO_TEST_SUITE(bits)

namespace {

/// Checks that a calculation gives the same bits on the rung cuda as on the loops.
void same_bits(const std::function<std::vector<Tensor>()>& calculate) {
  const auto on = [&](const std::string& rung) {
    const BackendScope scope(rung);
    return calculate();
  };
  const std::vector<Tensor> device = on("cuda"), loops = on("reference");
  for (std::size_t k = 0; k < loops.size(); ++k)
    BOOST_TEST(tensors_close(device[k], loops[k]), "result " << k);
}

Tensor random_strided(const Shape& shape, std::uint64_t seed) { return on_device(random_slice(shape, seed)); }

/// Whole numbers, so that maxima are often equal.
Tensor few_values(const Shape& shape, std::uint64_t seed) {
  Tensor x = random_tensor(shape, seed);
  for (float& value : x.values()) value = static_cast<float>(static_cast<int>(3 * value));
  return on_device(x);
}

const std::vector<Pool2dOptions> windows{{},
                                         {.kernel = 3, .stride = 2, .padding = 1},
                                         {.kernel = 3, .stride = 1, .padding = 1},
                                         {.kernel = {2, 3}, .stride = {3, 1}, .padding = {1, 0}},
                                         {.kernel = {1, 2}, .stride = {2, 4}},
                                         {.kernel = {11, 13}, .stride = 1}};

constexpr Index many = 40'003;  // several blocks, the last one not full

}  // namespace

BOOST_DATA_TEST_CASE(maxima_and_means, boost::unit_test::data::xrange(windows.size()), k) {
  const Pool2dOptions& o = windows[k];
  same_bits([&] {
    std::vector<Tensor> all;
    for (const Tensor& x :
         {random({3, 4, 11, 13}, 1), random_strided({3, 4, 11, 13}, 2), few_values({3, 4, 11, 13}, 3)}) {
      const ops::MaxPool2d maximum = ops::max_pool2d(x, o);
      const Tensor grad_y = random_strided(maximum.y.shape(), 4);
      all.insert(all.end(),
                 {maximum.y, maximum.indices, ops::max_pool2d_backward(grad_y, maximum.indices, x.shape(), o),
                  ops::avg_pool2d(x, o), ops::avg_pool2d_backward(grad_y, x.shape(), o)});
    }
    return all;
  });
}

BOOST_AUTO_TEST_CASE(relu_and_dropout) {
  same_bits([] {
    const Shape shape{3, 4, 11, 13};
    const Tensor x = random_strided(shape, 1), grad_y = random_strided(shape, 2), y = ops::relu(x);
    Rng rng(3);
    const Tensor mask = ops::dropout_mask(shape, 0.3, rng, default_device());
    return std::vector<Tensor>{y, ops::relu_backward(grad_y, y), ops::dropout(x, mask, 0.3),
                               ops::relu(random({many}, 4))};
  });
}

BOOST_AUTO_TEST_CASE(scaled_sums) {
  same_bits([] {
    Tensor y = random({many}, 1), rectified = random({many}, 2);
    ops::add_scaled_inplace(y, random({many}, 3), 0.3F);
    ops::add_scaled_inplace(rectified, random({many}, 4), -0.7F, {.relu = true});
    return std::vector<Tensor>{y, rectified};
  });
}

BOOST_AUTO_TEST_CASE(steps_of_sgd) {
  same_bits([] {
    std::vector<Tensor> all;
    for (const float momentum : {0.0F, 0.9F}) {
      Tensor a = random({many}, 1), b = random({3, 5}, 2);
      Tensor of_a = on_device(Tensor::zeros({many})), of_b = on_device(Tensor::zeros({3, 5}));
      const auto velocity = [&](const Tensor& v) { return momentum == 0 ? Tensor{} : v; };
      for (std::uint64_t step = 0; step < 3; ++step) {
        ops::sgd_step_inplace(
            {{a, random({many}, 10 + step), velocity(of_a)}, {b, random({3, 5}, 20 + step), velocity(of_b)}},
            {0.1F, momentum, 0.01F});
      }
      all.insert(all.end(), {a, b, of_a, of_b});
    }
    return all;
  });
}

BOOST_AUTO_TEST_CASE(steps_of_adam) {
  same_bits([] {
    const std::vector<Shape> shapes{{many}, {0}, {1}, {16, 6, 5, 5}, {1024}, {1025}};
    std::vector<Tensor> values, means, squares;
    for (std::size_t k = 0; k < shapes.size(); ++k) {
      values.push_back(random(shapes[k], k));
      means.push_back(on_device(Tensor::zeros(shapes[k])));
      squares.push_back(on_device(Tensor::zeros(shapes[k])));
    }
    for (Index step = 1; step <= 4; ++step) {
      std::vector<AdamParameter> all;
      for (std::size_t k = 0; k < shapes.size(); ++k)
        all.push_back(
            {values[k], random(shapes[k], 100 * static_cast<std::uint64_t>(step) + k), means[k], squares[k]});
      ops::adam_step_inplace(all, {0.01, 0.9, 0.999, 1e-8, 0.1, step});
    }
    values.insert(values.end(), means.begin(), means.end());
    values.insert(values.end(), squares.begin(), squares.end());
    return values;
  });
}

BOOST_AUTO_TEST_CASE(a_step_of_more_parameters_than_one_table_has) {
  same_bits([] {
    std::vector<Tensor> values;
    std::vector<SgdParameter> all;
    for (std::uint64_t k = 0; k < 1300; ++k) {
      values.push_back(random({3}, k));
      all.push_back({values.back(), random({3}, k + 2000)});
    }
    ops::sgd_step_inplace(all, {0.1F, 0, 0});
    return values;
  });
}

BOOST_AUTO_TEST_SUITE_END()
