// SPDX-License-Identifier: MIT
// The page with which a run ends.
#include "common/train/run_page.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>
#include <nlohmann/json.hpp>

#include "common/backend/backend.hpp"
#include "common/io/image.hpp"
#include "common/nn/activation.hpp"
#include "common/nn/batch_norm.hpp"
#include "common/nn/conv2d.hpp"
#include "common/nn/flatten.hpp"
#include "common/nn/fuse.hpp"
#include "common/nn/linear.hpp"
#include "common/nn/pool2d.hpp"
#include "common/nn/sequential.hpp"
#include "common/train/evaluate.hpp"
#include "common/train/feature_maps.hpp"
#include "common/train/option_table.hpp"
#include "tests/support/random_tensor.hpp"

using namespace cnn;

BOOST_AUTO_TEST_SUITE(run_page)

namespace {

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

/// What the script of the page draws, by the id of the chart.
nlohmann::json charts_of(const std::string& page) {
  const std::string start = "id=\"charts\">";
  const std::size_t from = page.find(start) + start.size();
  nlohmann::json charts;
  for (const nlohmann::json& chart :
       nlohmann::json::parse(page.substr(from, page.find("</script>", from) - from)))
    charts[chart["id"].get<std::string>()] = chart["series"];
  return charts;
}

/// Three classes; of four images one is surely wrong, one less so.
Predictions four_predictions() {
  Tensor labels = Tensor::empty({4}, {}, DType::i64);
  std::copy_n(std::vector<std::int64_t>{0, 2, 2, 0}.data(), 4, labels.labels());
  Predictions predictions;
  predictions.add(Tensor::from_values({4, 3}, std::vector<float>{5, 0, 0, 0, 9, 0, 0, 0, 1, 0, 1, 0}),
                  labels);
  return predictions;
}

RunPage four_images(const Predictions& predictions, const data::Dataset& images) {
  return {.title = "5.0 tiny, seed 3",
          .command = "./cnn run 5.0 --data 'a<b'",
          .info = {{"preset", std::string("book")},
                   {"seed", std::int64_t{3}},
                   {"blas", std::string("not loaded")}},
          .epochs = {{1, 1.5, 0.25, 0.5, 2, Index{3} << 20}, {2, 0.75, 0.5, 0.625, 2.5, Index{4} << 20}},
          .steps = {{1, 1, 2, 1, 8, 0.5}, {1, 2, 1, 3, 8, 0.25}, {2, 1, 0.75, 4, 8, 0.5}},
          .class_names = {"<script>alert(1)</script>", "coat", "bag & \"hat\""},
          .predictions = &predictions,
          .test_images = &images};
}

}  // namespace

BOOST_AUTO_TEST_CASE(it_shows_what_the_run_came_to) {
  const BackendScope scope("reference");
  const Predictions predictions = four_predictions();
  const data::Dataset images = data::synthetic(4, 4, 3, 1);
  const std::string page = to_html(four_images(predictions, images));
  BOOST_TEST(holds(page, "<title>5.0 tiny, seed 3</title>"));
  BOOST_TEST(holds(page, "<pre>./cnn run 5.0 --data &#39;a&lt;b&#39;</pre>"));
  BOOST_TEST(holds(page, "<dt>test accuracy</dt><dd>50.0 %</dd>"));
  BOOST_TEST(holds(page, "<dt>time of the epochs</dt><dd>4.5 s</dd>"));
  BOOST_TEST(holds(page, "<dt>peak memory</dt><dd>4.0 MiB</dd>"));
  BOOST_TEST(count(page, "<th scope=\"row\" class=\"t\">seed</th><td class=\"t\">3</td>") ==
             2U);  // and in the whole list
  BOOST_TEST(count(page, ">not loaded</td>") == 1U);
  BOOST_TEST(holds(
      page, "<th scope=\"row\">2</th><td>0.7500</td><td>0.5000</td><td>0.6250</td><td>2.50</td><td>4</td>"));
  BOOST_TEST(holds(page, "a step, median</th><td>500.00 ms</td>"));
  BOOST_TEST(holds(page, "images in a second of training</th><td>19</td>"));  // 24 in 1.25 s
  BOOST_TEST(!holds(page, "interrupted"));

  const nlohmann::json charts = charts_of(page);
  BOOST_TEST(charts["loss"][0]["y"] == (nlohmann::json{1.5, 0.75}));
  BOOST_TEST(charts["loss"][1]["x"] == (nlohmann::json{0.5, 1.0, 1.5}));  // two steps an epoch
  BOOST_TEST(charts["loss"][1]["y"] == (nlohmann::json{2.0, 1.0, 0.75}));
  BOOST_TEST(charts["accuracy"][0]["y"] == (nlohmann::json{0.25, 0.5}));
  BOOST_TEST(charts["accuracy"][1]["y"] == (nlohmann::json{0.5, 0.625}));
}

BOOST_AUTO_TEST_CASE(it_shows_the_errors_with_their_names) {
  const BackendScope scope("reference");
  const Predictions predictions = four_predictions();
  const data::Dataset images = data::synthetic(4, 4, 3, 1);
  const std::string page = to_html(four_images(predictions, images));
  BOOST_TEST(!holds(page, "alert(1)<"));
  BOOST_TEST(holds(page,
                   "<th scope=\"row\">&lt;script&gt;alert(1)&lt;/script&gt;</th><td class=\"right\" "
                   "style=\"--p:0.50\">1</td><td style=\"--p:0.50\">1</td><td>0</td><td>50.0 %</td>"));
  BOOST_TEST(
      holds(page, "<th scope=\"row\">coat</th><td>0</td><td class=\"right\">0</td><td>0</td><td>-</td>"));
  const std::string first = "bag &amp; &quot;hat&quot;, taken for <strong>coat</strong>, 99.98&nbsp;%";
  const std::string second =
      "&lt;script&gt;alert(1)&lt;/script&gt;, taken for <strong>coat</strong>, 57.61&nbsp;%";
  BOOST_TEST(count(page, "<figcaption>") == 2U);
  BOOST_TEST(page.find(first) < page.find(second));
  BOOST_TEST(holds(page,
                   "alt=\"test image 1, of the class bag &amp; &quot;hat&quot;\" width=\"4\" height=\"4\">"
                   "<figcaption>" +
                       first));
  BOOST_TEST(holds(page, "alt=\"test image 3, of the class &lt;script&gt;alert(1)&lt;/script&gt;\""));
}

BOOST_AUTO_TEST_CASE(what_is_no_number_leaves_a_gap) {
  const BackendScope scope("reference");
  RunPage page{.title = "t", .command = "c", .epochs = {{1, 0.5, 0.5, 0.5, 1}, {2, 0.25, 0.5, 0.5, 1}}};
  page.epochs[0].loss = std::numeric_limits<double>::quiet_NaN();
  page.steps = {{1, 1, std::numeric_limits<double>::infinity(), 1, 8, 1}};
  const nlohmann::json loss = charts_of(to_html(page))["loss"];
  BOOST_TEST(loss[0]["y"][0].is_null());
  BOOST_TEST(loss[0]["y"][1] == 0.25);
  BOOST_TEST(loss[1]["y"][0].is_null());
}

BOOST_AUTO_TEST_CASE(what_there_is_nothing_of_is_left_out) {
  const BackendScope scope("reference");
  const std::string empty = to_html({.title = "t", .command = "c", .interrupted = true});
  for (const char* part : {"<h2>Curves", "<h2>Confusion", "<h2>Most", "<h2>Filters", "<h2>Layers", "<h2>Time",
                           "<dt>loss", "<dt>test accuracy", "<dt>peak"})
    BOOST_TEST(!holds(empty, part), part);
  BOOST_TEST(charts_of(empty).empty());
  BOOST_TEST(holds(empty, "The run was interrupted."));
  const std::string begun = to_html({.title = "t", .command = "c", .steps = {{1, 1, 2.5, 1, 8, 1}}});
  BOOST_TEST(charts_of(begun).size() == 1U);  // no accuracy without an epoch
  BOOST_TEST(charts_of(begun)["loss"][0]["y"] == nlohmann::json::array({2.5}));

  Predictions right;
  Tensor label = Tensor::zeros({1}, {}, DType::i64);
  right.add(Tensor::from_values({1, 2}, std::vector<float>{1, 0}), label);
  const data::Dataset images = data::synthetic(1, 4, 2, 1);
  const std::string page = to_html({.title = "t",
                                    .command = "c",
                                    .class_names = {"a", "b"},
                                    .predictions = &right,
                                    .test_images = &images});
  BOOST_TEST(holds(page, "There is no image on which the network was wrong."));
  BOOST_TEST(holds(page, "<dt>test accuracy</dt><dd>100.0 %</dd>"));
}

BOOST_AUTO_TEST_CASE(many_steps_are_drawn_as_means) {
  RunPage page{.title = "t", .command = "c"};
  for (Index k = 1; k <= 1001; ++k) page.steps.push_back({1, k, static_cast<double>(k), 1, 8, 1});
  const nlohmann::json series = charts_of(to_html(page))["loss"][0];
  BOOST_TEST(series["name"] == "loss, mean of 4 steps");
  BOOST_TEST_REQUIRE(series["y"].size() == 251U);
  BOOST_TEST(series["y"][0] == 2.5);
  BOOST_TEST(series["y"][250] == 1001.0);
  BOOST_TEST(series["x"][250] == 1.0);
}

BOOST_AUTO_TEST_CASE(of_many_classes_it_shows_the_frequent_confusions) {
  const BackendScope scope("reference");
  constexpr Index classes = 3000;
  Predictions predictions;
  for (Index k = 0; k < 130;
       ++k) {  // class 7 is taken for 9 in ten images, each other one for the next in one
    const Index label = k < 10 ? 7 : k, taken = k < 10 ? 9 : k + 1;
    Tensor labels = Tensor::zeros({1}, {}, DType::i64), logits = Tensor::zeros({1, classes});
    labels.labels()[0] = label;
    logits.data()[taken] = 20;
    predictions.add(logits, labels);
  }
  std::vector<std::string> names;
  for (Index k = 0; k < classes; ++k) names.push_back("c" + std::to_string(k));
  const data::Dataset images = data::synthetic(130, 4, 10, 1);
  const std::string page = to_html({.title = "t",
                                    .command = "c",
                                    .class_names = names,
                                    .predictions = &predictions,
                                    .test_images = &images});
  BOOST_TEST(holds(page, "With 3000 classes there is no room for all pairs; confusion.csv has them."));
  BOOST_TEST(holds(page, "The 50 most frequent of 121 confusions."));
  BOOST_TEST(
      holds(page, "<tbody><tr><th scope=\"row\" class=\"t\">c7</th><td class=\"t\">c9</td><td>10</td>"));
  BOOST_TEST(count(page, "<figcaption>") == 25U);
  BOOST_TEST(page.size() < 200'000U);
}

BOOST_AUTO_TEST_CASE(large_pictures_are_shrunk) {
  const BackendScope scope("reference");
  data::Dataset images{.images = Tensor::zeros({4, 3, 300, 200}, {}, DType::u8),
                       .labels = Tensor::zeros({4}, {}, DType::i64)};
  const Predictions predictions = four_predictions();
  BOOST_TEST(count(to_html(four_images(predictions, images)), "width=\"64\" height=\"96\">") == 2U);
}

BOOST_AUTO_TEST_CASE(feature_maps_are_those_behind_the_first_and_the_last_convolution) {
  const BackendScope scope("reference");
  Rng rng(3);
  nn::Sequential net{{"a", nn::Conv2d{2, 3, {.kernel = 3}, rng}},
                     {"b", nn::BatchNorm2d{3}},
                     {"c", nn::ReLU{}},
                     {"d", nn::MaxPool2d{{.kernel = 2, .stride = 2}}},
                     {"e", nn::Conv2d{3, 5, {.kernel = 1}, rng}},
                     {"f", nn::ReLU{}},
                     {"g", nn::Flatten{}},
                     {"h", nn::Linear{45, 4, rng}}};
  const Tensor image = test::random_tensor({1, 2, 8, 8}, 5);
  const auto answer = [&] {
    const EvaluationMode mode(net);
    return net.forward(image.clone());
  };
  const Tensor before = answer();
  BOOST_TEST(nn::fuse(net));
  const std::vector<FeatureMaps> maps = feature_maps(net, image);
  BOOST_TEST_REQUIRE(maps.size() == 2U);
  BOOST_TEST(maps[0].layer == "c (ReLU)");
  BOOST_TEST((maps[0].maps.shape() == Shape{3, 6, 6}));
  BOOST_TEST(maps[1].layer == "f (ReLU)");
  BOOST_TEST((maps[1].maps.shape() == Shape{5, 3, 3}));
  BOOST_TEST(*std::min_element(maps[0].maps.data(), maps[0].maps.data() + 108) == 0.0F);
  BOOST_TEST(net.is_training());
  BOOST_TEST(nn::fuse(net, false));  // it was fused again
  const Tensor after = answer();
  BOOST_TEST(std::equal(before.data(), before.data() + 4, after.data()));
  BOOST_TEST(dynamic_cast<nn::Conv2d*>(&net[0]) != nullptr);  // nothing is left around the layers

  nn::Sequential linear{nn::Flatten{}, nn::Linear{128, 2, rng}};
  BOOST_TEST(feature_maps(linear, image).empty());
  nn::Conv2d alone{2, 3, {.kernel = 3}, rng};
  BOOST_TEST(feature_maps(alone, image).empty());
}

BOOST_AUTO_TEST_CASE(feature_maps_fit_onto_the_page) {
  BOOST_TEST((feature_picture(Tensor::zeros({6, 24, 24}), 64).shape() == Shape{2 * 50 + 2, 3 * 50 + 2}));
  BOOST_TEST((feature_picture(Tensor::zeros({70, 224, 224}), 64).shape() == Shape{8 * 58 + 2, 8 * 58 + 2}));
  Tensor halves = Tensor::zeros({1, 112, 112});  // shrunk by 2: what is bright stays bright
  std::fill_n(halves.data(), 56 * 112, 1.0F);
  const Tensor picture = feature_picture(halves, 1);
  BOOST_TEST(picture.data()[10 * 60 + 10] == 1.0F);
  BOOST_TEST(picture.data()[50 * 60 + 10] == 0.0F);
}

BOOST_AUTO_TEST_CASE(a_command_has_the_options_that_differ) {
  const TrainingChapter chapter{
      .chapter = {.section = "5.7", .name = "vgg", .folder = "07_vgg", .title = "VGG"},
      .smoke = {.epochs = 2},
      .quick = {.epochs = 1},
      .book = {.epochs = 5},
      .default_preset = "quick",
      .extra = {{.name = "ratio", .help = "widths", .value = "1", .least = 1, .largest = 8}}};
  Options options = preset_options(chapter, "quick");
  BOOST_TEST(command_text(options, chapter) == "./cnn run 5.7");
  options.seed = 7;
  options.learning_rate = 0.05;
  options.extra["ratio"] = "8";
  options.data = "/it's here";
  options.out = "/nowhere";  // another run has another folder
  options.fold_batch_norm = true;
  BOOST_TEST(command_text(options, chapter) ==
             "./cnn run 5.7 --seed 7 --lr 0.05 --data '/it'\\''s here' --fold-batch-norm --ratio 8");
  BOOST_TEST(command_text(preset_options(chapter, "book"), chapter) == "./cnn run 5.7 --preset book");
}

BOOST_AUTO_TEST_SUITE_END()
