// SPDX-License-Identifier: MIT
#include "common/ops/softmax.hpp"

#include <cmath>
#include <limits>

#include "tests/common/ops/helpers.hpp"

using namespace cnn;
using namespace cnn::test;

BOOST_AUTO_TEST_SUITE(softmax)

namespace {

constexpr float quiet_nan = std::numeric_limits<float>::quiet_NaN();
constexpr float infinity = std::numeric_limits<float>::infinity();

Tensor pytorch_logits() { return tensor({4, 3}, {1, 2, 3, 0.5F, -1, 0.25F, 100, 0, -100, 1000, 999, 1000}); }

}  // namespace

BOOST_DATA_TEST_CASE(agrees_with_pytorch, backends(), backend) {  // torch.softmax(z, 1)
  const BackendScope scope(backend);
  const Tensor expected =
      tensor({4, 3}, {0.0900305733F, 0.244728476F, 0.665240943F, 0.499517739F, 0.111457475F, 0.389024794F, 1,
                      0, 0, 0.422318816F, 0.155362412F, 0.422318816F});
  BOOST_TEST(tensors_close(ops::softmax(pytorch_logits()), expected, {.relative = 1e-6, .absolute = 1e-30}));
}

BOOST_DATA_TEST_CASE(cross_entropy_agrees_with_pytorch, backends(), backend) {  // and its backward
  const BackendScope scope(backend);
  const ops::CrossEntropy result = ops::softmax_cross_entropy(pytorch_logits(), labels({2, 0, 1, 1}));
  BOOST_TEST(std::abs(result.loss() - 25.7409286) < 2e-6);
  BOOST_TEST(result.correct_count() == 2);
  const Tensor expected =
      tensor({4, 3}, {0.0225076452F, 0.0611821227F, -0.0836897492F, -0.125120565F, 0.0278643649F,
                      0.0972561985F, 0.25F, -0.25F, 0, 0.105579704F, -0.211159393F, 0.105579704F});
  BOOST_TEST(tensors_close(result.grad, expected, {.absolute = 5e-8}));
}

BOOST_DATA_TEST_CASE(equal_scores_give_the_logarithm_of_the_number_of_classes, backends(), backend) {
  const BackendScope scope(backend);
  const ops::CrossEntropy result =
      ops::softmax_cross_entropy(on_device(Tensor::zeros({2, 10})), labels({0, 9}));
  BOOST_TEST(std::abs(result.loss() - std::log(10.0)) < 1e-6);
  BOOST_TEST(result.correct_count() == 1);  // of equal scores the first counts
}

BOOST_DATA_TEST_CASE(one_class_has_nothing_to_learn, backends(), backend) {
  const BackendScope scope(backend);
  const ops::CrossEntropy result = ops::softmax_cross_entropy(arange({2, 1}), labels({0, 0}));
  BOOST_TEST(result.loss() == 0);
  BOOST_TEST(tensors_close(result.grad, tensor({2, 1}, {0, 0})));
}

BOOST_DATA_TEST_CASE(without_gradient, backends(), backend) {
  const BackendScope scope(backend);
  const Tensor logits = on_device(random_tensor({5, 4}, 1));
  const ops::CrossEntropy with = ops::softmax_cross_entropy(logits, labels({0, 1, 2, 3, 0}));
  const ops::CrossEntropy without = ops::softmax_cross_entropy(logits, labels({0, 1, 2, 3, 0}), false);
  BOOST_TEST(with.grad.defined());
  BOOST_TEST(!without.grad.defined());
  BOOST_TEST(without.loss() == with.loss());
  BOOST_TEST(without.correct_count() == with.correct_count());
}

BOOST_DATA_TEST_CASE(the_gradient_of_a_row_adds_up_to_nothing, backends(), backend) {
  const BackendScope scope(backend);
  const Tensor logits = on_device(random_tensor({3, 10}, 1));
  const Tensor grad = ops::softmax_cross_entropy(logits, labels({3, 9, 0})).grad.to({});
  for (Index i = 0; i < 3; ++i) {
    double sum = 0;
    for (Index j = 0; j < 10; ++j) sum += double{grad.data()[i * 10 + j]};
    BOOST_TEST(std::abs(sum) < 1e-7);
  }
  BOOST_TEST(tensors_close(logits, random_tensor({3, 10}, 1)));
}

BOOST_DATA_TEST_CASE(nan_makes_the_loss_nan, backends(), backend) {
  const BackendScope scope(backend);
  BOOST_TEST(std::isnan(ops::softmax_cross_entropy(tensor({1, 3}, {0, quiet_nan, 1}), labels({0})).loss()));
  BOOST_TEST(std::isnan(ops::softmax_cross_entropy(tensor({1, 3}, {quiet_nan, 0, 1}), labels({2})).loss()));
}

BOOST_DATA_TEST_CASE(matches_the_reference, faster_backends(), backend) {
  const auto run = [](const std::string& name) {
    const BackendScope scope(name);
    const Tensor logits = on_device(random_tensor({150, 10}, 1));
    std::vector<std::int64_t> classes(150);
    for (std::size_t i = 0; i < 150; ++i) classes[i] = static_cast<std::int64_t>(i % 10);
    const Tensor on = on_device(Tensor::from_labels({150}, classes));
    return std::make_pair(ops::softmax(logits), ops::softmax_cross_entropy(logits, on));
  };
  const auto fast = run(backend), slow = run("reference");
  BOOST_TEST(tensors_close(fast.first, slow.first, {.relative = 2e-6}));
  BOOST_TEST(tensors_close(fast.second.grad, slow.second.grad, {.absolute = 1e-8}));
  BOOST_TEST(std::abs(fast.second.loss() - slow.second.loss()) < 1e-6);
  BOOST_TEST(fast.second.correct_count() == slow.second.correct_count());
}

BOOST_DATA_TEST_CASE(argmax_as_in_pytorch, backends(), backend) {
  const BackendScope scope(backend);
  const Tensor logits = tensor({4, 4}, {1, quiet_nan, 3, quiet_nan, 2, 2, 1, 0, quiet_nan, 1, 1, 1, -infinity,
                                        -infinity, -infinity, -infinity});
  const std::vector<std::int64_t> expected{1, 0, 0, 0};
  BOOST_TEST(tensors_close(ops::argmax(logits), Tensor::from_labels({4}, expected)));
  BOOST_TEST(ops::argmax(on_device(Tensor::empty({0, 3}))).size() == 0);
}

BOOST_DATA_TEST_CASE(a_label_that_is_no_class_makes_its_loss_nan, backends(), backend) {
  const BackendScope scope(backend);
  for (const std::int64_t label : {-1, 3, 1000000}) {
    const ops::CrossEntropy result = ops::softmax_cross_entropy(arange({2, 3}), labels({label, 2}));
    const Tensor losses = result.losses.to({});
    BOOST_TEST((std::isnan(losses.data()[0]) && std::isfinite(losses.data()[1])));
    BOOST_TEST(result.correct_count() == 1);
    BOOST_TEST(tensors_close(result.grad.rows(0, 1),
                             tensor({1, 3}, {0.0450152867F, 0.122364238F, 0.332620472F}),
                             {.relative = 1e-6}));
  }
}

BOOST_DATA_TEST_CASE(tensors_that_do_not_fit, backends(), backend) {
  const BackendScope scope(backend);
  BOOST_CHECK_EXCEPTION(ops::softmax_cross_entropy(arange({2, 3}), labels({0})), ShapeError,
                        says({"labels must be [2], it is [1]"}));
  BOOST_CHECK_THROW(ops::softmax_cross_entropy(arange({2, 3}), arange({2})), StateError);
  BOOST_CHECK_THROW(ops::softmax_cross_entropy(arange({0, 3}), labels({})), ShapeError);
  BOOST_CHECK_THROW(ops::softmax(arange({6})), ShapeError);
  BOOST_CHECK_EXCEPTION(ops::softmax(arange({2, 0})), ShapeError, says({"at least one class"}));
  BOOST_TEST(ops::softmax(on_device(Tensor::empty({0, 3}))).size() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
