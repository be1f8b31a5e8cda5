// SPDX-License-Identifier: MIT
#include "common/nn/summary.hpp"

#include <boost/test/unit_test.hpp>

#include "common/nn/activation.hpp"
#include "common/nn/conv2d.hpp"
#include "common/nn/flatten.hpp"
#include "common/nn/fuse.hpp"
#include "common/nn/identity.hpp"
#include "common/nn/linear.hpp"
#include "common/nn/pool2d.hpp"
#include "common/nn/residual.hpp"
#include "common/nn/sequential.hpp"
#include "common/nn/tree.hpp"

using namespace cnn;

BOOST_AUTO_TEST_SUITE(summary)

namespace {

nn::Sequential lenet() {
  Rng rng(0);
  return nn::Sequential{
      {"conv",
       nn::Sequential{nn::Conv2d{1, 6, {.kernel = 5}, rng}, nn::Sigmoid{},
                      nn::MaxPool2d{{.kernel = 2, .stride = 2}}, nn::Conv2d{6, 16, {.kernel = 5}, rng},
                      nn::Sigmoid{}, nn::MaxPool2d{{.kernel = 2, .stride = 2}}}},
      {"", nn::Flatten{}},
      {"fc", nn::Sequential{nn::Linear{256, 120, rng}, nn::Sigmoid{}, nn::Linear{120, 84, rng}, nn::Sigmoid{},
                            nn::Linear{84, 10, rng}}}};
}

std::string fields(const nn::Summary& summary) {
  std::string text;
  for (const nn::SummaryRow& row : summary.rows)
    text += (row.field.all ? "all" : to_string(row.field.size)) + " ";
  return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(lenet_as_in_the_book) {
  const nn::Summary s = nn::summarize(lenet(), {1, 1, 28, 28});
  BOOST_TEST(s.parameters == 44'426);
  BOOST_TEST(s.macs == 281'640);
  BOOST_TEST(s.rows.size() == 12U);
  BOOST_TEST(s.rows[3].name == "conv.3");
  BOOST_TEST(s.rows[3].parameters == 2'416);
  BOOST_TEST(s.rows[3].macs == 153'600);
  BOOST_TEST(to_string(s.rows[3].output_shape) == "[1, 16, 8, 8]");
  BOOST_TEST(fields(s) == "5x5 5x5 6x6 14x14 14x14 16x16 16x16 all all all all all ");
  BOOST_TEST(nn::summarize(lenet(), {256, 1, 28, 28}).macs == 256 * 281'640);
}

BOOST_AUTO_TEST_CASE(activations_are_the_outputs) {
  const nn::Summary s = nn::summarize(lenet(), {2, 1, 28, 28});
  Index total = 0;
  for (const nn::SummaryRow& row : s.rows) {
    BOOST_TEST(row.activation_bytes == 4 * element_count(row.output_shape));
    total += row.activation_bytes;
  }
  BOOST_TEST(s.activation_bytes == total);
}

BOOST_AUTO_TEST_CASE(a_fused_layer_is_shown) {
  Rng rng(0);
  nn::Sequential net{nn::Linear{4, 2, rng}, nn::ReLU{}};
  const auto kinds = [&] {
    const nn::Summary s = nn::summarize(net, {1, 4});
    return s.rows[0].kind + ", " + s.rows[1].kind;
  };
  BOOST_TEST(kinds() == "Linear, ReLU");
  BOOST_TEST(nn::fuse(net));
  BOOST_TEST(kinds() == "Linear + relu, ReLU (fused)");
  BOOST_TEST(nn::fuse(net, false));
  BOOST_TEST(kinds() == "Linear, ReLU");
}

BOOST_AUTO_TEST_CASE(receptive_field_of_alexnet) {
  Rng rng(0);
  const nn::Sequential net{nn::Conv2d{1, 1, {.kernel = 11, .stride = 4, .padding = 1}, rng},
                           nn::MaxPool2d{{.kernel = 3, .stride = 2}},
                           nn::Conv2d{1, 1, {.kernel = 5, .padding = 2}, rng},
                           nn::MaxPool2d{{.kernel = 3, .stride = 2}},
                           nn::Conv2d{1, 1, {.kernel = 3, .padding = 1}, rng},
                           nn::Conv2d{1, 1, {.kernel = 3, .padding = 1}, rng},
                           nn::Conv2d{1, 1, {.kernel = 3, .padding = 1}, rng},
                           nn::MaxPool2d{{.kernel = 3, .stride = 2}}};
  BOOST_TEST(fields(nn::summarize(net, {1, 1, 224, 224})) ==
             "11x11 19x19 51x51 67x67 99x99 131x131 163x163 195x195 ");
}

BOOST_AUTO_TEST_CASE(receptive_field_of_rectangles_and_branches) {
  Rng rng(0);
  const nn::Sequential net{nn::Conv2d{1, 1, {.kernel = {1, 3}, .stride = {1, 2}}, rng},
                           nn::AvgPool2d{{.kernel = {2, 3}, .stride = 1}}};
  BOOST_TEST(fields(nn::summarize(net, {1, 1, 9, 9})) == "1x3 2x7 ");
  const nn::Residual block{nn::Sequential{nn::Conv2d{1, 1, {.kernel = 3, .padding = 1}, rng}, nn::ReLU{},
                                          nn::Conv2d{1, 1, {.kernel = 3, .padding = 1}, rng}},
                           nn::Conv2d{1, 1, {}, rng}};
  const nn::Flow y = nn::trace(block, {{1, 1, 9, 9}});
  BOOST_TEST(to_string(y.field.size) == "5x5");
  BOOST_TEST(fields(nn::summarize(block, {1, 1, 9, 9})) == "3x3 3x3 5x5 1x1 ");
}

BOOST_AUTO_TEST_CASE(text_is_aligned_and_complete) {
  Rng rng(0);
  const nn::Sequential net{
      {"conv", nn::Conv2d{1, 6, {.kernel = 5}, rng}}, nn::Flatten{}, nn::Linear{3456, 10, rng}};
  BOOST_TEST(nn::to_text(nn::summarize(net, {1, 1, 28, 28})) ==
             "name   layer    output          parameters     MACs  activations  receptive field\n"
             "conv   Conv2d   [1, 6, 24, 24]         156   86,400     13.5 KiB              5x5\n"
             "1      Flatten  [1, 3456]                0        0     13.5 KiB              5x5\n"
             "2      Linear   [1, 10]             34,570   34,560         40 B              all\n"
             "total                               34,726  120,960     27.0 KiB\n");
}

BOOST_AUTO_TEST_CASE(an_image_that_does_not_fit_is_refused) {
  BOOST_CHECK_THROW(nn::summarize(lenet(), {1, 1, 8, 8}), ShapeError);
  BOOST_CHECK_THROW(nn::summarize(lenet(), {1, 1, 32, 32}), ShapeError);
}

BOOST_AUTO_TEST_SUITE_END()
