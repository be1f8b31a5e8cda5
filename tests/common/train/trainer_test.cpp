// SPDX-License-Identifier: MIT
// A trainer by itself, and what its observers are told.
#include "common/train/trainer.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <limits>
#include <string>

#include "common/core/check.hpp"
#include "common/data/dataset.hpp"
#include "common/nn/activation.hpp"
#include "common/nn/dropout.hpp"
#include "common/nn/flatten.hpp"
#include "common/nn/linear.hpp"
#include "common/nn/sequential.hpp"
#include "common/optim/sgd.hpp"

namespace {

using namespace cnn;
namespace bdata = boost::unit_test::data;

BOOST_AUTO_TEST_SUITE(trainer)

const data::Dataset train = data::synthetic(50, 8, 3, 1);
const data::Dataset test = data::synthetic(20, 8, 3, 2);

/// A network with all that draws random numbers, and its optimizer.
struct Setting {
  Rng rng{0};
  nn::Sequential net{nn::Flatten{}, nn::Linear{64, 16, rng}, nn::ReLU{}, nn::Dropout{0.5, rng},
                     nn::Linear{16, 3, rng}};
  optim::Sgd sgd{net.named_parameters(), {.learning_rate = 0.1, .momentum = 0.9}};

  TrainerOptions options(Index epochs) const { return {.epochs = epochs, .batch_size = 8, .image_size = 8}; }
  std::vector<float> weights() {
    std::vector<float> all;
    for (const nn::Parameter* p : net.parameters())
      all.insert(all.end(), p->value.values().begin(), p->value.values().end());
    return all;
  }
};

/// Writes down what it is told and asked.
class Diary : public TrainerObserver {
 public:
  explicit Diary(Index stop_after = 0) : stop_after_(stop_after) {}

  void on_fit_start(Trainer& trainer) override { note("start", trainer.planned_steps()); }
  void on_step_start(Trainer& trainer) override { note("begin", trainer.position().total_steps + 1); }
  void on_step_end(Trainer& trainer, const io::StepRecord& record) override {
    BOOST_TEST(record.examples == (record.step == 7 ? 2 : 8));
    BOOST_TEST(record.loss > 0);
    BOOST_TEST(record.seconds > 0);
    BOOST_TEST(trainer.position().loss_sum >= record.loss);
    note("end", ++ended_);
  }
  bool should_settle() override { return ended_ == 3; }
  void on_settled(Trainer& trainer) override {
    BOOST_TEST(trainer.position().total_steps == ended_);
    note("settled", ended_);
  }
  void on_test_batch(Trainer& trainer, const Tensor& logits, const Tensor& labels) override {
    BOOST_TEST(logits.shape()[0] == labels.size());
    BOOST_TEST(logits.shape()[1] == 3);
    note(trainer.in_last_epoch() ? "last test" : "test", labels.size());
  }
  void on_epoch_end(Trainer& trainer, const io::EpochRecord& record) override {
    BOOST_TEST(trainer.position().epoch == record.epoch + 1);
    note("epoch", record.epoch);
  }
  bool should_stop() override { return stop_after_ > 0 && ended_ >= stop_after_; }
  void on_stop(Trainer& trainer) override {
    stopped_at = trainer.snapshot();
    note("stop", stopped_at.total_steps);
  }
  void on_fit_end(Trainer& trainer) override { note("done", trainer.position().total_steps); }

  std::string text;
  Position stopped_at;

 private:
  void note(const std::string& what, Index number) { text += what + " " + std::to_string(number) + ", "; }

  Index stop_after_;
  Index ended_ = 0;
};

/// Goes on from where another training stopped.
class Resume : public TrainerObserver {
 public:
  explicit Resume(Position from) : from_(std::move(from)) {}
  void on_fit_start(Trainer& trainer) override { trainer.restore(from_); }

 private:
  Position from_;
};

BOOST_AUTO_TEST_CASE(trains_in_ten_lines_of_any_program) {
  Rng rng(0);
  nn::Sequential net{nn::Flatten{}, nn::Linear{64, 3, rng}};
  optim::Sgd sgd{net.named_parameters(), {.learning_rate = 0.5}};
  Trainer trainer{net, sgd, rng, {.epochs = 8, .batch_size = 10, .image_size = 8}};
  const FitResult result = trainer.fit(data::synthetic(60, 8, 3, 1), data::synthetic(30, 8, 3, 2));
  BOOST_TEST(!result.stopped);
  BOOST_TEST(result.epochs.size() == 8U);
  BOOST_TEST(result.epochs.back().loss < result.epochs.front().loss);
  BOOST_TEST(result.epochs.back().test_accuracy > 0.9);
}

BOOST_AUTO_TEST_CASE(observers_hear_of_everything_in_order) {
  Setting s;
  Diary diary;
  TrainerOptions options = s.options(9);
  options.max_steps = 9;
  const FitResult result = Trainer{s.net, s.sgd, s.rng, options}.fit(train, test, {&diary});
  BOOST_TEST(result.epochs.size() == 2U);
  BOOST_TEST(
      diary.text ==
      "start 9, begin 1, end 1, begin 2, end 2, begin 3, end 3, settled 3, begin 4, end 4, begin 5, "
      "end 5, begin 6, end 6, begin 7, end 7, test 8, test 8, test 4, epoch 1, begin 8, end 8, begin 9, "
      "end 9, last test 8, last test 8, last test 4, epoch 2, done 9, ");
}

BOOST_AUTO_TEST_CASE(late_records_come_one_step_late_and_before_everything_that_needs_them) {
  Setting s;
  Diary diary;
  TrainerOptions options = s.options(1);
  options.late_records = true;
  Trainer{s.net, s.sgd, s.rng, options}.fit(train, test, {&diary});
  BOOST_TEST(
      diary.text ==
      "start 7, begin 1, begin 2, end 1, begin 3, end 2, begin 4, end 3, end 4, settled 4, begin 5, "
      "begin 6, end 5, begin 7, end 6, end 7, last test 8, last test 8, last test 4, epoch 1, done 7, ");
}

BOOST_DATA_TEST_CASE(late_records_change_no_number, bdata::make({0, 10}), max_steps) {
  std::vector<FitResult> results;
  std::vector<std::vector<float>> weights;
  for (const bool late : {false, true}) {
    Setting s;
    TrainerOptions options = s.options(2);
    options.max_steps = max_steps;
    options.late_records = late;
    results.push_back(Trainer{s.net, s.sgd, s.rng, options}.fit(train, test));
    weights.push_back(s.weights());
  }
  BOOST_TEST(weights[0] == weights[1]);
  for (std::size_t k = 0; k < 2; ++k) {
    BOOST_TEST(results[0].epochs[k].loss == results[1].epochs[k].loss);
    BOOST_TEST(results[0].epochs[k].train_accuracy == results[1].epochs[k].train_accuracy);
    BOOST_TEST(results[0].epochs[k].test_accuracy == results[1].epochs[k].test_accuracy);
  }
}

BOOST_DATA_TEST_CASE(goes_on_from_where_it_was_stopped, bdata::make({1, 7, 10}) * bdata::make({false, true}),
                     steps, late) {
  Setting whole;
  const FitResult expected = Trainer{whole.net, whole.sgd, whole.rng, whole.options(3)}.fit(train, test);

  Setting s;
  TrainerOptions options = s.options(3);
  options.late_records = late;
  Diary diary(steps);
  const FitResult first = Trainer{s.net, s.sgd, s.rng, options}.fit(train, test, {&diary});
  BOOST_TEST(first.stopped);
  s.rng.set_state(Rng(99).state());  // everything is in the position
  Resume resume(diary.stopped_at);
  const FitResult rest = Trainer{s.net, s.sgd, s.rng, options}.fit(train, test, {&resume});
  BOOST_TEST(!rest.stopped);
  BOOST_TEST(first.epochs.size() + rest.epochs.size() == 3U);
  BOOST_TEST(rest.epochs.back().loss == expected.epochs.back().loss);
  BOOST_TEST(s.weights() == whole.weights());
}

BOOST_AUTO_TEST_CASE(says_when_the_loss_leaves_the_numbers) {
  Setting s;
  s.net.parameters().back()->value.data()[0] = std::numeric_limits<float>::quiet_NaN();
  Trainer trainer{s.net, s.sgd, s.rng, s.options(1)};
  BOOST_CHECK_EXCEPTION(trainer.fit(train, test), Error, [](const Error& e) {
    return std::string(e.what()).find("in epoch 1, step 1") != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(evaluation_mode_ends_with_its_scope) {
  Setting s;
  {
    const EvaluationMode outer(s.net);
    BOOST_TEST(!s.net[3].is_training());
    { const EvaluationMode inner(s.net); }
    BOOST_TEST(!s.net.is_training());  // as it was before
  }
  BOOST_TEST(s.net[3].is_training());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
