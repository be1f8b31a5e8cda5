// SPDX-License-Identifier: MIT
// How much work the host gives to the device does not grow with the batch, and nothing waits for it.
#include <emulation/control.hpp>

#include "common/nn/activation.hpp"
#include "common/nn/batch_norm.hpp"
#include "common/nn/conv2d.hpp"
#include "common/nn/dropout.hpp"
#include "common/nn/flatten.hpp"
#include "common/nn/linear.hpp"
#include "common/nn/pool2d.hpp"
#include "common/nn/sequential.hpp"
#include "common/nn/tree.hpp"
#include "common/optim/adam.hpp"
#include "tests/common/backend/cuda/kernel_scope.hpp"
#include "tests/common/backend/cuda/operations.hpp"

using namespace cnn;
using namespace cnn::test;

BOOST_AUTO_TEST_SUITE(launches)

namespace {

/// What the runtime is asked for meanwhile.
emulation::Counters counted(const std::function<void()>& work) {
  device_memory::synchronize(0);
  emulation::reset_counters();
  work();
  return emulation::counters();
}

/// Counts of the third step that a network with a layer of each kind makes.
emulation::Counters counts_of_a_step(Index n) {
  Rng rng(1);
  nn::Sequential net{nn::Conv2d{3, 8, {.kernel = 3, .padding = 1}, rng},
                     nn::BatchNorm2d{8},
                     nn::ReLU{},
                     nn::MaxPool2d{},
                     nn::Conv2d{8, 8, {.kernel = 3}, rng},
                     nn::Sigmoid{},
                     nn::AvgPool2d{},
                     nn::Flatten{},
                     nn::Linear{32, 16, rng},
                     nn::Dropout{0.5, rng},
                     nn::Linear{16, 10, rng}};
  net.to(default_device());
  optim::Adam adam{net.named_parameters()};
  const Tensor x = random({n, 3, 12, 12}, 1), labels = on_device(Tensor::zeros({n}, {}, DType::i64));
  const auto step = [&] {
    net.zero_grad();
    net.backward(ops::softmax_cross_entropy(net.forward(x), labels).grad);
    adam.step();
  };
  step();
  step();
  return counted(step);
}

}  // namespace

BOOST_DATA_TEST_CASE(of_an_operation, boost::unit_test::data::make({2, 8, 33}), n) {
  const BackendScope scope("cuda");
  const std::vector<OnDevice> few = operations(1), all = operations(n);
  for (std::size_t k = 0; k < all.size(); ++k) BOOST_TEST_CONTEXT(all[k].name << " of " << n) {
      const emulation::Counters alone = counted(few[k].work), c = counted(all[k].work);
      if (all[k].launches > 0) BOOST_TEST(c.launches == all[k].launches);
      BOOST_TEST(c.launches == alone.launches);
      BOOST_TEST(c.device_waits == 0);
    }
}

/// All but cublas, which takes more launches for more images.
std::vector<std::string> kernels_of_ours() {
  std::vector<std::string> names = cuda_kernel_names();
  std::erase(names, "cublas");
  return names;
}

BOOST_DATA_TEST_CASE(of_each_kernel, boost::unit_test::data::make(kernels_of_ours()), kernel) {
  const BackendScope scope("cuda");
  const KernelScope choice(kernel);
  const std::vector<OnDevice> few = operations(2), all = operations(8);
  for (std::size_t k = 0; k < all.size(); ++k) {
    if (!all[k].name.starts_with("conv2d") && !all[k].name.starts_with("linear")) continue;
    BOOST_TEST(counted(few[k].work).launches == counted(all[k].work).launches, all[k].name);
  }
}

BOOST_AUTO_TEST_CASE(of_a_step) {
  const BackendScope scope("cuda");
  const emulation::Counters two = counts_of_a_step(2), eight = counts_of_a_step(8);
  constexpr long layers = 11;
  BOOST_TEST(two.launches == eight.launches);
  BOOST_TEST(eight.launches <= 5 * layers + 8);
  BOOST_TEST(eight.uploads == 1);  // the mask of the dropout
  BOOST_TEST(eight.downloads == 0);
  BOOST_TEST(eight.device_waits == 0);
  BOOST_TEST(eight.mallocs == 0);
  BOOST_TEST(eight.pool_growths == 0);
}

BOOST_AUTO_TEST_SUITE_END()
