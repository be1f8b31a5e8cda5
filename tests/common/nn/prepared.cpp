// SPDX-License-Identifier: MIT
// A prepared network computes what it computed before, for any batch, and is itself again afterwards.
#include "common/nn/prepared.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "common/nn/activation.hpp"
#include "common/nn/batch_norm.hpp"
#include "common/nn/concat.hpp"
#include "common/nn/conv2d.hpp"
#include "common/nn/flatten.hpp"
#include "common/nn/fuse.hpp"
#include "common/nn/identity.hpp"
#include "common/nn/linear.hpp"
#include "common/nn/pool2d.hpp"
#include "common/nn/residual.hpp"
#include "common/nn/sequential.hpp"
#include "common/ops/softmax.hpp"
#include "common/optim/adam.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/close.hpp"
#include "tests/support/random_tensor.hpp"

using namespace cnn;
using test::random_tensor;
using test::tensors_close;

BOOST_AUTO_TEST_SUITE(prepared)

namespace {

constexpr test::Tolerance near{1e-4, 1e-5};  // without it, tensors_close() asks for equal bits

nn::Conv2d conv(Index in, Index out, Index side, Index stride, Rng& rng, bool bias = true) {
  return nn::Conv2d{in, out, {.kernel = side, .stride = stride, .padding = side / 2, .bias = bias}, rng};
}

/// Every layer that is folded, and those that are not: a normalization before a convolution, one behind a ReLU, one behind a sum.
nn::Sequential network(Rng& rng) {
  nn::Sequential body{conv(16, 24, 3, 2, rng, false), nn::BatchNorm2d{24}, nn::ReLU{},
                      conv(24, 24, 3, 1, rng), nn::BatchNorm2d{24}};
  nn::Sequential dense{nn::BatchNorm2d{24}, nn::ReLU{}, conv(24, 8, 3, 1, rng)};
  return nn::Sequential{conv(2, 16, 5, 1, rng),
                        nn::BatchNorm2d{16},
                        nn::Sigmoid{},
                        nn::Residual{std::move(body), conv(16, 24, 1, 2, rng)},
                        nn::ReLU{},
                        nn::BatchNorm2d{24},
                        nn::Concat{nn::Identity{}, std::move(dense)},
                        conv(32, 32, 3, 1, rng),
                        nn::ReLU{},
                        nn::BatchNorm2d{32},
                        nn::MaxPool2d{{.kernel = 2, .stride = 2}},
                        nn::Flatten{},
                        nn::Linear{32 * 16, 40, rng},
                        nn::BatchNorm1d{40},
                        nn::ReLU{},
                        nn::Linear{40, 4, rng}};
}

const Shape images{6, 2, 16, 16};

/// One step, so that running statistics are those of images.
void train_a_step(nn::Module& model) {
  optim::Adam adam{model.named_parameters(), {.learning_rate = 0.01}};
  const Tensor labels = Tensor::zeros({images[0]}, default_device(), DType::i64);
  model.backward(
      ops::softmax_cross_entropy(model.forward(random_tensor(images, 5).to(default_device())), labels).grad);
  adam.step();
  model.zero_grad();
}

struct Trained {
  Rng rng{1};
  nn::Sequential model = network(rng);
  Trained() {
    model.to(default_device());
    train_a_step(model);
  }
};

}  // namespace

BOOST_DATA_TEST_CASE(gives_what_the_network_gives, test::backends(), name) {
  const BackendScope scope(name);
  Trained net;
  const Tensor x = random_tensor(images, 7).to(default_device());
  net.model.train(false);
  const Tensor expected = net.model.forward(x);
  net.model.train(true);
  for (const Index foreseen : {1, 6, 128}) {
    nn::Prepared prepared(net.model, foreseen);
    const Tensor first = prepared.forward(x);
    BOOST_TEST(tensors_close(first, expected, near));
    BOOST_TEST(tensors_close(prepared.forward(x), first), "kept weights give other bits");
  }
  BOOST_TEST(net.model.is_training());
  net.model.train(false);
  BOOST_TEST(tensors_close(net.model.forward(x), expected), "the network is another one afterwards");
}

BOOST_DATA_TEST_CASE(an_image_does_not_depend_on_its_batch, test::backends(), name) {
  if (name == "xtensor") return;  // OpenBLAS takes other sums for one row
  const BackendScope scope(name);
  Trained net;
  const Tensor x = random_tensor(images, 7);
  nn::Prepared prepared(net.model);
  const Tensor all = prepared.forward(x.to(default_device())).to({});
  for (Index n = 0; n < images[0]; ++n) {
    const Tensor one = prepared.forward(x.rows(n, 1).to(default_device())).to({});
    BOOST_TEST(tensors_close(one, all.rows(n, 1)));
  }
}

BOOST_AUTO_TEST_CASE(sees_weights_of_the_moment_of_preparation) {
  Trained net;
  const Tensor x = random_tensor(images, 7).to(default_device());
  Tensor before;
  {
    nn::Prepared prepared(net.model);
    before = prepared.forward(x);
  }
  train_a_step(net.model);
  nn::Prepared prepared(net.model);
  BOOST_TEST(!tensors_close(prepared.forward(x), before, near));
}

BOOST_AUTO_TEST_SUITE_END()
