// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>

#include "chapters/01_conv_layer/pictures.hpp"
#include "common/cnn.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace cnn;
using namespace cnn::conv_layer;

namespace {

struct Folder {
  const test::TemporaryFolder folder;
  const std::filesystem::path path = folder.path();
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(pictures, Folder)

BOOST_AUTO_TEST_CASE(show_the_edge_image) {
  draw_edge_image(path / "edges.png");
  const Tensor gray = io::read_gray(path / "edges.png");
  BOOST_TEST((gray.shape() == Shape{6 * 32 + 16, 2 * (8 * 32) + 24}));
  const std::uint8_t* row = gray.pixels() + 20 * gray.shape()[1];
  BOOST_TEST(int{row[8 + 10]} == 255);            // column 0 of the image is white
  BOOST_TEST(int{row[8 + 2 * 32 + 10]} == 0);     // column 2 is black
  BOOST_TEST(int{row[272 + 10]} == 255);          // column 0 of the edges: none
  BOOST_TEST(int{row[272 + 1 * 32 + 10]} < 200);  // column 1: an edge
  BOOST_TEST(int{row[272 + 5 * 32 + 10]} < 200);  // column 5: the other one
}

BOOST_AUTO_TEST_CASE(show_every_step_of_learning_and_the_goal) {
  Rng rng(0);
  Conv2D layer(1, 2, rng);
  const Matrix edges = corr2d(edge_image(), {{1, -1}});
  draw_learning(path / "learning.png", learn_kernel(layer, edge_image(), edges, 20, 0.01F));
  BOOST_TEST((io::read_gray(path / "learning.png").shape() == Shape{3 * (48 + 8) + 8, 7 * (96 + 8) + 8}));
}

BOOST_AUTO_TEST_CASE(find_the_edges_of_a_garment) {
  const GarmentEdges edges = edges_of({{0, 0, 1}, {0, 1, 1}});
  BOOST_TEST((edges.vertical == Matrix{{0, -1}, {-1, 0}}));
  BOOST_TEST((edges.horizontal == Matrix{{0, -1, 0}}));
}

BOOST_AUTO_TEST_CASE(need_the_data_set_in_the_folder_that_was_named) {
  BOOST_CHECK_THROW(draw_garment(path / "garment.png", path), DataError);
  BOOST_TEST(!std::filesystem::exists(path / "garment.png"));
}

BOOST_AUTO_TEST_SUITE_END()
