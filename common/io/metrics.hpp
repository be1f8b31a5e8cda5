// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/shape.hpp"

namespace cnn::io {

/// What one optimizer step measured.
struct StepRecord {
  Index epoch = 0;     ///< from 1
  Index step = 0;      ///< from 1
  double loss = 0;     ///< mean cross-entropy over the batch
  Index correct = 0;   ///< images of the batch classified correctly
  Index examples = 0;  ///< images in the batch
  double seconds = 0;  ///< time of the step
  /// \param other  another record
  /// \return       true if every number is the same; NaN is not the same as itself
  bool operator==(const StepRecord& other) const = default;
};

/// What one epoch measured.
struct EpochRecord {
  Index epoch = 0;            ///< from 1
  double loss = 0;            ///< mean cross-entropy over the epoch's batches
  double train_accuracy = 0;  ///< share of training images classified correctly while training, 0 ... 1
  double test_accuracy = 0;   ///< share of test images classified correctly after the epoch, 0 ... 1
  double seconds = 0;         ///< training time of the epoch
  /// Most memory taken by then, see peak_memory(); 0 if not known, and then not written.
  Index peak_bytes = 0;
  /// \param other  another record
  /// \return       true if every number is the same; NaN is not the same as itself
  bool operator==(const EpochRecord& other) const = default;
};

/// What one layer did in one step.
struct LayerRecord {
  Index epoch = 0;    ///< from 1
  Index step = 0;     ///< from 1
  std::string layer;  ///< its name, "conv.0"
  double spread = 0;  ///< standard deviation of an output over the images of the batch, mean over the outputs
  double gradient = 0;             ///< Euclidean norm of the gradients of its parameters; 0 if it has none
  std::vector<Index> histogram{};  ///< how many values of its first channel lie in each 64th of [-4, 4]
};

/// The log of a run, `metrics.jsonl`: one JSON object a line. Each record is one write to the file, so that a run killed at
/// any moment leaves at most one incomplete line, the last. NaN and infinity, which JSON lacks, are written as null.
class MetricsLog {
 public:
  /// Starts a log, or goes on with one.
  /// \param path        the file; its folder must exist
  /// \param keep_bytes  length to cut an existing log to, a former bytes(); 0 starts anew
  /// \throws DataError  the file cannot be opened, or is not a log of which keep_bytes could have been the length
  explicit MetricsLog(std::filesystem::path path, std::uint64_t keep_bytes = 0);
  ~MetricsLog();
  MetricsLog(const MetricsLog&) = delete;
  MetricsLog& operator=(const MetricsLog&) = delete;

  /// Appends a step.
  /// \param record  what was measured
  /// \throws DataError  the disk is full, or another failure; the log then ends with the record before
  void step(const StepRecord& record);
  /// Appends an epoch.
  /// \param record  what was measured
  /// \throws DataError  the disk is full, or another failure; the log then ends with the record before
  void epoch(const EpochRecord& record);
  /// Appends what a layer did.
  /// \param record  what was measured
  /// \throws DataError  the disk is full, or another failure; the log then ends with the record before
  void layer(const LayerRecord& record);

  /// \return length of the log so far, for a checkpoint
  std::uint64_t bytes() const noexcept { return bytes_; }
  /// Waits until everything written is on the disk: call it before a checkpoint that relies on bytes().
  /// \throws DataError  the disk is full, or another failure
  void sync();

 private:
  void append(std::string_view line);
  [[noreturn]] void fail(int error) const;

  std::filesystem::path path_;
  int descriptor_ = -1;
  std::uint64_t bytes_ = 0;
};

/// Reads the epochs of a log; an incomplete last line is ignored, null becomes NaN.
/// \param path  the log
/// \return      its epochs, in order
/// \throws DataError  the file is missing or is not such a log; the text names the line
std::vector<EpochRecord> read_metrics(const std::filesystem::path& path);

/// Reads the steps of a log; an incomplete last line is ignored, null becomes NaN.
/// \param path  the log
/// \return      its steps, in order
/// \throws DataError  the file is missing or is not such a log; the text names the line
std::vector<StepRecord> read_steps(const std::filesystem::path& path);

/// Writes the epochs as a table: a line `epoch,loss,train_accuracy,test_accuracy,seconds`, then a line for each epoch. The
/// file appears whole or not at all.
/// \param path    file to create or replace
/// \param epochs  what to write
/// \throws DataError  the file cannot be written
void write_metrics_csv(const std::filesystem::path& path, const std::vector<EpochRecord>& epochs);

}  // namespace cnn::io
