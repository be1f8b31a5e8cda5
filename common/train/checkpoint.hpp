// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "common/io/safetensors.hpp"

namespace cnn {

/// Where a run stands: everything besides tensors that decides how it goes on.
struct Position {
  Index epoch = 1;                ///< the epoch in progress, from 1
  Index step = 0;                 ///< steps done in it
  Index total_steps = 0;          ///< steps done since the start
  double loss_sum = 0;            ///< sum of the epoch's batch losses
  Index correct = 0;              ///< training images classified correctly in the epoch
  Index examples = 0;             ///< training images seen in the epoch
  double seconds = 0;             ///< spent in the epoch
  std::string rng_epoch_start{};  ///< generator before the epoch's order was drawn
  std::string rng{};              ///< generator now
  Index metrics_bytes = 0;        ///< length of metrics.jsonl
  std::string rung{};             ///< backend and instruction set that made the numbers so far
};

/// A position and the tensors that go with it.
struct Checkpoint {
  Position position;           ///< where the run stands
  io::NamedTensors model;      ///< parameters and buffers
  io::NamedTensors optimizer;  ///< moments and counters
};

/// The checkpoints of a run: two generations, written in turns, and a file `latest` that names the whole one. A kill at any
/// instant leaves `latest` naming a generation that was complete before.
class CheckpointStore {
 public:
  /// \param folder   checkpoint/ of a run, made when the first is saved
  /// \param chapter  name of the network, checked when loading
  CheckpointStore(std::filesystem::path folder, std::string chapter);

  /// Writes the generation that is not the latest, then renames `latest` into place.
  /// \param checkpoint  what to save
  /// \throws DataError  the disk is full or the folder unwritable; the former checkpoint is still whole
  void save(const Checkpoint& checkpoint);

  /// \return the latest checkpoint, or nothing if none was finished
  /// \throws DataError  it is damaged, of another version or of another network
  std::optional<Checkpoint> load() const;

 private:
  std::optional<int> latest() const;

  std::filesystem::path folder_;
  std::string chapter_;
};

}  // namespace cnn
