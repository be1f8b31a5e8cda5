// SPDX-License-Identifier: MIT
#include "common/train/gradients.hpp"

#include <boost/test/unit_test.hpp>

#include "common/nn/linear.hpp"
#include "common/nn/sequential.hpp"
#include "common/ops/softmax.hpp"
#include "tests/support/close.hpp"

namespace {

using namespace cnn;

/// Process 0 of two; what the other one contributes is given beforehand, one tensor a call.
class WithPartner : public Communicator {
 public:
  explicit WithPartner(std::vector<Tensor> partner) : partner_(std::move(partner)) {}
  Index rank() const override { return 0; }
  Index size() const override { return 2; }
  void all_reduce_sum(std::span<float> values) override {
    const auto other = partner_.at(next_++).values();
    for (std::size_t k = 0; k < values.size(); ++k) values[k] += other[k];
  }
  void broadcast(std::span<float>) override {}
  void barrier() override {}

 private:
  std::vector<Tensor> partner_;
  std::size_t next_ = 0;
};

nn::Sequential make_net() {
  Rng rng(3);
  return nn::Sequential{nn::Linear{4, 3, rng}, nn::Linear{3, 2, rng}};
}

/// Gradients of the mean loss over rows first ... first + count - 1, times a share.
std::vector<Tensor> gradients(nn::Module& net, const Tensor& x, const Tensor& labels, Index first,
                              Index count, float share) {
  net.zero_grad();
  const Tensor logits = net.forward(x.rows(first, count).clone());
  net.backward(ops::softmax_cross_entropy(logits, labels.rows(first, count)).grad);
  std::vector<Tensor> grads;
  for (const nn::Parameter* p : net.parameters()) {
    grads.push_back(p->grad.clone());
    for (float& value : grads.back().values()) value *= share;
  }
  return grads;
}

BOOST_AUTO_TEST_SUITE(gradients_of_several_processes)

BOOST_AUTO_TEST_CASE(are_those_of_the_whole_batch) {
  nn::Sequential net = make_net();
  Tensor x = Tensor::empty({5, 4});
  Rng rng(4);
  rng.fill_uniform(x.values(), -1, 1);
  const Tensor labels = Tensor::from_labels({5}, std::vector<std::int64_t>{0, 1, 1, 0, 1});
  const std::vector<Tensor> whole = gradients(net, x, labels, 0, 5, 1);
  WithPartner communicator(gradients(net, x, labels, 2, 3, 3.0F / 5));
  gradients(net, x, labels, 0, 2, 1);
  combine_gradients(net, communicator, 2.0F / 5);
  std::size_t k = 0;
  for (const nn::Parameter* p : net.parameters())
    BOOST_TEST(test::tensors_close(p->grad, whole[k++], {.relative = 1e-5, .absolute = 1e-6}));
}

BOOST_AUTO_TEST_CASE(of_one_process_stay_what_they_are) {
  nn::Sequential net = make_net();
  Tensor x = Tensor::empty({2, 4});
  Rng rng(4);
  rng.fill_uniform(x.values(), -1, 1);
  const std::vector<Tensor> before =
      gradients(net, x, Tensor::from_labels({2}, std::vector<std::int64_t>{0, 1}), 0, 2, 1);
  SingleProcess alone;
  combine_gradients(net, alone, 1);
  std::size_t k = 0;
  for (const nn::Parameter* p : net.parameters())
    BOOST_TEST(p->grad.values() == before[k++].values(), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
