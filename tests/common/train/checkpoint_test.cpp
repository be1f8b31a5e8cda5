// SPDX-License-Identifier: MIT
#include "common/train/checkpoint.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>

#include "common/core/check.hpp"
#include "tests/support/temporary_folder.hpp"

namespace {

using namespace cnn;

Checkpoint checkpoint_at(Index step) {
  const float value = static_cast<float>(step);
  return {.position = {.epoch = 2,
                       .step = step,
                       .total_steps = 10 + step,
                       .loss_sum = 0.1 + 0.2 * static_cast<double>(step),
                       .correct = 3,
                       .examples = 4,
                       .seconds = 1.0 / 3.0,
                       .rng_epoch_start = "before",
                       .rng = "now"},
          .metrics_bytes = 77,
          .rung = "reference",
          .train_images = 60000,
          .classes = {"a \"b\"", "c, d"},
          .model = {{"w", Tensor::from_values({2}, std::vector<float>{value, value + 1})}},
          .optimizer = {{"w.mean", Tensor::from_values({1}, std::vector<float>{-value})}}};
}

void check_same(const Checkpoint& a, const Checkpoint& b) {
  BOOST_TEST(a.position.epoch == b.position.epoch);
  BOOST_TEST(a.position.step == b.position.step);
  BOOST_TEST(a.position.total_steps == b.position.total_steps);
  BOOST_TEST(a.position.loss_sum == b.position.loss_sum);  // every bit
  BOOST_TEST(a.position.correct == b.position.correct);
  BOOST_TEST(a.position.examples == b.position.examples);
  BOOST_TEST(a.position.seconds == b.position.seconds);
  BOOST_TEST(a.position.rng_epoch_start == b.position.rng_epoch_start);
  BOOST_TEST(a.position.rng == b.position.rng);
  BOOST_TEST(a.metrics_bytes == b.metrics_bytes);
  BOOST_TEST(a.rung == b.rung);
  BOOST_TEST(a.train_images == b.train_images);
  BOOST_TEST(a.classes == b.classes, boost::test_tools::per_element());
  BOOST_TEST_REQUIRE(b.model.size() == 1U);
  BOOST_TEST(b.model[0].first == "w");
  BOOST_TEST(a.model[0].second.values() == b.model[0].second.values(), boost::test_tools::per_element());
  BOOST_TEST_REQUIRE(b.optimizer.size() == 1U);
  BOOST_TEST(b.optimizer[0].first == "w.mean");
  BOOST_TEST(a.optimizer[0].second.item() == b.optimizer[0].second.item());
}

BOOST_FIXTURE_TEST_SUITE(checkpoint, test::TemporaryFolder)

BOOST_AUTO_TEST_CASE(is_absent_before_the_first) {
  BOOST_TEST(!CheckpointStore(path() / "checkpoint", "net").load().has_value());
}

BOOST_AUTO_TEST_CASE(comes_back_with_every_bit) {
  CheckpointStore store(path() / "checkpoint", "net");
  for (Index step = 1; step <= 3; ++step) {
    store.save(checkpoint_at(step));
    check_same(checkpoint_at(step), CheckpointStore(path() / "checkpoint", "net").load().value());
  }
}

BOOST_AUTO_TEST_CASE(survives_a_kill_while_the_next_is_written) {
  CheckpointStore store(path() / "checkpoint", "net");
  store.save(checkpoint_at(1));
  store.save(checkpoint_at(2));
  // What a kill leaves: the other generation half-written, a temporary file, `latest` as it was.
  const std::filesystem::path named = path() / "checkpoint/latest";
  std::ifstream latest(named);
  int generation = 0;
  latest >> generation;
  std::ofstream(path() / "checkpoint" / (std::to_string(1 - generation) + ".safetensors")) << "half";
  std::ofstream(path() / "checkpoint/latest.tmp") << "9";
  check_same(checkpoint_at(2), store.load().value());
  store.save(checkpoint_at(3));
  check_same(checkpoint_at(3), store.load().value());
}

BOOST_AUTO_TEST_CASE(of_another_network_is_refused) {
  CheckpointStore(path() / "checkpoint", "lenet").save(checkpoint_at(1));
  BOOST_CHECK_EXCEPTION(
      CheckpointStore(path() / "checkpoint", "vgg").load(), DataError,
      [](const DataError& e) { return std::string(e.what()).find("'lenet'") != std::string::npos; });
}

BOOST_AUTO_TEST_CASE(that_is_damaged_is_refused) {
  CheckpointStore store(path() / "checkpoint", "net");
  store.save(checkpoint_at(1));
  std::ofstream(path() / "checkpoint/0.safetensors") << "damaged";
  BOOST_CHECK_THROW(store.load(), DataError);
  std::ofstream(path() / "checkpoint/latest") << "2\n";
  BOOST_CHECK_THROW(store.load(), DataError);
}

BOOST_AUTO_TEST_CASE(of_another_format_is_refused) {
  CheckpointStore store(path() / "checkpoint", "net");
  store.save(checkpoint_at(1));
  io::save_safetensors(path() / "checkpoint/0.safetensors", {}, {{"format", "99"}, {"chapter", "net"}});
  BOOST_CHECK_EXCEPTION(store.load(), DataError, [](const DataError& e) {
    return std::string(e.what()).find("format 99") != std::string::npos;
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
