// SPDX-License-Identifier: MIT
#include "common/train/gradients.hpp"

#include <boost/test/unit_test.hpp>

#include "common/nn/linear.hpp"
#include "common/nn/sequential.hpp"
#include "common/ops/softmax.hpp"
#include "tests/support/close.hpp"

namespace {

using namespace cnn;

BOOST_AUTO_TEST_SUITE(gradients_of_several_processes)

/// Process 0 of two; what the other one contributes is given beforehand, one tensor a call.
class WithPartner : public Communicator {
 public:
  explicit WithPartner(std::vector<Tensor> partner) : partner_(std::move(partner)) {}
  Index rank() const override { return 0; }
  Index size() const override { return 2; }
  void join(Tensor& sums) override {
    const auto other = partner_.at(next_++).values();
    for (std::size_t k = 0; k < other.size(); ++k) sums.values()[k] += other[k];
  }
  Tensor gather(const Tensor& rows) override { return rows; }
  void broadcast(Tensor&) override {}

 private:
  std::vector<Tensor> partner_;
  std::size_t next_ = 0;
};

nn::Sequential make_net() {
  Rng rng(3);
  return nn::Sequential{nn::Linear{4, 3, rng}, nn::Linear{3, 2, rng}};
}

/// What rows first ... first + count - 1 of a batch add to the gradients of its mean loss.
std::vector<Tensor> gradients(nn::Module& net, const Tensor& x, const Tensor& labels, Index first,
                              Index count) {
  net.zero_grad();
  const Tensor logits = net.forward(x.rows(first, count).clone());
  net.backward(ops::softmax_cross_entropy(logits, labels.rows(first, count), true, x.shape()[0]).grad);
  std::vector<Tensor> grads;
  for (const nn::Parameter* p : net.parameters()) grads.push_back(p->grad.clone());
  return grads;
}

BOOST_AUTO_TEST_CASE(are_those_of_the_whole_batch) {
  nn::Sequential net = make_net();
  Tensor x = Tensor::empty({5, 4});
  Rng rng(4);
  rng.fill_uniform(x.values(), -1, 1);
  const Tensor labels = Tensor::from_labels({5}, std::vector<std::int64_t>{0, 1, 1, 0, 1});
  const std::vector<Tensor> whole = gradients(net, x, labels, 0, 5);
  WithPartner communicator(gradients(net, x, labels, 2, 3));
  gradients(net, x, labels, 0, 2);
  join_gradients(net, BatchPart::of(5, communicator));
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
      gradients(net, x, Tensor::from_labels({2}, std::vector<std::int64_t>{0, 1}), 0, 2);
  join_gradients(net, BatchPart::all(2));
  std::size_t k = 0;
  for (const nn::Parameter* p : net.parameters())
    BOOST_TEST(p->grad.values() == before[k++].values(), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
