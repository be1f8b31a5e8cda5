// SPDX-License-Identifier: MIT
#pragma once

#include "common/data/dataset.hpp"
#include "common/nn/summary.hpp"
#include "common/train/observer.hpp"
#include "common/train/report.hpp"
#include "common/train/run.hpp"

namespace cnn {

/// Classifies the test images with a generator of its own, so that the run's is not disturbed; an interrupt ends it early.
/// \param model        the network
/// \param test         the images
/// \param options      of the run
/// \param predictions  gets what the network took them for
/// \return             loss and accuracy
Evaluation measure(nn::Module& model, const data::Dataset& test, const Options& options,
                   Predictions& predictions);

/// Writes report.html into the run folder, from its files and from what is given here.
/// \param run          the run
/// \param model        its network
/// \param layers       of the network, as the chapter wrote them
/// \param test         test images
/// \param predictions  for all of them; with none the page shows no errors and no feature maps
/// \param interrupted  whether the training was to go on
/// \throws DataError  the page cannot be written
void write_run_page(Run& run, nn::Module& model, const nn::Summary& layers, const data::Dataset& test,
                    const Predictions& predictions, bool interrupted = false);

/// Draws what write_report() draws, and writes the page of the run.
/// \param run          the run
/// \param model        its network
/// \param layers       of the network, as the chapter wrote them
/// \param test         test images
/// \param predictions  for all of them
/// \throws DataError  a file cannot be written
void report_run(Run& run, nn::Module& model, const nn::Summary& layers, const data::Dataset& test,
                const Predictions& predictions);

/// Reports what became of the network, from its predictions after the last epoch; of an interrupted run there is only the page.
class Reporter : public TrainerObserver {
 public:
  /// \param run     must outlive this object
  /// \param layers  of the network, before any is fused; must outlive this object
  /// \param test    test images; must outlive this object
  Reporter(Run& run, const nn::Summary& layers, const data::Dataset& test)
      : run_(run), layers_(layers), test_(test) {}

  void on_test_batch(Trainer& trainer, const Tensor& logits, const Tensor& labels) override;
  void on_stop(Trainer& trainer) override;
  void on_fit_end(Trainer& trainer) override;

 private:
  Run& run_;
  const nn::Summary& layers_;
  const data::Dataset& test_;
  Predictions predictions_;
};

}  // namespace cnn
