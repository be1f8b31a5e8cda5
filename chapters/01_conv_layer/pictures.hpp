// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <vector>

#include "chapters/01_conv_layer/learn_kernel.hpp"

namespace cnn::conv_layer {

/// Draws the book's image and its edges: red where white turns to black, blue where black turns to white.
/// \param file  PNG to write
/// \throws DataError  the file cannot be written
void draw_edge_image(const std::filesystem::path& file);

/// Draws the kernel after each step of learning, row by row, and last the kernel that made the data. Red is positive, blue
/// is negative.
/// \param file    PNG to write
/// \param course  steps of learning
/// \throws DataError  the file cannot be written
void draw_learning(const std::filesystem::path& file,
                   const std::vector<LearningStep>& course);

/// Draws the first test image of Fashion-MNIST with its vertical and its horizontal edges. Where the data set is not on this
/// machine and no folder was named, says so and draws nothing.
/// \param file    PNG to write
/// \param folder  folder with the data set, empty for the usual places
/// \throws DataError  the file cannot be written, or the data set is damaged or not in the named folder
void draw_garment(const std::filesystem::path& file,
                  const std::filesystem::path& folder);

/// The pictures of draw_garment() as numbers.
struct GarmentEdges {
  Matrix vertical;    ///< pixel minus its right neighbour, [h, w - 1]
  Matrix horizontal;  ///< pixel minus the one below, [h - 1, w]
};

/// \param garment  an image, [h, w]
/// \return         its edges
//! [garment]
inline GarmentEdges edges_of(const Matrix& garment) {
  return {.vertical = corr2d(garment, {{1, -1}}),
          .horizontal = corr2d(garment, {{1}, {-1}})};
}
//! [garment]

}  // namespace cnn::conv_layer
