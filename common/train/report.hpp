// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/data/dataset.hpp"
#include "common/io/plot.hpp"
#include "common/nn/module.hpp"
#include "common/train/evaluate.hpp"

namespace cnn {

/// What a network took each image of a data set for. Its add() fits evaluate().
class Predictions {
 public:
  /// Adds those of one more batch.
  /// \param logits  [n, classes]
  /// \param labels  i64 [n]
  void add(const Tensor& logits, const Tensor& labels);

  /// That of one image.
  struct Prediction {
    Index label = 0;        ///< the right class
    Index predicted = 0;    ///< the class with the largest score
    float probability = 0;  ///< that the network gave to its prediction
  };

  /// \return the predictions, in the order of the images
  const std::vector<Prediction>& all() const noexcept { return predictions_; }

  /// \return counts[i][j]: how many images of class i were taken for class j
  std::vector<std::vector<Index>> confusion() const;

  /// \param count  how many
  /// \return       indices of the images it was most confidently wrong on, the most confident first; fewer if it erred less often
  std::vector<Index> most_confident_errors(Index count) const;

 private:
  std::vector<Prediction> predictions_;
  Index classes_ = 0;
};

/// \param model  a network
/// \return       the kernels of its first convolution, blue below zero, red above, all on one scale: f32 [3, H, W]; none without one
std::optional<Tensor> filter_picture(nn::Module& model);

/// Draws what became of a network, into a run folder: confusion.csv and confusion.png, how often it takes one class for
/// another; wrong.png and wrong.txt, the 25 images on which it was most confidently wrong; filters.png, the kernels of its first
/// convolution.
/// \param folder       where the files go
/// \param predictions  for all images of the data set
/// \param images       the data set
/// \param model        the network
/// \param names        of the classes
/// \param title        shown above the confusion matrix
/// \return             why confusion.png was not drawn, if so: gnuplot is absent, failed or hung
/// \throws DataError  a file cannot be written
io::Drawing write_report(const std::filesystem::path& folder, const Predictions& predictions,
                         const data::Dataset& images, nn::Module& model,
                         const std::vector<std::string>& names, const std::string& title);

}  // namespace cnn
