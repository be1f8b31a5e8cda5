// SPDX-License-Identifier: MIT
#include "common/ops/elementwise.hpp"

#include "common/ops/dropout.hpp"
#include "tests/common/ops/helpers.hpp"

using namespace cnn;
using namespace cnn::test;

BOOST_AUTO_TEST_SUITE(elementwise)

namespace {

Tensor start() { return tensor({5}, {1, -2, 0.5F, 0, 3}); }

/// The gradients of the PyTorch comparison: s + 1 times the first one, with alternating sign.
Tensor gradient(int s) {
  Tensor grad = Tensor::from_values({5}, std::vector<float>{0.1F, -0.2F, 1e-4F, 3, -1e-9F});
  for (float& value : grad.values()) value = value * static_cast<float>(s + 1) * (s % 2 == 0 ? 1.0F : -1.0F);
  return on_device(grad);
}

Tensor sgd(float momentum, float decay) {
  Tensor value = start(), velocity = on_device(Tensor::zeros({5}));
  for (int s = 0; s < 3; ++s) {
    ops::sgd_step_inplace({{value, gradient(s), momentum == 0 ? Tensor{} : velocity}},
                          {0.1F, momentum, decay});
  }
  return value;
}

struct AdamState {
  Tensor value = start();
  Tensor mean = on_device(Tensor::zeros({5}));
  Tensor mean_square = on_device(Tensor::zeros({5}));

  void step(Index t, const Tensor& grad, double decay) {
    ops::adam_step_inplace({{value, grad, mean, mean_square}}, {0.01, 0.9, 0.999, 1e-8, decay, t});
  }
};

constexpr Tolerance rounding{.relative = 3e-7, .absolute = 1e-8};  // a bit or two

}  // namespace

BOOST_DATA_TEST_CASE(add_relu_by_hand, backends(), backend) {
  const BackendScope scope(backend);
  Tensor y = tensor({2, 2}, {1, 2, -3, 4});
  ops::add_scaled_inplace(y, tensor({2, 2}, {-1, 20, 1, -40}), 1, {.relu = true});
  BOOST_TEST(tensors_close(y, tensor({2, 2}, {0, 22, 0, 0})));
}

BOOST_DATA_TEST_CASE(add_scaled_by_hand, backends(), backend) {
  const BackendScope scope(backend);
  Tensor y = tensor({2, 2}, {1, 2, 3, 4});
  const Tensor x = tensor({2, 2}, {10, 20, 30, 40});
  ops::add_scaled_inplace(y, x, 0.5F);
  BOOST_TEST(tensors_close(y, tensor({2, 2}, {6, 12, 18, 24})));
  ops::add_scaled_inplace(y, y);
  BOOST_TEST(tensors_close(y, tensor({2, 2}, {12, 24, 36, 48})));
  BOOST_TEST(tensors_close(x, tensor({2, 2}, {10, 20, 30, 40})));
}

BOOST_DATA_TEST_CASE(add_scaled_takes_a_range_of_channels, backends(), backend) {
  const BackendScope scope(backend);
  const Tensor whole = on_device(random_tensor({40, 4, 9, 9}, 1)), before = whole.clone();
  const Tensor x = on_device(random_slice({40, 2, 9, 9}, 2));
  Tensor expected = before.channels(1, 2).clone(), slice = whole.channels(1, 2);
  ops::add_scaled_inplace(expected, x.clone());
  ops::add_scaled_inplace(slice, x);
  BOOST_TEST(tensors_close(slice, expected));
  for (const Index outside : {0, 3})
    BOOST_TEST(tensors_close(whole.channels(outside, 1), before.channels(outside, 1)));
}

BOOST_DATA_TEST_CASE(sgd_agrees_with_pytorch, backends(), backend) {  // torch.optim.SGD, three steps
  const BackendScope scope(backend);
  BOOST_TEST(tensors_close(
      sgd(0, 0), tensor({5}, {0.979999959F, -1.95999992F, 0.499980003F, -0.600000024F, 3}), rounding));
  BOOST_TEST(tensors_close(
      sgd(0.9F, 0), tensor({5}, {0.980900049F, -1.9618001F, 0.499980927F, -0.572999954F, 3}), rounding));
  BOOST_TEST(tensors_close(
      sgd(0, 0.1F), tensor({5}, {0.950298011F, -1.90059602F, 0.485129476F, -0.600030005F, 2.91089702F}),
      rounding));
  BOOST_TEST(tensors_close(
      sgd(0.9F, 0.1F), tensor({5}, {0.925458014F, -1.85091603F, 0.472170562F, -0.567629933F, 2.83313704F}),
      rounding));
}

BOOST_DATA_TEST_CASE(adam_agrees_with_pytorch, backends(), backend) {  // torch.optim.Adam, four steps
  const BackendScope scope(backend);
  AdamState state;
  const std::vector<Tensor> expected{
      tensor({5}, {0.99000001F, -1.99000001F, 0.490000993F, -0.00999999978F, 3.00090909F}),
      tensor({5}, {0.993661046F, -1.99366105F, 0.493661791F, -0.00633896515F, 3.00040913F}),
      tensor({5}, {0.990228653F, -1.99022865F, 0.490229547F, -0.00977137592F, 3.001019F}),
      tensor({5}, {0.992554069F, -1.99255407F, 0.492554873F, -0.00744597102F, 3.0005188F})};
  for (int s = 0; s < 4; ++s) {
    const Tensor grad = gradient(s);
    state.step(s + 1, grad, 0);
    BOOST_TEST(tensors_close(state.value, expected[static_cast<std::size_t>(s)], rounding));
    BOOST_TEST(tensors_close(grad, gradient(s)));
  }
  const Tolerance relative{.relative = 1e-6};
  BOOST_TEST(tensors_close(
      state.mean,
      tensor({5}, {-0.0219100006F, 0.0438200012F, -2.1910002e-05F, -0.657299995F, 2.19100016e-10F}),
      relative));
  BOOST_TEST(tensors_close(
      state.mean_square,
      tensor({5}, {0.0002998001F, 0.0011992004F, 2.99800046e-10F, 0.269820064F, 2.99800045e-20F}), relative));
}

BOOST_DATA_TEST_CASE(adam_with_decay_agrees_with_pytorch, backends(), backend) {  // weight_decay = 0.1
  const BackendScope scope(backend);
  AdamState state;
  for (int s = 0; s < 4; ++s) state.step(s + 1, gradient(s), 0.1);
  BOOST_TEST(tensors_close(
      state.value, tensor({5}, {0.979528606F, -1.97947967F, 0.460054547F, -0.00744373817F, 2.96000791F}),
      rounding));
}

BOOST_DATA_TEST_CASE(every_rung_steps_to_the_same_bits, faster_backends(), backend) {
  const auto run = [](const std::string& name) {
    const BackendScope scope(name);
    const Shape shape{40003};
    Tensor value = on_device(random_tensor(shape, 1)), mean = on_device(Tensor::zeros(shape)),
           square = mean.clone();
    Tensor velocity = mean.clone();
    for (Index t = 1; t <= 3; ++t) {
      const Tensor grad = on_device(random_tensor(shape, static_cast<std::uint64_t>(t)));
      ops::adam_step_inplace({{value, grad, mean, square}}, {0.001, 0.9, 0.999, 1e-8, 0.01, t});
      ops::sgd_step_inplace({{value, grad, velocity}}, {0.01F, 0.9F, 0.01F});
      ops::add_scaled_inplace(value, grad, 0.3F);
    }
    return std::vector<Tensor>{value, mean, square, velocity};
  };
  const std::vector<Tensor> fast = run(backend), slow = run("reference");
  for (std::size_t k = 0; k < fast.size(); ++k) BOOST_TEST(tensors_close(fast[k], slow[k]));
}

BOOST_DATA_TEST_CASE(tensors_that_do_not_fit, backends(), backend) {
  const BackendScope scope(backend);
  Tensor y = arange({3}), m = arange({3}), v = arange({2});
  BOOST_CHECK_EXCEPTION(ops::add_scaled_inplace(y, arange({2})), ShapeError,
                        says({"x must be [3], it is [2]"}));
  BOOST_CHECK_THROW(ops::sgd_step_inplace({{y, arange({2})}}, {0.1F, 0, 0}), ShapeError);
  BOOST_CHECK_THROW(ops::sgd_step_inplace({{y, arange({3})}, {y, arange({3}), v}}, {0.1F, 0.9F, 0}),
                    ShapeError);
  BOOST_CHECK_THROW(ops::adam_step_inplace({{y, arange({3}), m, v}}, {0.1, 0.9, 0.999, 1e-8, 0, 1}),
                    ShapeError);
  v = arange({3});
  BOOST_CHECK_THROW(ops::adam_step_inplace({{y, arange({3}), m, v}}, {0.1, 0.9, 0.999, 1e-8, 0, 0}),
                    StateError);
  BOOST_CHECK_THROW(ops::adam_step_inplace({{y, Tensor{}, m, v}}, {0.1, 0.9, 0.999, 1e-8, 0, 1}), StateError);
}

BOOST_AUTO_TEST_SUITE_END()
