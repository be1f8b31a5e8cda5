// SPDX-License-Identifier: MIT
// What is drawn of a network after training.
#include "common/train/report.hpp"
#include "common/data/fashion_mnist.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>
#include <numeric>
#include <sstream>

#include "common/backend/backend.hpp"
#include "common/data/data_loader.hpp"
#include "common/io/image.hpp"
#include "common/nn/conv2d.hpp"
#include "common/nn/dropout.hpp"
#include "common/nn/flatten.hpp"
#include "common/nn/linear.hpp"
#include "common/nn/sequential.hpp"
#include "common/optim/sgd.hpp"
#include "common/train/checkpoint.hpp"
#include "common/train/run.hpp"
#include "tests/support/program.hpp"

using namespace cnn;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(report)

namespace {

Tensor labels_of(const std::vector<std::int64_t>& values) {
  Tensor labels = Tensor::empty({static_cast<Index>(values.size())}, {}, DType::i64);
  std::copy(values.begin(), values.end(), labels.labels());
  return labels;
}

nn::Sequential network(Rng& rng) {
  return {nn::Conv2d{1, 3, {.kernel = 2}, rng}, nn::Flatten{}, nn::Dropout{0.5, rng},
          nn::Linear{27, 10, rng}};
}

/// Three classes; the second answer is wrong and sure, the fourth wrong and less so.
Predictions four_predictions() {
  Predictions predictions;
  predictions.add(Tensor::from_values({2, 3}, std::vector<float>{5, 0, 0, 0, 9, 0}), labels_of({0, 2}));
  predictions.add(Tensor::from_values({2, 3}, std::vector<float>{0, 0, 1, 0, 1, 0}), labels_of({2, 0}));
  return predictions;
}

std::vector<std::string> lines_of(const fs::path& file) {
  std::istringstream text(test::read_text(file));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

const TrainingChapter chapter{
    .chapter = {.section = "5.0", .name = "tiny", .folder = "00_tiny", .title = "Tiny"},
    .smoke = {},
    .quick = {},
    .book = {}};

Options options_for(const fs::path& out) {
  Options options;
  options.preset = "smoke";
  options.synthetic = true;
  options.epochs = 2;
  options.batch_size = 8;
  options.image_size = 4;
  options.out = out;
  return options;
}

const char* const report_files[] = {"confusion.csv", "wrong.txt", "wrong.png", "filters.png"};

}  // namespace

BOOST_AUTO_TEST_CASE(predictions_are_counted_by_label_and_prediction) {
  const BackendScope scope("reference");
  const Predictions predictions = four_predictions();
  BOOST_TEST_REQUIRE(predictions.all().size() == 4U);
  BOOST_TEST(predictions.all()[1].label == 2);
  BOOST_TEST(predictions.all()[1].predicted == 1);
  BOOST_TEST(std::abs(predictions.all()[2].probability - 0.576117F) < 1e-6F);  // e / (e + 2)
  const std::vector<std::vector<Index>> expected{{1, 1, 0}, {0, 0, 0}, {0, 1, 1}};
  BOOST_TEST((predictions.confusion() == expected));
}

BOOST_AUTO_TEST_CASE(errors_are_listed_surest_first) {
  const BackendScope scope("reference");
  Predictions predictions = four_predictions();
  BOOST_TEST((predictions.most_confident_errors(25) == std::vector<Index>{1, 3}));
  BOOST_TEST((predictions.most_confident_errors(1) == std::vector<Index>{1}));
  const float nothing = std::numeric_limits<float>::quiet_NaN();
  predictions.add(Tensor::from_values({2, 3}, std::vector<float>{nothing, nothing, nothing, 0, 9, 0}),
                  labels_of({1, 0}));
  BOOST_TEST((predictions.most_confident_errors(25) ==
              std::vector<Index>{1, 5, 3, 4}));  // equals in their order, no number last
}

BOOST_AUTO_TEST_CASE(files_say_what_the_evaluation_found) {
  const BackendScope scope("reference");
  const test::TemporaryFolder folder;
  const data::Dataset images = data::synthetic(64, 4, 10, 1);
  Rng rng(3);
  nn::Sequential net = network(rng);
  data::DataLoader loader(images, {.batch_size = 24, .image_size = 4}, rng);
  Predictions predictions;
  const Evaluation found = evaluate(
      net, loader, {}, [&](const Tensor& logits, const Tensor& labels) { predictions.add(logits, labels); });
  write_report(folder.path(), predictions, images, net, data::class_names(), "tiny");

  const std::vector<std::string> confusion = lines_of(folder / "confusion.csv");
  BOOST_TEST_REQUIRE(confusion.size() == 11U);
  BOOST_TEST(confusion[0].starts_with("label,t-shirt,trouser,"));
  const auto counts = predictions.confusion();
  Index right = 0;
  for (std::size_t k = 0; k < 10; ++k) {
    right += counts[k][k];
    BOOST_TEST(std::accumulate(counts[k].begin(), counts[k].end(), Index{0}) == (k < 4 ? 7 : 6));
  }
  BOOST_TEST(static_cast<double>(right) / 64 == found.accuracy);

  const std::vector<std::string> wrong = lines_of(folder / "wrong.txt");
  BOOST_TEST_REQUIRE(wrong.size() == 26U);
  double before = 1;
  for (std::size_t k = 1; k < wrong.size(); ++k) {
    std::istringstream line(wrong[k]);
    Index place = 0;
    Index index = 0;
    line >> place >> index;
    BOOST_TEST(place == static_cast<Index>(k));
    const Predictions::Prediction& a = predictions.all()[static_cast<std::size_t>(index)];
    BOOST_TEST(a.label == images.labels.labels()[index]);
    BOOST_TEST(a.label != a.predicted);
    const double probability = std::stod(wrong[k].substr(wrong[k].rfind(' ')));
    BOOST_TEST(std::abs(probability - double{a.probability}) < 1e-6);
    BOOST_TEST(probability <= before);
    before = probability;
  }
  BOOST_TEST((io::read_gray(folder / "wrong.png").shape() == Shape{5 * 116 + 4, 5 * 116 + 4}));
  BOOST_TEST((io::read_gray(folder / "filters.png").shape() == Shape{2 * 48 + 4, 2 * 48 + 4}));
}

BOOST_AUTO_TEST_CASE(without_errors_or_convolutions_there_is_less_to_draw) {
  const BackendScope scope("reference");
  const test::TemporaryFolder folder;
  Predictions predictions;
  predictions.add(Tensor::from_values({1, 2}, std::vector<float>{0, 1}), labels_of({1}));
  Rng rng(0);
  nn::Sequential net{nn::Linear{2, 2, rng}};
  write_report(folder.path(), predictions, data::synthetic(1, 2, 1, 0), net, {"0", "1"}, "right");
  BOOST_TEST(test::read_text(folder / "confusion.csv") == "label,0,1\n0,0,0\n1,0,1\n");
  BOOST_TEST(lines_of(folder / "wrong.txt").size() == 1U);
  BOOST_TEST(!fs::exists(folder / "wrong.png"));
  BOOST_TEST(!fs::exists(folder / "filters.png"));
}

BOOST_AUTO_TEST_CASE(training_ends_with_it_and_is_not_disturbed) {
  const BackendScope scope("reference");
  const test::TemporaryFolder folder;
  const data::Dataset train = data::synthetic(32, 4, 10, 1);
  const data::Dataset test = data::synthetic(40, 4, 10, 2);
  Run run(chapter, options_for(folder / "run"));
  nn::Sequential net = network(run.rng());
  optim::Sgd sgd{net.named_parameters(), {.learning_rate = 0.1}};
  Trainer trainer{net, sgd, run.rng(), run.trainer_options()};
  BOOST_TEST(!run.fit(trainer, {train, test}).stopped);
  for (const char* name : report_files) BOOST_TEST(fs::exists(folder / ("run/" + std::string(name))), name);
  BOOST_TEST(net.is_training());

  // The generator stands where the epochs left it, and the weights are those that were saved.
  const auto saved = CheckpointStore(folder / "run/checkpoint", "tiny").load();
  BOOST_TEST_REQUIRE(saved.has_value());
  BOOST_TEST(run.rng().state() == saved->position.rng);

  // The saved weights alone give the same report.
  Options again = options_for(folder / "again");
  again.epochs = 0;
  again.load = folder / "run/model.safetensors";
  Run measured(chapter, again);
  nn::Sequential other = network(measured.rng());
  measured.prepare(other);
  optim::Sgd unused{other.named_parameters(), {.learning_rate = 0.1}};
  Trainer idle{other, unused, measured.rng(), measured.trainer_options()};
  measured.fit(idle, {{}, test});
  for (const char* name : report_files) {
    const std::string file = name;
    BOOST_TEST((test::read_text(folder / ("run/" + file)) == test::read_text(folder / ("again/" + file))),
               file);
  }
}

BOOST_AUTO_TEST_CASE(a_page_is_written_whenever_there_is_something_to_report) {
  const BackendScope scope("reference");
  const test::TemporaryFolder folder;
  const data::ImageSet images{.train = data::synthetic(32, 4, 10, 1), .test = data::synthetic(40, 4, 10, 2)};
  const auto fit = [&](Options options) {
    Run run(chapter, options);
    nn::Sequential net = network(run.rng());
    run.prepare(net);
    optim::Sgd sgd{net.named_parameters(), {.learning_rate = 0.1}};
    Trainer trainer{net, sgd, run.rng(), run.trainer_options()};
    run.fit(trainer, images);
    const fs::path page = options.out / "report.html";
    return fs::exists(page) ? test::read_text(page) : "";
  };
  const auto holds = [](const std::string& page, const std::string& part) {
    return page.find(part) != std::string::npos;
  };
  Options options = options_for(folder / "run");
  const std::string trained = fit(options);
  BOOST_TEST(holds(trained, "<h1>5.0 tiny, seed 0</h1>"));
  for (const char* part :
       {"<h2>Curves", "<h2>Confusion", "<h2>Most confidently wrong", "The filters of the first",
        "makes of that image: its 3 maps of 3 x 3", "<h2>Layers", "<h2>Time and memory"})
    BOOST_TEST(holds(trained, part), part);

  options = options_for(folder / "first_steps");  // a part of an epoch, which is then measured
  options.max_steps = 3;
  const std::string begun = fit(options);
  BOOST_TEST(holds(begun, "training steps</th><td>3</td>"));
  BOOST_TEST(holds(begun, "<dt>epochs</dt><dd>1</dd>"));

  options = options_for(folder / "measured");
  options.epochs = 0;
  options.load = folder / "run/model.safetensors";
  const std::string measured = fit(options);
  BOOST_TEST(holds(measured, "<h2>Confusion"));
  BOOST_TEST(holds(measured, "<dt>test accuracy</dt>"));
  BOOST_TEST(!holds(measured, "<h2>Curves"));

  options.out = folder / "initial";
  options.load.clear();
  options.save = folder / "initial.safetensors";
  BOOST_TEST(fit(options).empty());

  options = options_for(folder / "run");  // finished: its files are written anew
  options.resume = options.out;
  fs::remove(folder / "run/report.html");
  const std::string again = fit(options);
  BOOST_TEST(holds(again, "<h2>Confusion"));
  BOOST_TEST(holds(again, "<dt>epochs</dt><dd>2</dd>"));
}

BOOST_AUTO_TEST_SUITE_END()
