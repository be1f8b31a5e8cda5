// SPDX-License-Identifier: MIT

// What training asks of a device, counted by the one that stands for it; and that its memory is foretold.

#include <emulation/control.hpp>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "chapters/05_lenet/lenet.hpp"
#include "common/train/memory.hpp"

namespace {

using namespace cnn;
namespace bdata = boost::unit_test::data;

BOOST_AUTO_TEST_SUITE(cuda_steps)

constexpr Index steps = 6;

/// Reads the counters when a step begins.
class Counted : public TrainerObserver {
 public:
  void on_fit_start(Trainer& trainer) override {
    plan = plan_memory(trainer.model(), trainer.optimizer(), trainer.loader());
    device_memory::synchronize(0);
    emulation::reset_counters();
  }
  void on_step_start(Trainer&) override { at_starts_.push_back(emulation::counters()); }

  /// \return how often something came in each step, from its beginning to that of the next one; the last has no next one
  std::vector<long> of(long emulation::Counters::*counter) const {
    std::vector<long> counts;
    for (std::size_t k = 1; k < at_starts_.size(); ++k)
      counts.push_back(at_starts_[k].*counter - at_starts_[k - 1].*counter);
    return counts;
  }

  MemoryPlan plan;

 private:
  std::vector<emulation::Counters> at_starts_;
};

/// The steps of one epoch.
Counted train(nn::Module& network, Rng& rng, const TrainerOptions& options) {
  network.to(default_device());
  optim::Adam adam{network.named_parameters()};
  Counted counted;
  Trainer(network, adam, rng, options)
      .fit(data::synthetic(options.batch_size * steps, 28, 10, 1), data::synthetic(2, 28, 10, 2), {&counted});
  return counted;
}

Counted train_lenet(Index batch) {
  Rng rng(1);
  nn::Sequential lenet = make_lenet(1, 10, rng);
  return train(lenet, rng, {.batch_size = batch});
}

BOOST_DATA_TEST_CASE(of_lenet, bdata::make({2, 8}), batch) {
  using C = emulation::Counters;
  constexpr long layers = 12;
  const BackendScope scope("cuda");
  const Counted counted = train_lenet(batch);
  const auto each_is = [](std::vector<long> counts, long wanted) {
    return std::ranges::all_of(counts, [&](long count) { return count == wanted; });
  };
  const std::vector<long> launches = counted.of(&C::launches);
  BOOST_TEST_REQUIRE(launches.size() == static_cast<std::size_t>(steps - 1));
  BOOST_TEST(launches[0] > layers);
  BOOST_TEST(launches[0] <= 5 * layers + 8);
  BOOST_TEST(each_is(launches, launches[0]));
  BOOST_TEST(each_is(counted.of(&C::uploads), 2));  // images and labels
  BOOST_TEST(each_is(counted.of(&C::upload_bytes), batch * (28 * 28 + 8)));
  BOOST_TEST(each_is(counted.of(&C::device_waits), 0));
  const std::vector<long> downloads = counted.of(&C::downloads), bytes = counted.of(&C::download_bytes);
  BOOST_TEST(each_is(downloads, 1));
  BOOST_TEST(each_is(bytes, 5 * batch));  // losses, and whether they are right
  for (std::size_t k = 2; k < launches.size(); ++k) {
    BOOST_TEST(counted.of(&C::mallocs)[k] == 0);
    BOOST_TEST(counted.of(&C::pool_growths)[k] == 0);
  }
}

/// A network with a sum, statistics of batches and a resize before it, so slim that its step is short.
nn::Sequential make_small_resnet(Rng& rng) {
  const auto conv = [&](Index ic, Index oc) { return nn::Conv2d{ic, oc, {.kernel = 3, .padding = 1}, rng}; };
  return nn::Sequential{
      conv(1, 8),
      nn::BatchNorm2d{8},
      nn::ReLU{},
      nn::MaxPool2d{},
      nn::Residual{{"", nn::Sequential{conv(8, 8), nn::BatchNorm2d{8}, nn::ReLU{}, conv(8, 8)}},
                   {"", nn::Identity{}}},
      nn::ReLU{},
      nn::GlobalAvgPool2d{},
      nn::Flatten{},
      nn::Linear{8, 10, rng}};
}

/// Fails unless the most that tensors took while a network was trained was foretold to one part in fifty.
void check_foretold(const Counted& counted) {
  const auto real = static_cast<double>(emulation::peak_bytes(0));
  const auto foretold = static_cast<double>(counted.plan.needed);
  BOOST_TEST((counted.plan.device == Device{DeviceType::cuda}));
  BOOST_TEST(std::abs(real - foretold) < 0.02 * real, "foretold " << foretold << ", in use " << real);
  BOOST_TEST(counted.plan.peak >= counted.plan.needed);
  BOOST_TEST(counted.plan.available.value() <= device_memory::capacity(0).total);
}

BOOST_DATA_TEST_CASE(of_lenet_take_the_memory_foretold, bdata::make({2, 16}), batch) {
  const BackendScope scope("cuda");
  check_foretold(train_lenet(batch));
}

BOOST_AUTO_TEST_CASE(of_a_small_resnet_take_the_memory_foretold) {
  const BackendScope scope("cuda");
  Rng rng(2);
  nn::Sequential net = make_small_resnet(rng);
  check_foretold(train(net, rng, {.batch_size = 8, .image_size = 32}));
}

/// Breaks the weights before a step.
class Poison : public TrainerObserver {
 public:
  explicit Poison(Index step) : step_(step) {}
  void on_step_start(Trainer& trainer) override {
    if (trainer.position().total_steps + 1 != step_) return;
    const std::vector<float> broken(10, std::numeric_limits<float>::quiet_NaN());
    trainer.model().parameters().back()->value.copy_from(Tensor::from_values({10}, broken));
  }

 private:
  Index step_;
};

BOOST_DATA_TEST_CASE(whose_loss_is_no_number_are_named_though_it_is_read_late, bdata::make({1, 3, 6}), step) {
  const BackendScope scope("cuda");
  Rng rng(1);
  nn::Sequential lenet = make_lenet(1, 10, rng);
  lenet.to(default_device());
  optim::Adam adam{lenet.named_parameters()};
  Poison poison(step);
  Trainer trainer(lenet, adam, rng, {.batch_size = 2});
  const auto names_it = [&](const Error& e) {
    return std::string(e.what()).find("in epoch 1, step " + std::to_string(step) + ":") != std::string::npos;
  };
  BOOST_CHECK_EXCEPTION(
      trainer.fit(data::synthetic(2 * steps, 28, 10, 1), data::synthetic(2, 28, 10, 2), {&poison}), Error,
      names_it);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
