// SPDX-License-Identifier: MIT
// Several processes that train together come to the bits of one alone. Here they are threads.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <functional>
#include <string>

#include "chapters/05_lenet/lenet.hpp"
#include "chapters/10_batch_norm/lenet.hpp"
#include "chapters/11_resnet/resnet.hpp"
#include "common/data/dataset.hpp"
#include "common/optim/adam.hpp"
#include "common/train/state_dict.hpp"
#include "common/train/trainer.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/close.hpp"
#include "tests/support/threads_as_processes.hpp"

namespace {

using namespace cnn;
namespace bdata = boost::unit_test::data;

BOOST_AUTO_TEST_SUITE(processes)

/// A network, and what it is trained on.
struct Case {
  std::string name;
  std::function<nn::Sequential(Rng&)> make;
  Index side;  // of the images, in pixels
};

std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

nn::Sequential slim_resnet(Rng& rng) {
  return nn::Sequential{nn::Conv2d{1, 16, {.kernel = 3, .padding = 1}, rng},
                        nn::BatchNorm2d{16},
                        nn::ReLU{},
                        residual_block(16, 16, {}, rng),
                        residual_block(16, 24, {.use_1x1conv = true, .stride = 2}, rng),
                        nn::GlobalAvgPool2d{},
                        nn::Flatten{},
                        nn::Linear{24, 10, rng}};
}

nn::Sequential with_dropout(Rng& rng) {
  return nn::Sequential{nn::Flatten{}, nn::Linear{64, 40, rng}, nn::ReLU{}, nn::Dropout{0.5, rng},
                        nn::Linear{40, 10, rng}};
}

const std::vector<Case> cases{
    {"LeNet", [](Rng& rng) { return make_lenet(1, 10, rng); }, 28},
    {"LeNet + BN", [](Rng& rng) { return batch_norm::make_lenet(1, 10, "library", rng); }, 28},
    {"slim ResNet", slim_resnet, 14},
    {"dropout", with_dropout, 8}};

/// What a training comes to.
struct Outcome {
  io::NamedTensors weights;
  FitResult fit;
};

/// Trains for two epochs of 24 + 24 + 3 images: with more than three processes some have none of the last batch.
Outcome train(const Case& c, std::unique_ptr<Communicator> communicator) {
  Rng rng(3);
  nn::Sequential net = c.make(rng);
  optim::Adam adam(net.named_parameters(), {.learning_rate = 0.01});
  const data::Dataset images = data::synthetic(51, c.side, 10, 1),
                      others = data::synthetic(20, c.side, 10, 2);
  Trainer trainer(net, adam, rng, {.epochs = 2, .batch_size = 24, .image_size = c.side},
                  std::move(communicator));
  FitResult fit = trainer.fit(images, others);
  return {state_dict(net), std::move(fit)};
}

void check_same(const Outcome& a, const Outcome& b) {
  BOOST_TEST_REQUIRE(a.weights.size() == b.weights.size());
  for (std::size_t k = 0; k < a.weights.size(); ++k) {
    if (a.weights[k].second.dtype() == DType::f32)
      BOOST_TEST(test::tensors_close(a.weights[k].second, b.weights[k].second), a.weights[k].first);
  }
  BOOST_TEST_REQUIRE(a.fit.epochs.size() == b.fit.epochs.size());
  for (std::size_t k = 0; k < a.fit.epochs.size(); ++k) {
    BOOST_TEST(a.fit.epochs[k].loss == b.fit.epochs[k].loss);
    BOOST_TEST(a.fit.epochs[k].train_accuracy == b.fit.epochs[k].train_accuracy);
    BOOST_TEST(a.fit.epochs[k].test_accuracy == b.fit.epochs[k].test_accuracy);
  }
}

BOOST_DATA_TEST_CASE(come_to_the_bits_of_one, bdata::make({"simd", "reference"}) * bdata::make(cases), rung,
                     c) {
  const BackendScope scope(rung);
  const Outcome alone = train(c, nullptr);
  BOOST_TEST(alone.fit.epochs.back().loss < alone.fit.epochs.front().loss);
  for (const Index count : {1, 2, 4, 8}) {
    std::vector<Outcome> all(static_cast<std::size_t>(count));
    test::as_processes(count, [&](std::unique_ptr<Communicator> communicator) {
      const auto rank = static_cast<std::size_t>(communicator->rank());
      all[rank] = train(c, std::move(communicator));
    });
    for (const Outcome& outcome : all) BOOST_TEST_CONTEXT(count << " processes") {
        check_same(outcome, alone);
      }
  }
}

BOOST_AUTO_TEST_CASE(are_one_two_four_or_eight) {
  struct Several final : Communicator {
    explicit Several(Index processes) : count(processes) {}
    Index rank() const override { return 0; }
    Index size() const override { return count; }
    void join(Tensor&) override {}
    Tensor gather(const Tensor& rows) override { return rows; }
    void broadcast(Tensor&) override {}
    Index count;
  };
  Rng rng(0);
  nn::Sequential net = make_lenet(1, 10, rng);
  optim::Adam adam(net.named_parameters(), {});
  for (const Index count : {0, 3, 6, 16})
    BOOST_CHECK_THROW((Trainer{net, adam, rng, {}, std::make_unique<Several>(count)}), UsageError);
  for (const Index count : {1, 2, 4, 8})
    BOOST_CHECK_NO_THROW((Trainer{net, adam, rng, {}, std::make_unique<Several>(count)}));
}

BOOST_AUTO_TEST_CASE(share_what_they_have) {
  std::vector<Tensor> broadcast(4), gathered(4), joined(4);
  test::as_processes(4, [&](std::unique_ptr<Communicator> communicator) {
    const Index rank = communicator->rank();
    const auto k = static_cast<std::size_t>(rank);
    broadcast[k] = Tensor::from_values({2}, std::vector<float>{static_cast<float>(rank), 7});
    communicator->broadcast(broadcast[k]);
    gathered[k] =
        communicator->gather(Tensor::from_values({rank}, std::vector<float>(k, static_cast<float>(rank))));
    const float terms[] = {16777216, 1, 1, 1};
    joined[k] = Tensor::from_values({1}, std::vector<float>{terms[k]});
    communicator->join(joined[k]);
  });
  for (std::size_t k = 0; k < 4; ++k) {
    BOOST_TEST(broadcast[k].values()[0] == 0);
    BOOST_TEST(gathered[k].values() == (std::vector<float>{1, 2, 2, 3, 3, 3}),
               boost::test_tools::per_element());
    BOOST_TEST(joined[k].values()[0] ==
               16777218);  // (2^24 + 1) + (1 + 1); one after the other, each 1 is lost
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
