// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "common/data/dataset.hpp"
#include "common/io/metrics.hpp"
#include "common/io/run_info.hpp"
#include "common/nn/summary.hpp"
#include "common/train/report.hpp"

namespace cnn {

/// A picture on the page of a run.
struct PagePicture {
  std::string caption;  ///< what it shows
  Tensor image;         ///< as for io::encode_png()
};

/// What the page of a run is made of.
struct RunPage {
  std::string title;                           ///< "5.5 lenet, seed 0"
  std::string command;                         ///< makes the run again
  io::RunInfo info{};                          ///< what its run.json says
  nn::Summary layers{};                        ///< of the network, for one image
  std::vector<io::EpochRecord> epochs{};       ///< those it finished
  std::vector<io::StepRecord> steps{};         ///< all of them
  std::vector<std::string> class_names{};      ///< of the classes
  const Predictions* predictions = nullptr;    ///< for all test images; null if the run was interrupted
  const data::Dataset* test_images = nullptr;  ///< what they are of
  std::vector<PagePicture> pictures{};         ///< what the network looks for, and sees
  bool interrupted = false;                    ///< whether the training was to go on
};

/// Makes the page of a run: what it was, its curves, which classes it takes for which, the images on which it was most
/// confidently wrong, pictures, layers, time and memory. What there is nothing of is left out; of many classes, layers or steps
/// the page shows a part, and says so.
/// \param page  what there is
/// \return      HTML, one file that asks for no other
std::string to_html(const RunPage& page);

}  // namespace cnn
