// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/data/dataset.hpp"
#include "common/io/plot.hpp"
#include "common/nn/module.hpp"
#include "common/train/evaluate.hpp"

namespace cnn {

/// What a network answered to the images of a data set, image by image. Its add() fits evaluate().
class Answers {
 public:
  /// Notes the answers to one more batch.
  /// \param logits  [n, classes]
  /// \param labels  i64 [n]
  void add(const Tensor& logits, const Tensor& labels);

  /// What was answered to one image.
  struct Answer {
    Index label = 0;        ///< the right class
    Index prediction = 0;   ///< the class with the largest score
    float probability = 0;  ///< that the network gave to its prediction
  };

  /// \return the answers, in the order of the images
  const std::vector<Answer>& all() const noexcept { return answers_; }

  /// \return counts[i][j]: how many images of class i were taken for class j
  std::vector<std::vector<Index>> confusion() const;

  /// \param count  how many
  /// \return       places of the wrong answers that the network was most sure of, the surest first; fewer if it erred less often
  std::vector<Index> surest_errors(Index count) const;

 private:
  std::vector<Answer> answers_;
  Index classes_ = 0;
};

/// Draws what became of a network, into a run folder: confusion.csv and confusion.png, how often it takes one class for
/// another; wrong.png and wrong.txt, the 25 images on which it was most surely wrong; filters.png, the kernels of its first
/// convolution.
/// \param folder   where the files go
/// \param answers  its answers to all images of the data set
/// \param images   the data set
/// \param model    the network
/// \param title    shown above the confusion matrix
/// \return         why confusion.png was not drawn, if so: gnuplot is absent, failed or hung
/// \throws DataError  a file cannot be written
io::Drawing write_report(const std::filesystem::path& folder, const Answers& answers,
                         const data::Dataset& images, nn::Module& model, const std::string& title);

}  // namespace cnn
